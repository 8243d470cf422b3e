package accounts

import (
	"context"
	"fmt"

	"github.com/ediport/ediport/storage"
)

// A ManagedPlace is a place to which the principal may invite people.
type ManagedPlace struct {
	Account  storage.AccountID  // 0: the operator itself
	Operator storage.OperatorID // 0: the account
	Name     string
}

// ManagedPlaces returns the places whose people the principal manages: operators, then accounts, by name.
func (s *Service) ManagedPlaces(ctx context.Context, p *Principal) ([]ManagedPlace, error) {
	var places, accounts []ManagedPlace
	seen := map[storage.AccountID]bool{}
	add := func(id storage.AccountID, name string) {
		if !seen[id] {
			seen[id] = true
			accounts = append(accounts, ManagedPlace{Account: id, Name: name})
		}
	}
	err := s.db.InSystem(ctx, p.Actor(), func(t *storage.Tx) error {
		for _, o := range p.operatorsFor(ManagePeople) {
			places = append(places, ManagedPlace{Operator: o.ID, Name: o.Name})
			all, err := t.AccountsOf(ctx, o.ID)
			if err != nil {
				return err
			}
			for _, a := range all {
				if a.Kind != "unrouted" {
					add(a.ID, a.Name)
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("accounts: places: %w", err)
	}
	for _, a := range p.Accounts {
		if p.CanAt(ManagePeople, a.ID) {
			add(a.ID, a.Name)
		}
	}
	return append(places, accounts...), nil
}
