package web

import (
	"errors"
	"net/http"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/storage"
)

// approvalsData is the list of what waits for a second person, and what was decided.
type approvalsData struct {
	Rows  []approvalRow
	Alone bool // there is nobody else who could decide
}

type approvalRow struct {
	storage.Approval
	Title   string
	Path    string
	State   string
	Decides bool // who looks may decide
	Mine    bool // who looks asked for it, and may withdraw
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
		row.Mine = waiting && a.RequestedBy == principal.UserID
		row.Decides = waiting && !row.Mine && principal.Can(accounts.DecideApprovals)
		data.Rows = append(data.Rows, row)
	}
	for _, o := range principal.Operators {
		if principal.CanAtOperator(accounts.DecideApprovals, o.ID) {
			needed, err := p.Accounts.NeedsApproval(r.Context(), accounts.Place{Operator: o.ID})
			if err != nil {
				return err
			}
			data.Alone = data.Alone || !needed
		}
	}
	return p.render(w, r, "approvals/list", Page{Title: "Approvals", Data: data})
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

// approveHostKey pins the key that the server showed; the form names it, so that nobody approves
// another one than he has seen. A first key is one person's to approve; one in place of a key that the
// server had takes two, where there are two.
func (p *Portal) approveHostKey(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicConnection)
	if err != nil {
		return err
	}
	if _, err := formOf(r); err != nil {
		return err
	}
	key, path := r.PostForm.Get("key"), "/connections/"+r.PathValue("id")
	waits, err := p.Accounts.RequestHostKey(r.Context(), principalOf(r), scopeOf(r), storage.ConnectionID(id), key, r.PostForm.Get("reason"))
	switch {
	case errors.Is(err, storage.ErrConflict):
		return p.done(w, r, "/approvals", "approval-requested")
	case err != nil:
		return err
	case waits:
		return p.done(w, r, path, "approval-requested")
	}
	if err := p.Desk.ApproveHostKey(r.Context(), scopeOf(r), storage.ConnectionID(id), key); err != nil {
		return jobProblem(err)
	}
	return p.done(w, r, path, "connection-approved")
}
