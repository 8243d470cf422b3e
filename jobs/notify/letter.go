package notify

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ediport/ediport/storage"
)

// A Sender is on whose behalf a mail to a person is written.
type Sender struct {
	Operator string         // name of who runs the exchange
	Support  string         // whom to ask, to be read after "tell": "the help desk, 555-0100"; "": whoever Contact reaches, else your administrator
	Contact  string         // how whoever helps is reached: "Help desk: 555-0100. Weekdays 8 to 6."; "": it isn't said
	Portal   string         // the portal's address; "": links are given as paths
	Zone     *time.Location // in which times are told; nil: UTC
}

// A Rendered is a mail to a person as it is to be read.
type Rendered struct {
	Subject string
	Text    string
	HTML    string
}

var placeholder = regexp.MustCompile(`\{([a-z]+)\}`)

// instants are the values that are times, written by RFC 3339.
var instants = []string{"at", "until"}

// Render writes the mail of a template: its subject and its body as text and as HTML, which say the
// same. The error is storage.ErrNotFound for a template that there isn't.
func Render(name string, values map[string]string, from Sender) (Rendered, error) {
	l, ok := letters[name]
	if !ok {
		return Rendered{}, fmt.Errorf("notify: letter %q: %w", name, storage.ErrNotFound)
	}
	all := maps.Clone(values)
	if all == nil {
		all = map[string]string{}
	}
	all["operator"] = cmp.Or(from.Operator, "ediport")
	all["support"] = cmp.Or(from.Support, "your administrator")
	if from.Support == "" && from.Contact != "" {
		all["support"] = "the support of " + all["operator"]
	}
	if l.page != "" {
		all["link"] = cmp.Or(strings.TrimSuffix(from.Portal, "/"), "the portal’s page ") + l.page
	}
	zone := from.Zone
	if zone == nil {
		zone = time.UTC
	}
	for _, key := range instants {
		if at, err := time.Parse(time.RFC3339, all[key]); err == nil {
			all[key] = at.In(zone).Format("January 2, 2006, 3:04 PM MST")
		}
	}
	body := letterBody{
		Greeting: fill("Hello {name},", all), Before: fillAll(l.text, all), Code: all["code"], After: fillAll(l.after, all),
		Other: fill(cmp.Or(l.other, notMe), all), Contact: oneLine(from.Contact), Operator: all["operator"],
	}
	subject := oneLine(fill(l.subject, all))
	body.Subject = subject
	var html bytes.Buffer
	if err := letterHTML.Execute(&html, body); err != nil {
		return Rendered{}, fmt.Errorf("notify: letter %q: %w", name, err)
	}
	return Rendered{Subject: subject, Text: body.text(), HTML: html.String()}, nil
}

// letterBody is what both forms of a mail say.
type letterBody struct {
	Subject, Greeting string
	Before            []string
	Code              string // "": none
	After             []string
	Other             string
	Contact           string // "": not said
	Operator          string
}

//go:embed letter.html
var letterFile embed.FS

var letterHTML = template.Must(template.ParseFS(letterFile, "letter.html"))

func (b letterBody) text() string {
	var out strings.Builder
	paragraph := func(text string) {
		if text != "" {
			out.WriteString(wrapped(text) + "\n\n")
		}
	}
	paragraph(b.Greeting)
	for _, p := range b.Before {
		paragraph(p)
	}
	if b.Code != "" {
		out.WriteString("    " + b.Code + "\n\n")
	}
	for _, p := range b.After {
		paragraph(p)
	}
	paragraph(b.Other)
	if b.Contact != "" {
		paragraph("Whom to ask: " + b.Contact)
	}
	out.WriteString("-- \n") // begins a signature, RFC 3676, 4.3
	paragraph("Sent by ediport for " + b.Operator + ". This mail was written by a machine; nobody reads what is answered to it.")
	return out.String()
}

// fillAll fills paragraphs, and leaves out those that name a value which isn't there.
func fillAll(paragraphs []string, values map[string]string) []string {
	var out []string
	for _, p := range paragraphs {
		if text := fill(p, values); text != "" {
			out = append(out, text)
		}
	}
	return out
}

