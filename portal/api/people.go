package api

import (
	"net/http"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/storage"
)

// personAnswer is a person with access, as the list shows him.
type personAnswer struct {
	ID           string             `json:"id"`
	Login        string             `json:"login"`
	Name         string             `json:"name"`
	Email        string             `json:"email"` // "": none
	State        string             `json:"state"` // invited, active, disabled
	CreatedAt    time.Time          `json:"created_at"`
	LastSignInAt *time.Time         `json:"last_sign_in_at"` // null: never
	LockedUntil  *time.Time         `json:"locked_until"`    // null: not locked
	Roles        []personRoleAnswer `json:"roles"`
}

type personRoleAnswer struct {
	Role  string `json:"role"` // a preset's name, or the id of a role that an organization made
	Title string `json:"title"`
	Place string `json:"place"`
}

// listPeople answers GET /api/v1/people.
func (a *API) listPeople(r *http.Request, q *params) (any, storage.Cursor, error) {
	page := q.page()
	if err := q.done(); err != nil {
		return nil, "", err
	}
	people, next, err := a.Accounts.People(r.Context(), scopeOf(r), page.Cursor, page.Limit)
	if err != nil {
		return nil, "", err
	}
	items := make([]personAnswer, len(people))
	for i, p := range people {
		items[i] = a.personOf(p)
	}
	return items, next, nil
}

func (a *API) personOf(p accounts.Person) personAnswer {
	answer := personAnswer{
		ID: a.id(storage.PublicUser, int64(p.ID)), Login: p.Login, Name: p.Name, Email: p.Email, State: p.State, CreatedAt: p.Created,
		LastSignInAt: instant(p.LastSignIn), LockedUntil: instant(p.WaitingUntil), Roles: []personRoleAnswer{},
	}
	for _, role := range p.Roles {
		answer.Roles = append(answer.Roles, personRoleAnswer{a.roleName(role.Role), role.Title, role.Place})
	}
	return answer
}

func instant(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

// roleName is a role as the API names it: no number of a row leaves the house.
func (a *API) roleName(role accounts.Role) string {
	if id := (accounts.RoleDefinition{Role: role}).ID(); id != 0 {
		return a.id(storage.PublicRole, id)
	}
	return string(role)
}

// roleAnswer is a role with what it grants.
type roleAnswer struct {
	Role        string                `json:"role"`
	Title       string                `json:"title"`
	HeldFor     string                `json:"held_for"` // operator, account
	Custom      bool                  `json:"custom"`
	Permissions []accounts.Permission `json:"permissions"`
}

// listRoles answers GET /api/v1/roles, all of them at once.
func (a *API) listRoles(r *http.Request, q *params) (any, storage.Cursor, error) {
	if err := q.done(); err != nil {
		return nil, "", err
	}
	roles, err := a.Accounts.RolesFor(r.Context(), principalOf(r))
	if err != nil {
		return nil, "", err
	}
	items := make([]roleAnswer, len(roles))
	for i, d := range roles {
		items[i] = roleAnswer{a.roleName(d.Role), d.Name, "account", d.Role.Custom(), d.Permissions}
		if d.OfOperator {
			items[i].HeldFor = "operator"
		}
	}
	return items, "", nil
}
