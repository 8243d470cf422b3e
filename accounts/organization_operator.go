package accounts

import (
	"context"
	"fmt"

	"github.com/ediport/ediport/storage"
)

// Operator returns an operator as it is called now, operator 0 being the installation's first, whose name stands on
// pages before anybody is known; storage.ErrNotFound if there is none.
func (s *Service) Operator(ctx context.Context, operator storage.OperatorID) (storage.Operator, error) {
	var all []storage.Operator
	err := s.db.InSystem(ctx, storage.Actor{Kind: storage.ActorSystem}, func(t *storage.Tx) (err error) {
		all, err = t.Operators(ctx)
		return err
	})
	if err != nil {
		return storage.Operator{}, fmt.Errorf("accounts: operator: %w", err)
	}
	for _, o := range all {
		if o.ID == operator || operator == 0 {
			return o, nil
		}
	}
	return storage.Operator{}, fmt.Errorf("accounts: operator: %w", storage.ErrNotFound)
}
