package accounts

import (
	"context"
	"fmt"
	"slices"

	"github.com/ediport/ediport/storage"
)

// A Mismatch says that what a person is linked to doesn't fit the directory of identifiers any more: he signs in, but
// answers under that number don't reach him.
type Mismatch struct {
	Account string // name
	NPI     string // that is meant; "" for all of the account's
	Retired bool   // it was valid once; else it is not known at all
}

// Sentence says it to the person, with what to do.
func (m Mismatch) Sentence() string {
	const fix = " Ask an administrator of your organization to correct it under practice information."
	switch {
	case m.NPI == "":
		return fmt.Sprintf("No NPI of %s is valid any more, so new answers don't reach it.%s", m.Account, fix)
	case m.Retired:
		return fmt.Sprintf("You are linked to the NPI %s of %s, which has been retired there.%s", m.NPI, m.Account, fix)
	}
	return fmt.Sprintf("You are linked to the NPI %s, which %s doesn't have.%s", m.NPI, m.Account, fix)
}

// Mismatches returns what doesn't fit of the principal's accounts.
func (s *Service) Mismatches(ctx context.Context, p *Principal) ([]Mismatch, error) {
	var ids []storage.AccountID
	for _, a := range p.Accounts {
		ids = append(ids, a.ID)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := s.store.AccountNPIs(ctx, ids, s.now().In(p.Zone()))
	if err != nil {
		return nil, fmt.Errorf("accounts: directory: %w", err)
	}
	var found []Mismatch
	for _, a := range p.Accounts {
		var valid, retired []string
		for _, r := range rows {
			switch {
			case r.Account != a.ID:
			case r.Valid:
				valid = append(valid, r.NPI)
			default:
				retired = append(retired, r.NPI)
			}
		}
		if len(valid) == 0 && len(retired) > 0 {
			found = append(found, Mismatch{Account: a.Name, Retired: true})
			continue
		}
		for _, npi := range linkedNPIs(a) {
			if !slices.Contains(valid, npi) {
				found = append(found, Mismatch{a.Name, npi, slices.Contains(retired, npi)})
			}
		}
	}
	return found, nil
}

// linkedNPIs returns the NPIs to which the person's roles at the account are limited.
func linkedNPIs(a AccountAccess) []string {
	var npis []string
	for _, g := range a.Grants {
		npis = append(npis, g.Limit.NPIs...)
	}
	slices.Sort(npis)
	return slices.Compact(npis)
}
