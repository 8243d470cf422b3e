package accounts

import (
	"context"
	"fmt"
	"strings"

	"github.com/ediport/ediport/storage"
)

// ResetPersonFactors is [Service.ResetFactors] for a person whom the principal manages. It repeats the proof by
// which the person came in: the password is void, too, and a code goes to the address on file, by which the
// person chooses a new one; with that the second step is set up anew. Errors as of [Service.MayManageWholly]; an
// *InputError if there is no reason or no address.
func (s *Service) ResetPersonFactors(ctx context.Context, p *Principal, user storage.UserID, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return &InputError{"reason", "Say how you made sure who it is."}
	}
	if err := s.StartReset(ctx, p, user); err != nil { // first: without an address nothing may be taken away
		return err
	}
	hash, err := s.hasher.Hash(ctx, NewPassword()) // nobody's
	if err != nil {
		return err
	}
	event := storage.AuditEvent{Action: "password.voided", Detail: map[string]any{"reason": "factors_reset"}}
	if err := s.store.ChangePassword(ctx, p.Actor(), user, hash, false, 0, s.now(), event); err != nil {
		return fmt.Errorf("accounts: resetting factors: %w", err)
	}
	return s.ResetFactors(ctx, p.Actor(), user, reason)
}
