package walktest

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/storage"
)

// export makes an export of the audit that a person asked for and somebody else approved.
func (w *World) export(t testing.TB, by, approvedBy string, of Side) {
	t.Helper()
	ctx, now := context.Background(), w.Clock.Now()
	var users [2]storage.UserID
	for i, login := range []string{by, approvedBy} {
		user, err := w.Accounts.UserByLogin(ctx, login)
		if err != nil {
			t.Fatal(err)
		}
		users[i] = user
	}
	payload, err := json.Marshal(accounts.AuditExport{Filter: storage.AuditFilter{To: &now}, Format: "csv"})
	if err != nil {
		t.Fatal(err)
	}
	a := storage.Approval{
		OperatorID: of.Operator, Kind: string(accounts.ApproveExport), ObjectKind: "user", ObjectID: int64(users[0]), Summary: Mark + " asks for the audit.",
		Reason: "the yearly review", Payload: storage.JSON(payload), RequestedBy: users[0], RequestedAt: now, ExpiresAt: now.Add(24 * time.Hour),
	}
	err = w.DB.InSystem(ctx, accountstest.Actor, func(tx *storage.Tx) (err error) {
		if a.ID, err = tx.AddApproval(ctx, a); err != nil {
			return err
		}
		return tx.DecideApproval(ctx, a, "approved", users[1], "", now)
	})
	if err != nil {
		t.Fatal(err)
	}
}
