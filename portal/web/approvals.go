package web

import (
	"net/http"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/approval"
	"github.com/ediport/ediport/storage"
)

// approvalsData is the list of what waits for a second person, and what was decided.
type approvalsData struct {
	Rows  []approvalRow
	Alone bool // there is nobody else who could decide
	Stuck bool // it takes two people, and nobody else can decide now
}

type approvalRow struct {
	storage.Approval
	Title   string
	Path    string
	State   string
	Moved   bool           // what it would change was changed since: it can't be approved any more
	Export  bool           // it is an export that who looks asked for, and can take out now
	Decides bool           // who looks may decide
	Mine    bool           // who looks asked for it, and may withdraw
	Other   *otherExchange // in which it is decided or taken out, of those of who looks; nil: here
}

// listApprovals shows requests to who may decide on them and to who made them.
func (p *Portal) listApprovals(w http.ResponseWriter, r *http.Request) error {
	principal := principalOf(r)
	all, err := p.Accounts.Approvals(r.Context(), principal)
	if err != nil {
		return err
	}
	data := approvalsData{}
	for _, a := range all {
		row := approvalRow{
			Approval: a, Title: accounts.ApprovalKind(a.Kind).Title(), Path: "/approvals/" + p.id(storage.PublicApproval, a.ID), State: a.Decision,
		}
		if a.Decision == "" {
			row.State = "waiting"
			if p.Accounts.Expired(a) {
				row.State = "expired"
			}
		}
		waiting := row.State == "waiting"
		if waiting {
			if row.Moved, err = p.moved(r, a); err != nil {
				return err
			}
		}
		row.Export = p.Accounts.Exportable(principal, a)
		row.Mine = waiting && a.RequestedBy == principal.UserID
		row.Decides = waiting && !row.Mine // else it would not be listed
		switch {
		case row.Decides:
			row.Other = exchangeOf(principal, a, accounts.DecideApprovals, "/approvals")
		case row.Export:
			row.Other = exchangeOf(principal, a, accounts.ExportAudit, "/approvals")
		}
		data.Rows = append(data.Rows, row)
	}
	for _, o := range principal.Operators {
		if principal.CanAtOperator(accounts.DecideApprovals, o.ID) {
			needed, err := p.Accounts.NeedsApproval(r.Context(), accounts.Place{Operator: o.ID})
			if err != nil {
				return err
			}
			second, err := p.Accounts.SecondPerson(r.Context(), principal, o.ID)
			if err != nil {
				return err
			}
			data.Alone = data.Alone || !needed
			data.Stuck = data.Stuck || needed && !second
		}
	}
	return p.render(w, r, "approvals/list", Page{Title: "Approvals", Data: data})
}

// moved tells whether a request that waits is out of date.
func (p *Portal) moved(r *http.Request, a storage.Approval) (bool, error) {
	return approval.OutOfDate(r.Context(), p.Accounts, p.Desk, principalOf(r), a)
}

// approvalAct returns the handler of a decision.
func (p *Portal) approvalAct(code string, act func(r *http.Request, id int64) error) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := p.pathID(r, storage.PublicApproval)
		if err != nil {
			return err
		}
		if _, err := formOf(r); err != nil {
			return err
		}
		if err := act(r, id); err != nil {
			return jobProblem(err)
		}
		return p.done(w, r, "/approvals", code)
	}
}

func (p *Portal) approve(r *http.Request, id int64) error {
	return p.Accounts.DecideApproval(r.Context(), principalOf(r), id, true, r.PostForm.Get("note"))
}

func (p *Portal) reject(r *http.Request, id int64) error {
	return p.Accounts.DecideApproval(r.Context(), principalOf(r), id, false, r.PostForm.Get("note"))
}

func (p *Portal) withdraw(r *http.Request, id int64) error {
	return p.Accounts.WithdrawApproval(r.Context(), principalOf(r), id)
}
