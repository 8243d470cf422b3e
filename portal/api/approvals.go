package api

import (
	"context"
	"net/http"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/approval"
	"github.com/ediport/ediport/storage"
)

// approvalRoutes are those of what waits for a second person. Nothing is approved here: a person does that in the
// portal, where he has to prove again who he is.
func (a *API) approvalRoutes() []route {
	known := need(accounts.DecideApprovals, accounts.ManageConnections, accounts.ManagePolicies, accounts.PurgeData, accounts.ExportAudit)
	return []route{
		{"GET /api/v1/approvals", known, a.pages(a.listApprovals)},
		{"GET /api/v1/approvals/{id}", known, a.showApproval},
		{"POST /api/v1/approvals/{id}/reject", need(accounts.DecideApprovals), a.rejectApproval},
		{"POST /api/v1/approvals/{id}/withdraw", known, a.withdrawApproval},
	}
}

// approvalAnswer is a request that takes two people.
type approvalAnswer struct {
	ID          string     `json:"id"`
	Kind        string     `json:"kind"` // host_key.replace, policy.weaken, purge, export.bulk
	Summary     string     `json:"summary"`
	Reason      string     `json:"reason"`
	Place       string     `json:"place"`
	RequestedBy string     `json:"requested_by"`
	RequestedAt time.Time  `json:"requested_at"`
	ExpiresAt   time.Time  `json:"expires_at"`
	OutOfDate   bool       `json:"out_of_date"` // it waits, but what it would change was changed since: it can't be approved any more
	Decision    string     `json:"decision"`    // "": none yet
	DecidedBy   string     `json:"decided_by"`
	DecidedAt   *time.Time `json:"decided_at"` // null: not yet
}

// listApprovals answers GET /api/v1/approvals, the open ones first: those on which the principal may decide, and his own.
func (a *API) listApprovals(r *http.Request, q *params) (any, storage.Cursor, error) {
	if err := q.done(); err != nil {
		return nil, "", err
	}
	all, err := a.Accounts.Approvals(r.Context(), principalOf(r))
	if err != nil {
		return nil, "", err
	}
	items := make([]approvalAnswer, len(all))
	for i, x := range all {
		if items[i], err = a.approvalOf(r.Context(), principalOf(r), x); err != nil {
			return nil, "", err
		}
	}
	return items, "", nil
}

func (a *API) approvalOf(ctx context.Context, p *accounts.Principal, x storage.Approval) (approvalAnswer, error) {
	moved, err := a.moved(ctx, p, x)
	return approvalAnswer{
		a.id(storage.PublicApproval, x.ID), x.Kind, x.Summary, x.Reason, x.Place, x.Requester, x.RequestedAt, x.ExpiresAt, moved, x.Decision, x.Decider, x.DecidedAt,
	}, err
}

// moved tells whether a request that waits is out of date.
func (a *API) moved(ctx context.Context, p *accounts.Principal, x storage.Approval) (bool, error) {
	if x.Decision != "" || a.Accounts.Expired(x) {
		return false, nil
	}
	return approval.OutOfDate(ctx, a.Accounts, a.Desk, p, x)
}

func (a *API) showApproval(w http.ResponseWriter, r *http.Request) error {
	id, err := a.pathID(r, storage.PublicApproval)
	if err != nil {
		return err
	}
	return a.sendApproval(w, r, http.StatusOK, id)
}

// sendApproval answers with a request.
func (a *API) sendApproval(w http.ResponseWriter, r *http.Request, status int, id int64) error {
	x, err := a.Accounts.Approval(r.Context(), principalOf(r), id)
	if err != nil {
		return err
	}
	answer, err := a.approvalOf(r.Context(), principalOf(r), x)
	if err != nil {
		return err
	}
	return a.json(w, r, status, answer)
}

// rejectInput is why a request is rejected.
type rejectInput struct {
	Note string `json:"note"` // stands beside the decision
}

func (a *API) rejectApproval(w http.ResponseWriter, r *http.Request) error {
	id, err := a.pathID(r, storage.PublicApproval)
	if err != nil {
		return err
	}
	return a.askOnce(w, r, http.StatusOK, func(p *accounts.Principal) (int64, error) {
		var in rejectInput
		if err := readJSON(r, &in); err != nil {
			return 0, err
		}
		return id, a.Accounts.DecideApproval(r.Context(), p, id, false, in.Note)
	})
}

func (a *API) withdrawApproval(w http.ResponseWriter, r *http.Request) error {
	id, err := a.pathID(r, storage.PublicApproval)
	if err != nil {
		return err
	}
	return a.askOnce(w, r, http.StatusOK, func(p *accounts.Principal) (int64, error) {
		return id, a.Accounts.WithdrawApproval(r.Context(), p, id)
	})
}
