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
	Invite bool // may add people
	Roles  bool // may see what roles grant
}

type personRow struct {
	accounts.Person
	Path   string
	Unlock string // path of the page that unlocks; "" if there is nothing to unlock
}

const peoplePerPage = 50

// listPeople shows who has access, and whom failed attempts keep waiting.
func (p *Portal) listPeople(w http.ResponseWriter, r *http.Request) error {
	people, next, err := p.Accounts.People(r.Context(), scopeOf(r), cursorOf(r), peoplePerPage)
	if err != nil {
		return err
	}
	data := peopleData{Pager: pager(r, next), Invite: principalOf(r).Can(accounts.ManagePeople)}
	for _, person := range people {
		row := personRow{Person: person, Path: p.personPath(person.ID)}
		if data.Invite && !person.WaitingUntil.IsZero() {
			row.Unlock = "/people/locked"
		}
		data.People = append(data.People, row)
	}
	return p.render(w, r, "people/list", Page{Title: "People", Data: data})
}

func (p *Portal) personPath(id storage.UserID) string {
	return "/people/" + p.id(storage.PublicUser, int64(id))
}
