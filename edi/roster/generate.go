package roster

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/parts"
)

// MaxPerSet is the most patients that a transaction set may have.
const MaxPerSet = 99

// Options say what is made of a roster.
type Options struct {
	Kind     Kind
	Envelope parts.Envelope
	// PerSet is the number of patients in a transaction set, 1 to MaxPerSet; 0 is 1. Rows share a set only if they follow one another
	// and have the same payer and provider. A 278 has one patient, whatever this says.
	PerSet int
	// Originator is TRN03, who made the trace numbers: ten characters, of which the first says what the others are: 1 tax id, 3
	// DUNS, 9 agreed upon. "" is 9 and the sender's id.
	Originator string
	// Defaults are values for columns that are empty or not there.
	Defaults map[string]string
}

// A Result counts what was made.
type Result struct {
	Inquiries int
	Sets      int
}

// Generate reads a roster and writes it to w as one interchange of inquiries. Nothing is written if something is wrong: with rows
// it is *[Errors]; other errors are those of in, of w and of the envelope. Its memory is that of all rows.
func Generate(w io.Writer, in io.Reader, o Options) (Result, error) {
	if !slices.Contains(Kinds, o.Kind) {
		return Result{}, fmt.Errorf("roster: %q is none of 270, 276, 278", string(o.Kind))
	}
	if o.PerSet == 0 {
		o.PerSet = 1
	}
	if o.PerSet < 1 || o.PerSet > MaxPerSet {
		return Result{}, fmt.Errorf("roster: %d patients in a set: 1 to %d are allowed", o.PerSet, MaxPerSet)
	}
	if o.Kind == Authorization {
		o.PerSet = 1
	}
	rows, err := readRows(in, o.Kind, o.Defaults)
	if err != nil {
		return Result{}, err
	}
	g := generator{options: o, today: dayOf(o), originator: originator(o)}
	g.numberTraces(rows)
	var out bytes.Buffer
	if err := g.write(&out, rows); err != nil {
		return Result{}, err
	}
	_, err = out.WriteTo(w)
	return g.result, err
}

func dayOf(o Options) day {
	t := o.Envelope.Time
	return day{Year: int16(t.Year()), Month: uint8(t.Month()), Day: uint8(t.Day())}
}

func originator(o Options) string {
	if o.Originator != "" {
		return o.Originator
	}
	id := o.Envelope.SenderID
	return ("9" + id + strings.Repeat("0", 9))[:10]
}

// A generator writes the rows of one roster.
type generator struct {
	options    Options
	today      day
	originator string
	result     Result
	encoder    encoder
	reference  string // of the open set
	inSet      int    // patients in it
	last       *row   // nil before the first
	wrong      Errors
}

// An encoder writes the documents of one kind.
type encoder interface {
	header(g *generator) error
	payer(r *row) error
	provider(r *row) error
	patient(g *generator, r *row) error
	close() error
}

// numberTraces makes the trace numbers that rows don't have: unique for the control number, and nothing of the patient in them.
func (g *generator) numberTraces(rows []row) {
	for i := range rows {
		if rows[i].trace == "" {
			rows[i].trace = fmt.Sprintf("E%09d%06d", max(g.options.Envelope.Interchange, 1), i+1)
		}
	}
}

func (g *generator) write(out io.Writer, rows []row) error {
	switch g.options.Kind {
	case Eligibility:
		g.encoder = newEligibility(out, g.options.Envelope)
	case Status:
		g.encoder = newStatus(out, g.options.Envelope)
	default:
		g.encoder = newAuthorization(out, g.options.Envelope)
	}
	for i := range rows {
		if err := g.row(&rows[i]); err != nil {
			return err
		}
	}
	if err := g.wrong.orNil(); err != nil {
		return err
	}
	return g.encoder.close()
}

func (g *generator) row(r *row) error {
	if g.last == nil || g.inSet >= g.options.PerSet || g.last.payer != r.payer || g.last.provider != r.provider {
		if err := g.beginSet(r); err != nil {
			return g.refused(r, err)
		}
	}
	g.last = r
	g.inSet++
	g.result.Inquiries++
	return g.refused(r, g.encoder.patient(g, r))
}

func (g *generator) beginSet(r *row) error {
	g.result.Sets++
	g.inSet = 0
	g.reference = fmt.Sprintf("E%09d%05d", max(g.options.Envelope.Interchange, 1), g.result.Sets)
	if err := g.encoder.header(g); err != nil {
		return err
	}
	if err := g.encoder.payer(r); err != nil {
		return err
	}
	return g.encoder.provider(r)
}

// refused notes what an encoder does not write, by its row; other errors it returns.
func (g *generator) refused(r *row, err error) error {
	var invalid *parts.InvalidError
	if !errors.As(err, &invalid) || invalid.Entity == "interchange" || invalid.Entity == "functional group" {
		return err
	}
	f := invalid.Finding
	g.wrong.add(Error{Row: r.line, Column: g.options.Kind.columnOf(f), Reason: f.Message})
	return nil
}

