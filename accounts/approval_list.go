package accounts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ediport/ediport/storage"
)

// approvalScopes are the scopes in which the principal's requests are: one for each operator for which he may do something, as what
// he may differs, and one for his accounts.
func (p *Principal) approvalScopes() []storage.Scope {
	var scopes []storage.Scope
	for _, o := range p.Operators {
		if slices.ContainsFunc(o.Permissions, p.within) {
			scopes = append(scopes, storage.Scope{Operator: o.ID, Actor: p.Actor()})
		}
	}
	all := p.ScopeOfAll()
	if len(all.Accounts) > 0 || len(scopes) == 0 {
		scopes = append(scopes, storage.Scope{Accounts: all.Accounts, Home: all.Home, Actor: p.Actor()})
	}
	return scopes
}

func (p *Principal) knowsOf(a storage.Approval) bool {
	return p.decides(a) || a.RequestedBy == p.UserID
}

// Approvals returns the requests that the principal may decide on and those that he made, the open ones first.
func (s *Service) Approvals(ctx context.Context, p *Principal) (all []storage.Approval, err error) {
	for _, scope := range p.approvalScopes() {
		err := s.db.InScopeRead(ctx, scope, func(t *storage.Tx) error {
			some, err := t.Approvals(ctx)
			all = append(all, some...)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("accounts: approvals: %w", err)
		}
	}
	all = slices.DeleteFunc(all, func(a storage.Approval) bool { return !p.knowsOf(a) })
	slices.SortFunc(all, func(a, b storage.Approval) int {
		if open := a.Decision == ""; open != (b.Decision == "") {
			if open {
				return -1
			}
			return 1
		}
		return cmp.Compare(b.ID, a.ID)
	})
	return slices.CompactFunc(all, func(a, b storage.Approval) bool { return a.ID == b.ID }), nil
}

// Approval returns a request that the principal may decide on, or made; else storage.ErrNotFound.
func (s *Service) Approval(ctx context.Context, p *Principal, id int64) (storage.Approval, error) {
	return s.approvalFor(ctx, p, id)
}

// approvalFor returns a request that the principal may know of; else storage.ErrNotFound.
func (s *Service) approvalFor(ctx context.Context, p *Principal, id int64) (a storage.Approval, err error) {
	for _, scope := range p.approvalScopes() {
		err = s.db.InScopeRead(ctx, scope, func(t *storage.Tx) error {
			a, err = t.Approval(ctx, id)
			return err
		})
		if !errors.Is(err, storage.ErrNotFound) {
			break
		}
	}
	if err == nil && !p.knowsOf(a) {
		err = storage.ErrNotFound
	}
	if err != nil {
		return a, fmt.Errorf("accounts: approval: %w", err)
	}
	return a, nil
}
