package api

import (
	"context"
	"net/http"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/storage"
)

// person answers GET /api/v1/people/{id}.
func (a *API) person(ctx context.Context, _ storage.Scope, user storage.UserID) (personAnswer, error) {
	principal, _ := ctx.Value(principalKey{}).(*accounts.Principal)
	d, err := a.Accounts.PersonDetail(ctx, principal, user)
	if err != nil {
		return personAnswer{}, err
	}
	return a.personOf(d.Person), nil
}

// unlockPerson answers POST /api/v1/people/{id}/unlock: the person may try again at once, for the reason given.
func (a *API) unlockPerson(r *http.Request, scope storage.Scope) (int64, error) {
	id, err := a.pathID(r, storage.PublicUser)
	if err != nil {
		return 0, err
	}
	user := storage.UserID(id)
	if err := a.Accounts.MayManage(r.Context(), principalOf(r), user, accounts.ManagePeople); err != nil {
		return 0, err
	}
	var words reason
	if err := readJSON(r, &words); err != nil {
		return 0, err
	}
	return id, a.Accounts.UnlockPerson(r.Context(), scope, user, words.Reason)
}
