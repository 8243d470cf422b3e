package accounts

import (
	"slices"
	"time"

	"github.com/ediport/ediport/storage"
)

// A Principal is who asks: a signed-in person, or an API token. What it may do, and on whose rows,
// is fixed when the request is authenticated. It is not changed afterwards, so it may be shared.
type Principal struct {
	UserID    storage.UserID
	Login     string // user id
	Name      string
	SessionID int64 // 0: not a browser session
	TokenID   int64 // 0: not an API token
	TokenName string
	Origin    Origin // where the request came from
	TimeZone  string // the person's choice; "" means the zone of the account or operator

	// Narrowed is the account that the person has narrowed the business plane to; 0 means all of Accounts.
	Narrowed storage.AccountID

	// Exchange is the operator whose exchange plane is in view, of several; 0: there is no choice, see [Principal.ChooseExchange].
	Exchange storage.OperatorID

	Accounts  []AccountAccess  // of the business plane, by name
	Operators []OperatorAccess // of the exchange plane, by name

	SessionEnds time.Time // when the session ends at the latest; zero for tokens
	IdleEnds    time.Time // when the session ends if nothing more is asked; zero for tokens
	MustChange  bool      // the password was set by somebody else and must be changed

	Step        Step      // what the person has to do before anything else
	Assurance   Assurance // what the session proves
	SteppedUpAt time.Time // when the person last proved who he is; zero: not yet
	Shared      bool      // others use the computer, too

	Policy          SecurityPolicy // of sign-in, as it holds for the person; zero for tokens
	PasswordExpires time.Time      // when the password becomes too old by the policy; zero: never
	PasswordExpired bool           // MustChange, because it has

	ConfirmContact bool // it is time to say whether address and phone are still right

	limit          []Permission // a token's scopes
	factorRequired bool         // a role or policy asks for a second factor
	once           *storage.Once
}

// An AccountAccess says what a principal may do with one account's rows.
type AccountAccess struct {
	ID          storage.AccountID
	Name        string
	OperatorID  storage.OperatorID // whose exchange plane serves it
	TimeZone    string             // the account's, else its operator's
	Role        Role               // the first of the grants
	RoleTitle   string             // all of them, in words
	Permissions []Permission       // of all grants together
	Grants      []GrantedRole
}

// An OperatorAccess says what a principal may do in one operator's exchange plane.
type OperatorAccess struct {
	ID              storage.OperatorID
	Name            string
	TimeZone        string
	UnroutedAccount storage.AccountID // holds the rows that belong to no account yet
	Role            Role              // the first of the grants
	RoleTitle       string            // all of them, in words
	Permissions     []Permission      // of all grants together
	Grants          []GrantedRole
}

// Can says whether the principal holds the permission anywhere: for an operator or at least one account.
func (p *Principal) Can(permission Permission) bool {
	if p == nil || !p.within(permission) {
		return false
	}
	return len(p.AccountsFor(permission)) > 0 || len(p.operatorsFor(permission)) > 0
}

// CanAny says whether the principal holds at least one of the permissions.
func (p *Principal) CanAny(permissions ...Permission) bool {
	return slices.ContainsFunc(permissions, p.Can)
}

// CanAt says whether the principal holds the permission for the account, narrowed to it or not.
func (p *Principal) CanAt(permission Permission, account storage.AccountID) bool {
	if p == nil || !p.within(permission) {
		return false
	}
	return slices.ContainsFunc(p.Accounts, func(a AccountAccess) bool {
		return a.ID == account && slices.Contains(a.Permissions, permission)
	})
}

// CanAtOperator says whether the principal holds the permission for the operator.
func (p *Principal) CanAtOperator(permission Permission, operator storage.OperatorID) bool {
	if p == nil || !p.within(permission) {
		return false
	}
	return slices.ContainsFunc(p.Operators, func(o OperatorAccess) bool {
		return o.ID == operator && slices.Contains(o.Permissions, permission)
	})
}

// AccountsFor returns the accounts on whose rows the permission is held, within what the person
// has narrowed to.
func (p *Principal) AccountsFor(permission Permission) []storage.AccountID {
	var ids []storage.AccountID
	if p == nil || !p.within(permission) {
		return nil
	}
	for _, a := range p.Accounts {
		if slices.Contains(a.Permissions, permission) && (p.Narrowed == 0 || p.Narrowed == a.ID) {
			ids = append(ids, a.ID)
		}
	}
	return ids
}

func (p *Principal) operatorsFor(permission Permission) []OperatorAccess {
	var found []OperatorAccess
	for _, o := range p.Operators {
		if p.inExchange(o.ID) && slices.Contains(o.Permissions, permission) {
			found = append(found, o)
		}
	}
	return found
}

// within says whether the token's scopes allow the permission; a person's session has no such limit.
func (p *Principal) within(permission Permission) bool {
	return p.TokenID == 0 || slices.Contains(p.limit, permission)
}

// Zone returns the time zone in which the principal reads instants: the person's own, else that of
// the account in view, else the operator's; UTC where none is known.
func (p *Principal) Zone() *time.Location {
	names := []string{}
	if p != nil {
		names = append(names, p.TimeZone)
		for _, a := range p.Accounts {
			if p.Narrowed == 0 || p.Narrowed == a.ID {
				names = append(names, a.TimeZone)
			}
		}
		for _, o := range p.Operators {
			if p.inExchange(o.ID) {
				names = append(names, o.TimeZone)
			}
		}
	}
	for _, name := range names {
		if zone, err := time.LoadLocation(name); err == nil && name != "" {
			return zone
		}
	}
	return time.UTC
}
