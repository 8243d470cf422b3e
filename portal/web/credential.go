package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/storage"
)

// credentialForm is what is to sign in once the partner has changed over, as typed. Secrets are never shown again.
type credentialForm struct {
	connectionForm
	Path  string // of the connection
	Name  string
	Waits bool // one that was entered before, in whose place this one comes
}

// KeyOptions say where the private key comes from.
func (f credentialForm) KeyOptions() []option {
	return []option{{keyNew, "Make a new key pair here"}, {keyPaste, "Use a key that I paste"}, {keyKeep, "Keep the present key, with a new password or certificate"}}
}

// editCredential shows the form for a new credential, without any secret.
func (p *Portal) editCredential(w http.ResponseWriter, r *http.Request) error {
	c, err := p.connection(r)
	if err != nil {
		return err
	}
	values := url.Values{"version": {strconv.Itoa(c.Version)}, "auth": {c.Auth}, "key_source": {keyNew}}
	if c.Auth == jobs.AuthCertificate {
		values.Set("key_source", keyKeep)
	}
	return p.renderCredential(w, r, c, values, nil)
}

func (p *Portal) renderCredential(w http.ResponseWriter, r *http.Request, c *storage.Connection, values url.Values, wrong FieldErrors) error {
	for _, name := range secretFields {
		values.Del(name)
	}
	path := "/connections/" + r.PathValue("id")
	form := credentialForm{connectionForm{formValues: formValues{values, wrong}}, path, c.Name, c.NextAuth != ""}
	page := Page{Title: "New credential", Crumbs: append(connectionCrumbs[:1:1], Crumb{c.Name, path}), Data: form, Errors: wrong}
	if wrong != nil {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.render(w, r, "connections/credential", page)
}

// setCredential enters a new credential beside the present one.
func (p *Portal) setCredential(w http.ResponseWriter, r *http.Request) error {
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
	next := nextCredentialOf(values)
	_, err = p.Desk.SetNextCredential(r.Context(), scopeOf(r), c.ID, version, next)
	switch {
	case errors.Is(err, jobs.ErrConnection):
		return p.renderCredential(w, r, c, values, connectionErrors(err))
	case err != nil:
		return jobProblem(err)
	}
	code := "credential-added"
	if next.Generate {
		code = "credential-key"
	}
	return p.done(w, r, "/connections/"+r.PathValue("id"), code)
}

// nextCredentialOf reads the form: of what its way to sign in has no use for, nothing is taken.
func nextCredentialOf(values url.Values) jobs.NextCredential {
	secret := func(name string) transfer.Secret { return transfer.Secret(strings.TrimRight(values.Get(name), "\r\n")) }
	next := jobs.NextCredential{Auth: values.Get("auth"), Password: secret("password"), TakesOver: values.Get("takes_over") != ""}
	if next.Auth == jobs.AuthCertificate {
		next.Certificate = secret("certificate")
	}
	switch keyed := next.Auth == jobs.AuthKey || next.Auth == jobs.AuthKeyPassword; {
	case keyed && values.Get("key_source") == keyNew:
		next.Generate = true
	case keyed && values.Get("key_source") == keyPaste, next.Auth == jobs.AuthCertificate:
		next.PrivateKey, next.Passphrase = secret("private_key"), secret("passphrase")
	}
	return next
}

// credentialAct returns the handler of an act on the credential that waits, as the page showed it.
func (p *Portal) credentialAct(code string, act func(r *http.Request, id storage.ConnectionID, version int) error) handler {
	return p.connectionAct(code, func(r *http.Request, id storage.ConnectionID) error {
		version, err := strconv.Atoi(r.PostForm.Get("version"))
		if err != nil {
			return &problem.BadRequest
		}
		return act(r, id, version)
	})
}

func (p *Portal) promoteCredential(r *http.Request, id storage.ConnectionID, version int) error {
	return p.Desk.PromoteNextCredential(r.Context(), scopeOf(r), id, version)
}

func (p *Portal) removeCredential(r *http.Request, id storage.ConnectionID, version int) error {
	return p.Desk.RemoveNextCredential(r.Context(), scopeOf(r), id, version)
}
