package web

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/portal/purge"
	"github.com/ediport/ediport/storage"
)

// purgeData is the page of purges: what is to go, what that would be, and what went.
type purgeData struct {
	formValues
	Kinds    []purgeKind
	Accounts []option
	Asked    bool // the counts are of what was asked for
	Counts   []purgeCount
	Files    int // that would go
	Alone    bool
	Runs     []runRow
}

type purgeKind struct {
	Value, Label string
	On           bool
}

// A purgeCount is a line of the preview.
type purgeCount struct {
	storage.PurgeCount
	Title string
	Stays string // why; "" for what goes
}

// purgeStays says why a purge leaves files alone.
var purgeStays = map[storage.PurgeVerdict]string{
	storage.PurgeMoving: "stays: waits to be loaded or sent", storage.PurgeMixed: "stays: holds other kinds, too",
	storage.PurgeShared: "stays: holds data of other accounts, too", storage.PurgeYoung: "stays: something in it came later",
}

// showPurge shows the form and, once it is filled in, what a purge would take out. It changes nothing.
func (p *Portal) showPurge(w http.ResponseWriter, r *http.Request) error {
	return p.renderPurge(w, r, formValues{values: r.URL.Query()})
}

func (p *Portal) renderPurge(w http.ResponseWriter, r *http.Request, typed formValues) error {
	data := purgeData{formValues: typed}
	scope, principal := scopeOf(r), principalOf(r)
	order, wrong := p.purgeOrder(typed.values, principal.Zone())
	if typed.values.Has("before") || typed.values.Has("kind") {
		counts, err := p.Accounts.PreviewPurge(r.Context(), principal, scope.Operator, order)
		var input *accounts.InputError
		switch {
		case wrong != nil:
			data.errors = wrong
		case errors.As(err, &input):
			if data.errors == nil {
				data.errors = fieldErrors(err)
			}
		case err != nil:
			return err
		}
		data.Asked = data.errors["before"] == "" && data.errors["kind"] == ""
		data.count(counts)
	}
	if err := p.fillPurge(r, &data, order); err != nil {
		return err
	}
	page := Page{Title: "Purge", Data: data, Errors: data.errors}
	if data.errors != nil {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.render(w, r, "purge/form", page)
}

// fillPurge adds the choices, and the purges there were.
func (p *Portal) fillPurge(r *http.Request, data *purgeData, order accounts.PurgeOrder) error {
	scope, principal := scopeOf(r), principalOf(r)
	for _, kind := range storage.PurgeKinds() {
		on := false
		for _, k := range order.Kinds {
			on = on || k == kind
		}
		data.Kinds = append(data.Kinds, purgeKind{kind, accounts.PurgeKindTitle(kind), on})
	}
	all, err := p.DB.OperatorAccounts(r.Context(), scope)
	if err != nil {
		return err
	}
	data.Accounts = []option{{"", "All accounts"}}
	for _, a := range all {
		data.Accounts = append(data.Accounts, option{p.id(storage.PublicAccount, int64(a.ID)), a.Name})
	}
	second, err := p.Accounts.SecondPerson(r.Context(), principal, scope.Operator)
	if err != nil {
		return err
	}
	data.Alone = !second
	return p.DB.InScopeRead(r.Context(), scope, func(tx *storage.Tx) error {
		runs, _, err := tx.Runs(r.Context(), storage.RunFilter{Kind: jobs.KindPurge, Limit: 20}, "")
		data.Runs = runRows(runs, nil)
		return err
	})
}

func (d *purgeData) count(counts []storage.PurgeCount) {
	for _, c := range counts {
		d.Counts = append(d.Counts, purgeCount{c, accounts.PurgeKindTitle(c.Kind), purgeStays[c.Verdict]})
		if c.Verdict == storage.PurgeTake {
			d.Files += c.Files
		}
	}
}

// purgeOrder reads the form.
func (p *Portal) purgeOrder(values url.Values, zone *time.Location) (accounts.PurgeOrder, FieldErrors) {
	q := &query{portal: p, values: values, zone: zone}
	o := accounts.PurgeOrder{Account: storage.AccountID(q.id("account", storage.PublicAccount)), Kinds: values["kind"], Before: q.midnight("before", 0)}
	return o, q.errors
}

// requestPurge asks a second person for what the form says.
func (p *Portal) requestPurge(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	principal := principalOf(r)
	order, wrong := p.purgeOrder(values, principal.Zone())
	if wrong != nil {
		return p.renderPurge(w, r, formValues{values: values, errors: wrong})
	}
	_, err = p.Accounts.RequestPurge(r.Context(), principal, scopeOf(r).Operator, order, values.Get("reason"))
	var input *accounts.InputError
	switch {
	case errors.As(err, &input):
		return p.renderPurge(w, r, formValues{values: values, errors: fieldErrors(err)})
	case errors.Is(err, accounts.ErrNoSecondPerson):
		return &purge.Alone
	case errors.Is(err, storage.ErrConflict):
		return p.renderPurge(w, r, formValues{values: values, errors: FieldErrors{"reason": "Another purge waits for its approval already."}})
	case err != nil:
		return err
	}
	return p.done(w, r, "/approvals", "purge-requested")
}
