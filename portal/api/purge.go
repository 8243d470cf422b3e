package api

import (
	"errors"
	"net/http"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/portal/purge"
	"github.com/ediport/ediport/storage"
)

// purgeInput is what is to be taken out for good.
type purgeInput struct {
	Kinds     []string `json:"kinds"`      // 835, 270, 271, 276, 277, 278, acknowledgment, other: all that a file holds must be among them
	Before    string   `json:"before"`     // day before which it was received, by your clock
	AccountID publicID `json:"account_id"` // only files with data of nobody but this account; null: of any
	DryRun    bool     `json:"dry_run"`    // count only
	Reason    string   `json:"reason"`     // for who decides
}

// purgePreviewAnswer is what a purge would do.
type purgePreviewAnswer struct {
	Counts []purgeCountAnswer `json:"counts"`
}

type purgeCountAnswer struct {
	Kind    string    `json:"kind"`    // several are joined by +
	Verdict string    `json:"verdict"` // purge; what stays: moving, mixed, shared, young
	Files   int       `json:"files"`
	Sets    int64     `json:"sets"`
	Bytes   int64     `json:"bytes"`
	Oldest  time.Time `json:"oldest"` // received
	Newest  time.Time `json:"newest"`
}

// previewed is the kind of what is only counted, which leaves nothing.
const previewed = "preview"

// purge counts what would be taken out, or asks a second person for it and answers with what waits then.
func (a *API) purge(w http.ResponseWriter, r *http.Request) error {
	var counts []storage.PurgeCount
	did, err := a.once(w, r, http.StatusAccepted, principalOf(r).Actor(), func(once *storage.Once) (made, error) {
		var in purgeInput
		if err := readJSON(r, &in); err != nil {
			return made{}, err
		}
		order, err := a.purgeOrder(r, in)
		if err != nil {
			return made{}, err
		}
		operator, principal := scopeOf(r).Operator, principalOf(r).Doing(once)
		if in.DryRun {
			counts, err = a.Accounts.PreviewPurge(r.Context(), principal, operator, order)
			return made{kind: previewed}, inPurgeField(err)
		}
		id, err := a.Accounts.RequestPurge(r.Context(), principal, operator, order, in.Reason)
		switch {
		case errors.Is(err, accounts.ErrNoSecondPerson):
			return made{}, &purge.Alone
		case errors.Is(err, storage.ErrConflict):
			return made{}, &problem.ApprovalWaits
		}
		return made{id: id}, inPurgeField(err)
	})
	switch {
	case err != nil:
		return err
	case did.kind == previewed:
		return a.json(w, r, http.StatusOK, purgePreviewAnswer{mapped(counts, purgeCountOf)})
	}
	return a.sendApproval(w, r, http.StatusAccepted, did.id)
}

func (a *API) purgeOrder(r *http.Request, in purgeInput) (o accounts.PurgeOrder, err error) {
	o.Kinds = in.Kinds
	if in.Before != "" {
		if o.Before, err = time.ParseInLocation(time.DateOnly, in.Before, principalOf(r).Zone()); err != nil {
			return o, wrong("before", "is a day such as 2026-01-31")
		}
	}
	id, err := a.bodyID("account_id", storage.PublicAccount, &in.AccountID, 0)
	o.Account = storage.AccountID(id)
	return o, err
}

// inPurgeField names the kinds as the body does.
func inPurgeField(err error) error {
	if input, ok := errors.AsType[*accounts.InputError](err); ok && input.Field == "kind" {
		return wrong("kinds", input.Reason)
	}
	return err
}

func purgeCountOf(c storage.PurgeCount) purgeCountAnswer {
	return purgeCountAnswer{c.Kind, string(c.Verdict), c.Files, c.Sets, c.Bytes, c.Oldest, c.Newest}
}
