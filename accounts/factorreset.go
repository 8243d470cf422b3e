package accounts

import (
	"context"
	"fmt"
	"strings"

	"github.com/ediport/ediport/storage"
)

// ResetPersonFactors is [Service.ResetFactors] for a person whom the principal manages. It repeats the proof by
// which the person came in: the password is void, too, and a code goes to the address on file, by which the
// person chooses a new one; with that the second step is set up anew. All of it happens, or nothing. Errors as of [Service.MayTakeOver]; an
// *InputError if there is no reason or no address, ErrOwnAddress for who has changed it within three days.
func (s *Service) ResetPersonFactors(ctx context.Context, p *Principal, user storage.UserID, reason string) error {
	hash, err := s.hasher.Hash(ctx, NewPassword()) // nobody's; before the transaction, which must not wait for a turn of computing
	if err != nil {
		return err
	}
	err = s.db.InSystem(ctx, p.Actor(), func(t *storage.Tx) error {
		if _, err := t.LockUser(ctx, user); err != nil {
			return err
		}
		if err := s.mayTakeOverIn(ctx, t, p, user); err != nil { // before anything is said of what was typed
			return err
		}
		if strings.TrimSpace(reason) == "" {
			return &InputError{"reason", "Say how you made sure who it is."}
		}
		if err := s.startReset(ctx, t, p, user); err != nil { // without an address nothing may be taken away
			return err
		}
		if err := s.resetFactors(ctx, t, user, reason); err != nil {
			return err
		}
		if err := t.ReplacePassword(ctx, user, hash, 0, s.now()); err != nil {
			return err
		}
		event := storage.AuditEvent{Action: "password.voided", ObjectKind: "user", ObjectID: int64(user), Detail: map[string]any{"reason": "factors_reset"}}
		return t.Audit(ctx, event)
	})
	if err != nil {
		return fmt.Errorf("accounts: resetting factors: %w", err)
	}
	return nil
}