// people are the loops of whom a roster names, by what the names of their columns begin with.
var people = map[Kind]map[string]string{
	Eligibility:   {"2100A": "payer_", "2100B": "provider_", "2100C": "", "2100D": "dependent_"},
	Status:        {"2100A": "payer_", "2100B": "provider_", "2100C": "provider_", "2100D": "", "2100E": "dependent_"},
	Authorization: {"2010A": "payer_", "2010B": "provider_", "2010C": "", "2010D": "dependent_"},
}

// elements are the columns that elements are made from, in other loops than those of people.
var elements = map[string]string{
	"EQ01": "service_types", "UM01": "request_category", "UM02": "certification_type", "UM03": "service_type", "UM04": "place_of_service",
	"TRN02": "trace", "AMT02": "charge", "MSG01": "message",
}

// columnOf names the column that an element is made from, or else the element or segment.
func (k Kind) columnOf(f edi.Finding) string {
	name := f.Segment
	if f.Element > 0 {
		name = fmt.Sprintf("%s%02d", f.Segment, f.Element)
	}
	if column := elements[name]; column != "" {
		return column
	}
	if f.Segment == "HI" {
		return "diagnoses"
	}
	who, ok := people[k][f.Loop]
	if !ok {
		return name
	}
	for _, c := range []struct{ element, column string }{
		{"NM103", who + "last_name"},
		{"NM103", who + "name"},
		{"NM104", who + "first_name"},
		{"NM105", who + "middle_name"},
		{"NM108", who + "id_qualifier"},
		{"NM109", who + "id"},
		{"NM109", who + "npi"},
		{"NM109", who + "member_id"},
		{"DMG02", who + "birth_date"},
		{"DMG03", who + "gender"},
		{"INS02", "relationship"},
	} {
		if c.element == name && k.column(c.column) != nil {
			return c.column
		}
	}
	return name
}

// The parts that all kinds have.

func texts(list []string) []edi.Text {
	var all []edi.Text
	for _, s := range list {
		all = append(all, edi.Text(s))
	}
	return all
}

func (o organization) payerName(entity string) parts.Name {
	qualifier := o.qualifier
	if qualifier == "" {
		qualifier = "PI"
	}
	return parts.Name{Entity: edi.Text(entity), Type: edi.Text("2"), Last: edi.Text(o.name), Qualifier: edi.Text(qualifier), ID: edi.Text(o.id)}
}

func (o organization) providerName() parts.Name {
	kind := "2"
	if o.first != "" {
		kind = "1"
	}
	return parts.Name{
		Entity: edi.Text("1P"), Type: edi.Text(kind), Last: edi.Text(o.name), First: edi.Text(o.first),
		Qualifier: edi.Text("XX"), ID: edi.Text(o.id),
	}
}

func (p person) name(entity string) parts.Name {
	n := parts.Name{
		Entity: edi.Text(entity), Type: edi.Text("1"), Last: edi.Text(p.last), First: edi.Text(p.first), Middle: edi.Text(p.middle), Suffix: edi.Text(p.suffix),
	}
	if p.id != "" {
		n.Qualifier, n.ID = edi.Text("MI"), edi.Text(p.id)
	}
	return n
}

func (p person) demographics() parts.Demographics {
	return parts.Demographics{BirthDate: p.birth, Gender: edi.Text(p.gender)}
}

func (g *generator) traces(r *row) []parts.Trace {
	t := parts.Trace{Type: edi.Text("1"), Number: edi.Text(r.trace)}
	if g.options.Kind != Status { // a 276 has none
		t.Originator = edi.Text(g.originator)
	}
	return []parts.Trace{t}
}

func (g *generator) document(set string) *parts.Header {
	return &parts.Header{Set: edi.Text(set), Purpose: edi.Text("13"), Reference: edi.Text(g.reference)}
}

func references(pairs ...string) []parts.Reference {
	var all []parts.Reference
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			all = append(all, parts.Reference{Qualifier: edi.Text(pairs[i]), ID: edi.Text(pairs[i+1])})
		}
	}
	return all
}

func (r *row) dates(qualifier string) []parts.Date {
	if r.service.from.IsZero() {
		return nil
	}
	d := parts.Date{Qualifier: edi.Text(qualifier), From: r.service.from, To: r.service.to}
	if d.To == d.From {
		d.To = day{}
	}
	return []parts.Date{d}
}

func (r *row) procedureCode() parts.Procedure {
	if r.procedure == "" {
		return parts.Procedure{}
	}
	p := parts.Procedure{Qualifier: edi.Text("HC"), Code: edi.Text(r.procedure)}
	copy(p.Modifiers[:], texts(r.modifiers))
	return p
}

func (n number) part() parts.Number {
	if !n.sent {
		return parts.Number{}
	}
	return parts.NewNumber(n.value)
}
