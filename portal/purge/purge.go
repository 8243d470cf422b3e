// Package purge joins what both doors need to take data out for good: accounts knows who may ask and who agreed, jobs does it.
package purge

import (
	"context"
	"net/http"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/storage"
)

// Act begins an approved purge, in the transaction of the decision.
func Act(desk *jobs.Desk) accounts.ApprovalAct {
	return accounts.PurgeAct(func(ctx context.Context, t *storage.Tx, a storage.Approval, o accounts.PurgeOrder) error {
		_, err := desk.PurgeIn(ctx, t, jobs.PurgeOrder{
			Account: o.Account, Kinds: o.Kinds, Before: o.Before, Asked: a.RequestedBy, Agreed: a.DecidedBy, Approval: a.ID,
		})
		return err
	})
}

// Alone says how whoever runs an exchange alone goes on.
var Alone = problem.Problem{
	Code: "purge.alone", Status: http.StatusConflict, Title: "A purge takes two people",
	Sentence: "It can’t be undone, and nobody else here could approve it.",
	Next:     "Make somebody else an administrator, or run “ediport purge” on the machine itself.",
}
