package web

import (
	"net/http"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/storage"
)

// peopleData is the list of people with a role in the operator's exchange and accounts.
type peopleData struct {
	People []personRow
	Pager  Pager
	Manage bool // may unlock
}

type personRow struct {
	accounts.Person
	Unlock string // path; "" if there is nothing to unlock
}

const peoplePerPage = 50

// listPeople shows who has access, and whom failed attempts keep waiting.
func (p *Portal) listPeople(w http.ResponseWriter, r *http.Request) error {
	people, next, err := p.Accounts.People(r.Context(), scopeOf(r), cursorOf(r), peoplePerPage)
	if err != nil {
		return err
	}
	data := peopleData{Pager: pager(r, next), Manage: principalOf(r).Can(accounts.ManageAccounts)}
	for _, person := range people {
		row := personRow{Person: person}
		if data.Manage && !person.WaitingUntil.IsZero() {
			row.Unlock = "/people/" + p.id(storage.PublicUser, int64(person.ID)) + "/unlock"
		}
		data.People = append(data.People, row)
	}
	return p.render(w, r, "people/list", Page{Title: "People", Data: data})
}

func (p *Portal) unlockPerson(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicUser)
	if err != nil {
		return err
	}
	if err := p.Accounts.UnlockPerson(r.Context(), scopeOf(r), storage.UserID(id)); err != nil {
		return err
	}
	return p.done(w, r, "/people", "unlocked")
}
