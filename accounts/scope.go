package accounts

import (
	"slices"

	"github.com/ediport/ediport/storage"
)

// Scope returns what the principal's transactions may see when they are made under the given
// permissions: the accounts on whose rows at least one of them is held, and the exchange plane of
// the operator for which one is held, with the account that holds its unrouted rows if
// RouteUnrouted or ViewFiles is among them. It says of which accounts the patients are masked, and which
// rows are left out. It is the only place where permissions become rows.
//
// The scope of permissions that aren't held names nobody; storage refuses it with ErrNoScope. It names one
// operator at most, see [Principal.operatorFor].
func (p *Principal) Scope(permissions ...Permission) storage.Scope {
	scope := storage.Scope{Actor: p.Actor()}
	operator := p.operatorFor(permissions)
	scope.Operator = operator.ID
	for _, permission := range permissions {
		for _, id := range p.AccountsFor(permission) {
			scope.Accounts = appendNew(scope.Accounts, id)
		}
		if (permission == RouteUnrouted || permission == ViewFiles) && p.CanAtOperator(permission, operator.ID) {
			scope.Accounts = appendNew(scope.Accounts, operator.UnroutedAccount)
		}
	}
	scope.Home = p.home(scope)
	p.narrowFields(&scope, permissions)
	p.narrowRows(&scope, permissions)
	return scope
}

// operatorFor returns the operator for which all those of the permissions are held that are held for any; of several the one
// that is chosen, else the first by name, and one without id if there is none. Whoever works for two operators with different rights thus meets the
// one that the rights in question are his at, and where that isn't one of them, neither: what he may do for the one must not
// open rows of the other.
func (p *Principal) operatorFor(permissions []Permission) OperatorAccess {
	var held []Permission
	for _, permission := range permissions {
		if p.within(permission) && len(p.operatorsFor(permission)) > 0 {
			held = append(held, permission)
		}
	}
	for _, o := range p.Operators {
		missing := slices.ContainsFunc(held, func(permission Permission) bool { return !slices.Contains(o.Permissions, permission) })
		if len(held) > 0 && !missing && p.inExchange(o.ID) {
			return o
		}
	}
	return OperatorAccess{}
}

// ScopeOfAll returns the scope of everything the principal may see: for the pages that show to each
// what is his.
func (p *Principal) ScopeOfAll() storage.Scope { return p.Scope(Permissions()...) }

// home returns the operator whose payers may be read: the scope's own, else that of its first account.
func (p *Principal) home(scope storage.Scope) storage.OperatorID {
	if scope.Operator != 0 {
		return scope.Operator
	}
	for _, a := range p.Accounts {
		if slices.Contains(scope.Accounts, a.ID) {
			return a.OperatorID
		}
	}
	return 0
}

// Actor returns the principal as the audit names it.
func (p *Principal) Actor() storage.Actor {
	actor := p.Origin.actor(storage.ActorUser, int64(p.UserID))
	if p.TokenID != 0 {
		actor = p.Origin.actor(storage.ActorToken, p.TokenID)
	}
	actor.Once = p.once
	return actor
}

// Doing returns the principal for one act that happens at most once, however often it is asked for.
func (p *Principal) Doing(once *storage.Once) *Principal {
	q := *p
	q.once = once
	return &q
}

func appendNew(ids []storage.AccountID, id storage.AccountID) []storage.AccountID {
	if slices.Contains(ids, id) {
		return ids
	}
	return append(ids, id)
}
