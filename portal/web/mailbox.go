package web

import (
	"io"
	"net/http"
	"net/netip"
	"strings"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/jobs/notify"
	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/storage"
)

// The mailbox shows in a demo what would be sent by mail: a demo has no mail server, and nobody in it is
// real. Codes stand there, so it is for this machine alone, and for nothing but a demo: elsewhere it
// is not found. It is open to who isn't signed in, because that is who needs a code.

// mailboxRow is a mail in the list.
type mailboxRow struct {
	accounts.KeptMail
	notify.Rendered
	Path string
}

func (p *Portal) inDemo(r *http.Request) error {
	at, err := netip.ParseAddr(origin(r).Address)
	if !p.Demo || err != nil || !at.Unmap().IsLoopback() {
		return &problem.NotFound
	}
	return nil
}

func (p *Portal) mailbox(w http.ResponseWriter, r *http.Request) error {
	if err := p.inDemo(r); err != nil {
		return err
	}
	mails, err := p.Accounts.Mailbox(r.Context())
	if err != nil {
		return err
	}
	rows := []mailboxRow{}
	for _, m := range mails {
		row, err := p.mailboxRow(r, m)
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	return p.render(w, r, "mailbox/list", Page{Title: "Mailbox", Data: rows})
}

func (p *Portal) mailboxRow(r *http.Request, m accounts.KeptMail) (mailboxRow, error) {
	from, err := notify.From(r.Context(), p.DB, m.User, notify.Sender{
		Operator: p.Name, Support: strings.TrimSuffix(p.Support, "."), Portal: "http://" + r.Host, Zone: principalOf(r).Zone(),
	})
	if err != nil {
		return mailboxRow{}, err
	}
	text, err := notify.Render(m.Template, m.Values, from)
	return mailboxRow{m, text, "/mailbox/" + p.id(storage.PublicNotice, m.ID)}, err
}

func (p *Portal) keptMail(r *http.Request) (mailboxRow, error) {
	if err := p.inDemo(r); err != nil {
		return mailboxRow{}, err
	}
	id, err := p.pathID(r, storage.PublicNotice)
	if err != nil {
		return mailboxRow{}, err
	}
	m, err := p.Accounts.KeptMail(r.Context(), id)
	if err != nil {
		return mailboxRow{}, err
	}
	return p.mailboxRow(r, m)
}

func (p *Portal) showMail(w http.ResponseWriter, r *http.Request) error {
	row, err := p.keptMail(r)
	if err != nil {
		return err
	}
	return p.render(w, r, "mailbox/show", Page{Title: row.Subject, Crumbs: []Crumb{{"Mailbox", "/mailbox"}}, Data: row})
}

// mailHTML shows a mail as a mail program would, in a sandbox: nothing in it runs, posts or loads.
func (p *Portal) mailHTML(w http.ResponseWriter, r *http.Request) error {
	row, err := p.keptMail(r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	_, _ = io.WriteString(w, row.HTML) // whoever asked may be gone
	return nil
}