// fill puts values into a text; "" if one of them isn't there.
func fill(text string, values map[string]string) string {
	missing := false
	filled := placeholder.ReplaceAllStringFunc(text, func(name string) string {
		value := oneLine(values[name[1:len(name)-1]])
		missing = missing || value == ""
		return value
	})
	if missing {
		return ""
	}
	return filled
}

// wrapped breaks a text into lines of at most 76 characters, at blanks.
func wrapped(text string) string {
	var out strings.Builder
	width := 0
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case width+1+n > 76:
			out.WriteByte('\n')
			width = 0
		default:
			out.WriteByte(' ')
			width++
		}
		out.WriteString(word)
		width += n
	}
	return out.String()
}

// letter loads the mail to a person that a message of the outbox holds; nil if nobody wants it any more.
func (n *Notifier) letter(ctx context.Context, notice storage.Notice) (*outgoing, error) {
	if n.cfg.Keys == nil || notice.Expired {
		return nil, nil //nolint:nilnil // nothing to send
	}
	sealed, err := notice.Letter(n.cfg.Keys)
	if err != nil {
		n.cfg.Log.Error("mail that can't be opened is cancelled", "notice_id", n.name(notice), "error", err)
		return nil, nil //nolint:nilnil // it can't be sent, now or later
	}
	from, err := n.sender(ctx, notice.User)
	if err != nil {
		return nil, err
	}
	r, err := Render(notice.Topic, sealed.Values, from)
	if errors.Is(err, storage.ErrNotFound) {
		n.cfg.Log.Error("mail of an unknown template is cancelled", "notice_id", n.name(notice), "topic", notice.Topic)
		return nil, nil //nolint:nilnil // as above
	}
	if err != nil {
		return nil, err
	}
	return &outgoing{id: n.name(notice), to: []string{sealed.Address}, subject: r.Subject, text: r.Text, html: r.HTML}, nil
}

// sender returns on whose behalf mail to a user is written.
func (n *Notifier) sender(ctx context.Context, user storage.UserID) (Sender, error) {
	from := Sender{Operator: n.cfg.Name, Portal: n.cfg.Portal}
	if n.cfg.Support != nil {
		from.Support = n.cfg.Support()
	}
	return From(ctx, n.cfg.DB, user, from)
}

// From returns on whose behalf mail to a user is written, from being what is known without the user: what the
// operator of the user's exchange says of itself takes its place.
func From(ctx context.Context, db *storage.DB, user storage.UserID, from Sender) (Sender, error) {
	var of storage.OperatorOfUser
	err := db.InSystem(ctx, storage.Actor{Kind: storage.ActorSystem}, func(tx *storage.Tx) (err error) {
		of, err = tx.OperatorOfUser(ctx, user)
		return err
	})
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return from, nil // a user without a role, or nobody's mail
	case err != nil:
		return from, fmt.Errorf("notify: %w", err)
	}
	from.Operator = of.Name
	if from.Contact, err = contact(ctx, db, of.ID); err != nil {
		return from, err
	}
	if from.Contact != "" {
		from.Support = "" // who runs the exchange says it better than the configuration
	}
	if zone, err := time.LoadLocation(of.TimeZone); err == nil {
		from.Zone = zone
	}
	return from, nil
}

// contact returns whom the people of an operator ask, as it says on every page; "" if it doesn't.
func contact(ctx context.Context, db *storage.DB, operator storage.OperatorID) (string, error) {
	stored, err := db.Texts(ctx, operator)
	if err != nil {
		return "", fmt.Errorf("notify: %w", err)
	}
	var texts struct{ Support, Hours string }
	if stored != "" {
		if err := json.Unmarshal([]byte(stored), &texts); err != nil {
			return "", fmt.Errorf("notify: texts of an operator: %w", err)
		}
	}
	return Contact(texts.Support, texts.Hours), nil
}

// Contact puts together whom to ask and when somebody answers, as operators write them; "" for no one.
func Contact(support, hours string) string {
	if support == "" || hours == "" {
		return support
	}
	return strings.TrimRight(support, ". ") + ". " + hours
}

// Letters returns the templates there are, by name.
func Letters() []string { return slices.Sorted(maps.Keys(letters)) }
