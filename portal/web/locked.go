package web

import (
	"errors"
	"net/http"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/storage"
)

// lockedData is the list of people whom failed attempts keep out.
type lockedData struct {
	People []lockedRow
	Manage bool
	Reason string // as typed, if it can't be taken
	Wrong  string // the path whose reason is missing
}

type lockedRow struct {
	accounts.LockedPerson
	Unlock string // path
}

func (p *Portal) listLocked(w http.ResponseWriter, r *http.Request) error {
	return p.renderLocked(w, r, lockedData{}, nil)
}

func (p *Portal) renderLocked(w http.ResponseWriter, r *http.Request, data lockedData, fields FieldErrors) error {
	scope := principalOf(r).Scope(accounts.ViewAccounts)
	people, err := p.Accounts.Locked(r.Context(), scope)
	if err != nil {
		return err
	}
	data.Manage = principalOf(r).Can(accounts.ManagePeople)
	for _, person := range people {
		data.People = append(data.People, lockedRow{person, "/people/" + p.id(storage.PublicUser, int64(person.ID)) + "/unlock"})
	}
	page := Page{Title: "Locked people", Crumbs: peopleCrumbs, Data: data, Errors: fields}
	if fields != nil {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.render(w, r, "people/locked", page)
}

// unlockPerson opens a lock, for the reason given.
func (p *Portal) unlockPerson(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicUser)
	if err != nil {
		return err
	}
	values, err := formOf(r)
	if err != nil {
		return err
	}
	if err := p.Accounts.MayManage(r.Context(), principalOf(r), storage.UserID(id), accounts.ManagePeople); err != nil {
		return err
	}
	err = p.Accounts.UnlockPerson(r.Context(), scopeOf(r), storage.UserID(id), values.Get("reason"))
	var input *accounts.InputError
	if errors.As(err, &input) {
		return p.renderLocked(w, r, lockedData{Reason: values.Get("reason"), Wrong: r.URL.Path}, fieldErrors(err))
	}
	if err != nil {
		return err
	}
	return p.done(w, r, "/people/locked", "unlocked")
}

// lockCause says in words why a user is locked.
func lockCause(l accounts.Lock) string {
	switch l.Reason {
	case accounts.LockedByFailures:
		return "Too many failed attempts in a row; it opens by itself."
	case accounts.LockedByPolicy:
		return "Too many failed attempts in a row; by your policy somebody unlocks."
	case accounts.LockedByLimit:
		return "The most failed attempts that are ever allowed in a row; somebody unlocks, or the person recovers the password."
	}
	return ""
}
