package api

import (
	"net/http"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/storage"
)

// meAnswer says who the token acts for, and what it may do.
type meAnswer struct {
	UserID      string                `json:"user_id"`
	Login       string                `json:"login"`
	Name        string                `json:"name"`
	Token       tokenAnswer           `json:"token"`
	Permissions []accounts.Permission `json:"permissions"` // held somewhere, within the token's scopes
	Accounts    []placeAnswer         `json:"accounts"`
	Operators   []placeAnswer         `json:"operators"`
}

type tokenAnswer struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type placeAnswer struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Role     string `json:"role"` // the one with most permissions
	TimeZone string `json:"time_zone"`
}

// me answers GET /api/v1/me.
func (a *API) me(w http.ResponseWriter, r *http.Request) error {
	p := principalOf(r)
	answer := meAnswer{
		UserID: a.id(storage.PublicUser, int64(p.UserID)), Login: p.Login, Name: p.Name,
		Token:       tokenAnswer{a.id(storage.PublicToken, p.TokenID), p.TokenName},
		Permissions: p.Permissions(), Accounts: []placeAnswer{}, Operators: []placeAnswer{},
	}
	for _, at := range p.Accounts {
		answer.Accounts = append(answer.Accounts, placeAnswer{a.id(storage.PublicAccount, int64(at.ID)), at.Name, a.roleName(at.Role), at.TimeZone})
	}
	for _, at := range p.Operators {
		answer.Operators = append(answer.Operators, placeAnswer{a.id(storage.PublicOperator, int64(at.ID)), at.Name, a.roleName(at.Role), at.TimeZone})
	}
	return a.json(w, r, http.StatusOK, answer)
}
