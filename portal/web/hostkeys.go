package web

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/storage"
)

// hostKeysForm is what a connection's host keys should be, as typed.
type hostKeysForm struct {
	formValues
	Path      string // of the connection
	Name      string
	Server    string // host:port, whose keys they are
	Jump      string // host:port of the jump host; "": none
	TakesTwo  bool   // another key, or none, takes a second person
	Unguarded bool   // nothing is pinned yet, so the first key takes nobody else
}

// guardedFields are the words at the fields of a change of host keys that takes a second person.
func guardedFields(change jobs.HostKeyChange) FieldErrors {
	const asks = "Another key, or none, takes a second person. Put back what stood here to save the rest, and ask for the change under “Host keys” on the connection’s page."
	wrong := FieldErrors{}
	if change.Server() {
		wrong["host_keys"] = asks
	}
	if change.Jump() {
		wrong["network.jump.host_keys"] = asks
	}
	return wrong
}

// askForHostKeys asks a second person for a change of host keys that was refused for lack of one, and leads
// back to the connection; other errors pass.
func (p *Portal) askForHostKeys(w http.ResponseWriter, r *http.Request, id storage.ConnectionID, refused error, reason string) error {
	guarded, ok := errors.AsType[*jobs.SecondPersonError](refused)
	if !ok {
		return jobProblem(refused)
	}
	err := p.Accounts.RequestHostKeys(r.Context(), principalOf(r), scopeOf(r).Operator, accounts.HostKeyRequest{
		Connection: id, Summary: guarded.Change.Summary(guarded.Name), Reason: reason, Change: guarded.Change,
	})
	switch {
	case errors.Is(err, storage.ErrConflict):
		return &problem.ApprovalWaits
	case err != nil:
		return err
	}
	return p.done(w, r, "/connections/"+r.PathValue("id"), "approval-requested")
}

// approveHostKey pins the key that the server showed; the form names it, so that nobody approves
// another one than he has seen. A first key is one person's to approve; one beside a key that the
// server had takes two, where there are two.
func (p *Portal) approveHostKey(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicConnection)
	if err != nil {
		return err
	}
	if _, err := formOf(r); err != nil {
		return err
	}
	if err := p.Desk.ApproveHostKey(r.Context(), scopeOf(r), storage.ConnectionID(id), r.PostForm.Get("key")); err != nil {
		return p.askForHostKeys(w, r, storage.ConnectionID(id), err, cmp.Or(strings.TrimSpace(r.PostForm.Get("reason")), accounts.ShownKeyReason))
	}
	return p.done(w, r, "/connections/"+r.PathValue("id"), "connection-approved")
}

// editHostKeys shows what is pinned.
func (p *Portal) editHostKeys(w http.ResponseWriter, r *http.Request) error {
	c, err := p.connection(r)
	if err != nil {
		return err
	}
	keys, err := jobs.HostKeysOf(c)
	if err != nil {
		return err
	}
	return p.renderHostKeys(w, r, c, url.Values{
		"version": {strconv.Itoa(c.Version)}, "host_keys": {strings.Join(keys.Server, "\n")}, "network.jump.host_keys": {strings.Join(keys.Jump, "\n")},
	}, nil)
}

func (p *Portal) renderHostKeys(w http.ResponseWriter, r *http.Request, c *storage.Connection, values url.Values, wrong FieldErrors) error {
	network, err := jobs.NetworkOf(c)
	if err != nil {
		return err
	}
	form := hostKeysForm{
		formValues: formValues{values, wrong}, Path: "/connections/" + r.PathValue("id"), Name: c.Name,
		Server: c.Host + ":" + strconv.Itoa(c.Port), Unguarded: len(c.HostKeys) == 0,
	}
	if network.Jump != nil {
		form.Jump = network.Jump.Host + ":" + strconv.Itoa(network.Jump.Port)
	}
	if form.TakesTwo, err = p.Accounts.HostKeysTakeTwo(r.Context(), scopeOf(r).Operator); err != nil {
		return err
	}
	page := Page{Title: "Host keys", Crumbs: append(connectionCrumbs[:1:1], Crumb{c.Name, form.Path}), Data: form, Errors: wrong}
	if wrong != nil {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.render(w, r, "connections/hostkeys", page)
}

// changeHostKeys pins other host keys, or asks a second person to.
func (p *Portal) changeHostKeys(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	c, err := p.connection(r)
	if err != nil {
		return err
	}
	version, err := strconv.Atoi(values.Get("version"))
	if err != nil {
		return &problem.BadRequest
	}
	keys := jobs.HostKeys{Server: lines(values.Get("host_keys")), Jump: lines(values.Get("network.jump.host_keys"))}
	err = p.Desk.ChangeHostKeys(r.Context(), scopeOf(r), c.ID, version, keys)
	switch {
	case errors.Is(err, jobs.ErrConnection):
		return p.renderHostKeys(w, r, c, values, connectionErrors(err))
	case err == nil:
		return p.done(w, r, "/connections/"+r.PathValue("id"), "host-keys-changed")
	}
	err = p.askForHostKeys(w, r, c.ID, err, strings.TrimSpace(values.Get("reason")))
	if input, ok := errors.AsType[*accounts.InputError](err); ok {
		return p.renderHostKeys(w, r, c, values, FieldErrors{input.Field: input.Reason})
	}
	return err
}
