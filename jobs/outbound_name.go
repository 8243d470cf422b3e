package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

// A nameFacts is what a name template may speak of.
type nameFacts struct {
	Partner, Connection, Account string
	Purpose                      string // acknowledgment, request, hand_in
	Set                          string // ST01 of the first transaction set, or TA1
	Sender, Receiver, Usage      string // ISA06, ISA08, ISA15
	Interchange, Group           int64  // ISA13, GS06
	Original                     string // the name it was handed in under
	At                           time.Time
	Seq                          int
}

// nameToken is {word} or {word:width} in a template.
var nameToken = regexp.MustCompile(`\{([a-z_]+)(?::([0-9]{1,2}))?\}`)

// word returns what a token stands for, and whether there is such a token. Numbers are padded with
// zeros to the width, which has a usual value for some.
func (f *nameFacts) word(token string, width int) (string, bool) {
	at := func(layout string) (string, bool) { return f.At.Format(layout), true }
	number := func(n int64, usual int) (string, bool) { return fmt.Sprintf("%0*d", cmp.Or(width, usual), n), true }
	switch token {
	case "partner":
		return cmp.Or(f.Partner, f.Connection), true
	case "connection":
		return f.Connection, true
	case "account":
		return f.Account, true
	case "purpose":
		return f.Purpose, true
	case "set":
		return cmp.Or(f.Set, "file"), true
	case "sender":
		return f.Sender, true
	case "receiver":
		return f.Receiver, true
	case "usage":
		return f.Usage, true
	case "original":
		return f.Original, true
	case "stem":
		return strings.TrimSuffix(f.Original, path.Ext(f.Original)), true
	case "yyyymmdd", "date":
		return at("20060102")
	case "yymmdd":
		return at("060102")
	case "yyyy":
		return at("2006")
	case "mm":
		return at("01")
	case "dd":
		return at("02")
	case "hhmmss", "time":
		return at("150405")
	case "hhmm":
		return at("1504")
	case "icn":
		return number(f.Interchange, 9)
	case "gcn":
		return number(f.Group, 1)
	case "seq":
		return number(int64(f.Seq), 4)
	default:
		return "", false
	}
}

// checkTemplate returns what is wrong with a template, nil if nothing is.
func checkTemplate(template string) error {
	facts := &nameFacts{}
	for _, m := range nameToken.FindAllStringSubmatch(template, -1) {
		if _, known := facts.word(m[1], 0); !known {
			return fmt.Errorf("{%s} is not known; there are partner, connection, account, set, purpose, sender, receiver, usage, icn, gcn, seq, "+
				"date, time, yyyymmdd, yymmdd, yyyy, mm, dd, hhmmss, hhmm, original and stem", m[1])
		}
	}
	if rest := nameToken.ReplaceAllString(template, ""); strings.ContainsAny(rest, "{}") {
		return errors.New("a brace is not closed, or what it holds is no word")
	}
	if strings.ContainsAny(template, "/\x00\r\n") {
		return errors.New("it is a file's name, without a slash or a line break")
	}
	return nil
}

// hasSeq tells whether names of the template differ from each other by themselves.
func hasSeq(template string) bool { return strings.Contains(template, "{seq") }

// render makes a name of the template. What comes from data is reduced to letters, digits, dots, dashes and
// underscores, so that it can't leave the folder or trouble a server.
func (f *nameFacts) render(template string) string {
	name := nameToken.ReplaceAllStringFunc(template, func(token string) string {
		m := nameToken.FindStringSubmatch(token)
		width, _ := strconv.Atoi(m[2]) // digits only, or none
		word, _ := f.word(m[1], width)
		return plainWord(word)
	})
	if name = strings.TrimLeft(name, ".-"); name == "" {
		name = "file"
	}
	return name[:min(len(name), maxNameBytes)]
}

// maxNameBytes leaves room for a temporary suffix and a number in what servers take.
const maxNameBytes = 200

var notPlain = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

func plainWord(s string) string { return strings.Trim(notPlain.ReplaceAllString(s, "-"), "-") }

// numbered puts a number before the extension of a name.
func numbered(name string, n int) string {
	ext := path.Ext(name)
	return fmt.Sprintf("%s_%d%s", strings.TrimSuffix(name, ext), n, ext)
}

// nameBy names a file by the connection's template, with the next of its numbers if it has one.
func nameBy(ctx context.Context, tx *storage.Tx, c *storage.Connection, push Push, facts *nameFacts) (string, error) {
	facts.Connection = c.Name
	if strings.Contains(push.NameTemplate, "{account") {
		name, err := tx.OutboundAccount(ctx, c.Account)
		if err != nil {
			return "", err
		}
		facts.Account = name
	}
	if hasSeq(push.NameTemplate) {
		n, err := tx.NextNumber(ctx, storage.NumberName, strconv.FormatInt(int64(c.ID), 10))
		if err != nil {
			return "", err
		}
		facts.Seq = n
	}
	return push.packedName(facts.render(push.NameTemplate)), nil
}

// rename gives a file whose name is taken the next one.
func (p *pusher) rename(ctx context.Context, tx *storage.LoadTx, d *storage.Delivery) error {
	if !hasSeq(p.settings.NameTemplate) || d.NameFixed {
		d.Name = numbered(d.Name, d.Attempt+1)
		return nil
	}
	facts, err := factsOf(ctx, &tx.Tx, d)
	if err != nil {
		return err
	}
	name, err := nameBy(ctx, &tx.Tx, p.connection, p.settings, facts)
	d.Name = transfer.Escape(name)
	return err
}

// factsOf finds what is known of an outbound file, to name it.
func factsOf(ctx context.Context, tx *storage.Tx, d *storage.Delivery) (*nameFacts, error) {
	envelopes, err := tx.OutboundEnvelopes(ctx, d.File)
	if err != nil {
		return nil, err
	}
	facts := factsOfEnvelopes(envelopes)
	facts.Purpose = d.Purpose
	if raw, err := transfer.Unescape(d.Name); err == nil {
		facts.Original = raw
	}
	return facts, partnerFacts(ctx, tx, facts, d.Partner)
}

func factsOfEnvelopes(envelopes []storage.OutboundEnvelope) *nameFacts {
	facts := &nameFacts{}
	for _, e := range envelopes {
		switch {
		case e.Group == 0 && facts.Interchange == 0:
			facts.Sender, facts.Receiver, facts.Usage, facts.Interchange = e.SenderID, e.ReceiverID, e.Usage, e.ControlNumber
		case e.Group != 0 && facts.Group == 0:
			facts.Group, facts.Set = e.ControlNumber, e.SetCode
		}
	}
	if facts.Set == "" && len(envelopes) > 0 {
		facts.Set = "TA1" // an interchange without groups
	}
	return facts
}

// partnerFacts adds the partner's name, and the time on its clocks.
func partnerFacts(ctx context.Context, tx *storage.Tx, facts *nameFacts, partner storage.PartnerID) error {
	facts.At = tx.Now()
	if partner == 0 {
		return nil
	}
	p, err := tx.PartnerSettings(ctx, partner)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	facts.Partner = p.Name
	if zone, err := time.LoadLocation(p.TimeZone); err == nil {
		facts.At = facts.At.In(zone)
	}
	return nil
}
