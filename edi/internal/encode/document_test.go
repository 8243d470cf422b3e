package encode_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/eligibility"
	"github.com/ediport/ediport/edi/internal/encodetest"
	"github.com/ediport/ediport/edi/parts"
)

func text(s string) edi.Text { return edi.Text(s) }

func header(set, control string) *parts.Header {
	h := &parts.Header{Set: text(set), ControlNumber: text(control), Purpose: text("13"), Reference: text("R1")}
	if set == "271" {
		h.Purpose = text("11")
	}
	return h
}

func source() *eligibility.Source {
	return &eligibility.Source{Party: parts.Party{Name: parts.Name{
		Entity: text("PR"), Type: text("2"), Last: text("TAMARIND"), Qualifier: text("PI"), ID: text("TAMRN"),
	}}}
}

func receiver() *eligibility.Receiver {
	return &eligibility.Receiver{Party: parts.Party{Name: parts.Name{
		Entity: text("1P"), Type: text("2"), Last: text("CEDAR HOLLOW"), Qualifier: text("XX"), ID: text("2990000012"),
	}}}
}

func subscriber(questions ...string) *eligibility.Inquiry {
	q := &eligibility.Inquiry{Person: eligibility.Person{Name: parts.Name{
		Entity: text("IL"), Type: text("1"), Last: text("ASH"), First: text("ANNA"), Qualifier: text("MI"), ID: text("M1"),
	}}}
	for _, s := range questions {
		q.Questions = append(q.Questions, eligibility.Question{ServiceTypes: []edi.Text{text(s)}})
	}
	return q
}

func dependent(questions ...string) *eligibility.Inquiry {
	q := subscriber(questions...)
	q.Dependent = true
	q.Name = parts.Name{Entity: text("03"), Type: text("1"), Last: text("ASH"), First: text("IDA")}
	return q
}

// inquiry writes a document: a subscriber, and one with a dependent.
func inquiry(enc *eligibility.Encoder, control string) error {
	return errors.Join(enc.Header(header("270", control)), enc.Source(source()), enc.Receiver(receiver()),
		enc.Inquiry(subscriber("30")), enc.Inquiry(subscriber()), enc.Inquiry(dependent("30", "98")))
}

func TestEnvelope(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	env := encodetest.Envelope()
	env.Interchange, env.Group, env.Transaction, env.LineBreak, env.AckRequested = 17, 5, 3, "\n", true
	enc := eligibility.NewEncoder(&out, env)
	answer := &eligibility.Answer{Person: subscriber().Person, Benefits: []eligibility.Benefit{{Information: text("1")}}}
	err := errors.Join(
		inquiry(enc, ""), inquiry(enc, ""), inquiry(enc, "0003"), // the third has the number of the first, so it begins a group
		enc.Header(header("271", "")), enc.Source(source()), enc.Receiver(receiver()), enc.Answer(answer), enc.Close(),
	)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(out.String()) {
		switch tag, _, _ := strings.Cut(line, "*"); tag {
		case "ISA", "GS", "ST", "BHT", "HL", "SE", "GE", "IEA":
			got = append(got, strings.TrimSpace(line))
		}
	}
	levels := []string{"HL*1**20*1~", "HL*2*1*21*1~", "HL*3*2*22*0~", "HL*4*2*22*1~", "HL*5*4*23*0~"}
	set := func(control string) []string {
		all := append([]string{"ST*270*" + control + "*005010X279A1~", "BHT*0022*13*R1*20260105*0800~"}, levels...)
		return append(all, "SE*16*"+control+"~")
	}
	want := []string{
		"ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260105*0800*^*00501*000000017*1*T*:~",
		"GS*HS*SENDER*RECEIVER*20260105*0800*5*X*005010X279A1~",
	}
	want = append(append(want, set("0003")...), set("0004")...)
	want = append(want, "GE*2*5~", "GS*HS*SENDER*RECEIVER*20260105*0800*6*X*005010X279A1~")
	want = append(want, set("0003")...)
	want = append(want, "GE*1*6~", "GS*HB*SENDER*RECEIVER*20260105*0800*7*X*005010X279A1~",
		"ST*271*0003*005010X279A1~", "BHT*0022*11*R1*20260105*0800~", "HL*1**20*1~", "HL*2*1*21*1~", "HL*3*2*22*0~", "SE*10*0003~",
		"GE*1*7~", "IEA*3*000000017~")
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("line %d:\ngot  %v\nwant %v", i+1, got[min(i, len(got)-1):], want[min(i, len(want)-1):])
		}
	}
	for _, f := range encodetest.Findings(t, out.Bytes(), 0) {
		t.Errorf("finding: %v", f)
	}
}

// TestControlNumbersWrap has numbers of nine digits go on with 1.
func TestControlNumbersWrap(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	env := encodetest.Envelope()
	env.Interchange, env.Group, env.Transaction = 999_999_999, 999_999_999, 999_999_999
	enc := eligibility.NewEncoder(&out, env)
	// The last two are given by hand: a second 0001 begins a group, and what is not a number is not counted on from.
	if err := errors.Join(inquiry(enc, ""), inquiry(enc, ""), inquiry(enc, "0001"), inquiry(enc, "-0007"), inquiry(enc, ""), enc.Close()); err != nil {
		t.Fatal(err)
	}
	var got []string
	for s := range strings.SplitSeq(out.String(), "~") {
		switch e := strings.Split(s, "*"); e[0] {
		case "ISA":
			got = append(got, "ISA "+e[13])
		case "GS":
			got = append(got, "GS "+e[6])
		case "ST", "SE", "GE", "IEA":
			got = append(got, e[0]+" "+e[2])
		}
	}
	want := "ISA 999999999,GS 999999999,ST 999999999,SE 999999999,ST 0001,SE 0001,GE 999999999," +
		"GS 1,ST 0001,SE 0001,ST -0007,SE -0007,ST 0002,SE 0002,GE 1,IEA 999999999"
	if strings.Join(got, ",") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, ","), want)
	}
	for _, f := range encodetest.Findings(t, out.Bytes(), 0) {
		t.Errorf("finding: %v", f)
	}
}

func TestEnvelopeRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		spoil func(*parts.Envelope)
		want  string
	}{
		{"no sender", func(e *parts.Envelope) { e.SenderID = "" }, "ISA06"},
		{"a sender that is too long", func(e *parts.Envelope) { e.SenderID = "ABCDEFGHIJKLMNOP" }, "ISA06"},
		{"a delimiter in the receiver", func(e *parts.Envelope) { e.ReceiverID = "A*B" }, "ISA08"},
		{"an unknown qualifier", func(e *parts.Envelope) { e.ReceiverQualifier = "QQ" }, "ISA07"},
		{"no usage", func(e *parts.Envelope) { e.Usage = "" }, "ISA15"},
		{"no time", func(e *parts.Envelope) { e.Time = time.Time{} }, "time"},
		{"a control number below 1", func(e *parts.Envelope) { e.Group = -1 }, "control number"},
		{"a control number of ten digits", func(e *parts.Envelope) { e.Interchange = 1_000_000_000 }, "control number"},
		{"a short group sender", func(e *parts.Envelope) { e.GroupSender = "A" }, "GS02"},
		{"equal delimiters", func(e *parts.Envelope) {
			e.Delimiters = edi.Delimiters{Element: "*", Component: "*", Repetition: "^", Terminator: "~"}
		}, "delimiters"},
		{"a delimiter that is missing", func(e *parts.Envelope) {
			e.Delimiters = edi.Delimiters{Element: "*", Component: ":", Terminator: "~"}
		}, "delimiters"},
		{"a letter as delimiter", func(e *parts.Envelope) {
			e.Delimiters = edi.Delimiters{Element: "A", Component: ":", Repetition: "^", Terminator: "~"}
		}, "delimiters"},
		{"a line break that is none", func(e *parts.Envelope) { e.LineBreak = "x" }, "line break"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			env := encodetest.Envelope()
			c.spoil(&env)
			enc := eligibility.NewEncoder(&out, env)
			err := enc.Header(header("270", ""))
			var invalid *parts.InvalidError
			if !errors.As(err, &invalid) || invalid.Entity != "interchange" || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want one about %s", err, c.want)
			}
			if enc.Close() == nil || out.Len() > 0 {
				t.Errorf("a file was written: %d bytes", out.Len())
			}
		})
	}
}

func TestDelimiters(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	env := encodetest.Envelope()
	env.Delimiters = edi.Delimiters{Element: "|", Component: ">", Repetition: "!", Terminator: "'"}
	enc := eligibility.NewEncoder(&out, env)
	q := subscriber("30")
	q.Name.Last = text("A*S:H~^")
	q.Questions[0].ServiceTypes = []edi.Text{text("30"), text("98")}
	err := errors.Join(enc.Header(header("270", "")), enc.Source(source()), enc.Receiver(receiver()), enc.Inquiry(q), enc.Close())
	if err != nil {
		t.Fatal(err)
	}
	for q, err := range eligibility.Inquiries(edi.NewReader(&out)) {
		if err != nil || !q.Name.Last.Is("A*S:H~^") || len(q.Questions[0].ServiceTypes) != 2 {
			t.Errorf("read back: %s, %d, %v", q.Name.Last, len(q.Questions[0].ServiceTypes), err)
		}
	}
}

func TestLevels(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		tell func(*eligibility.Encoder) error
		want string
	}{
		{"no header", func(e *eligibility.Encoder) error { return e.Source(source()) }, "information source 1: it needs the header"},
		{"a set that is none of ours", func(e *eligibility.Encoder) error { return e.Header(header("835", "")) }, "header: ST01"},
		{"a receiver without a source", func(e *eligibility.Encoder) error {
			return errors.Join(e.Header(header("270", "")), e.Receiver(receiver()))
		}, "information receiver 1: the level that it belongs to is missing"},
		{"a dependent without a subscriber", func(e *eligibility.Encoder) error {
			return errors.Join(e.Header(header("270", "")), e.Source(source()), e.Receiver(receiver()), e.Inquiry(dependent("30")))
		}, "dependent 1: the level that it belongs to is missing"},
		{"a source with nothing below", func(e *eligibility.Encoder) error {
			return errors.Join(e.Header(header("270", "")), e.Source(source()), e.Close())
		}, "information source 1, loop 2000A: nothing follows below it"},
		{"a rejection of the header", func(e *eligibility.Encoder) error {
			h := header("271", "")
			h.Rejections = []parts.Rejection{{Valid: text("N"), Reason: text("42")}}
			return e.Header(h)
		}, "header: a header has no place"},
		{"a rejection of another loop", func(e *eligibility.Encoder) error {
			s := source()
			s.Rejections = []parts.Rejection{{Valid: text("N"), Reason: text("42"), Loop: "2100B"}}
			return errors.Join(e.Header(header("271", "")), e.Source(s))
		}, "information source 1: a rejection names a loop"},
		{"a stray", func(e *eligibility.Encoder) error { return e.Stray(new(parts.Stray)) }, "stray: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := c.tell(eligibility.NewEncoder(io.Discard, encodetest.Envelope()))
			var invalid *parts.InvalidError
			if !errors.As(err, &invalid) || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got %v, want %s …", err, c.want)
			}
		})
	}
}

// TestRefusedLeavesNoTrace has a level refused: its number goes to the next one, and those below belong to the one before.
func TestRefusedLeavesNoTrace(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	enc := eligibility.NewEncoder(&out, encodetest.Envelope())
	bad := subscriber("30")
	bad.Name.Qualifier = text("QQ")
	if err := errors.Join(enc.Header(header("270", "")), enc.Source(source()), enc.Receiver(receiver())); err != nil {
		t.Fatal(err)
	}
	if enc.Inquiry(bad) == nil {
		t.Error("an unknown qualifier was written")
	}
	if err := errors.Join(enc.Inquiry(subscriber("30")), enc.Close()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "HL*3*2*22*0~") || strings.Contains(out.String(), "QQ") {
		t.Errorf("got %s", out.String())
	}
}

// TestWriteError has the file end anywhere: Close, at the latest, tells.
func TestWriteError(t *testing.T) {
	t.Parallel()
	full := errors.New("no space left")
	enc := eligibility.NewEncoder(failing{full}, encodetest.Envelope())
	err := enc.Header(header("270", ""))
	err = errors.Join(err, enc.Source(source()), enc.Receiver(receiver()))
	for range 1000 {
		if err = errors.Join(err, enc.Inquiry(subscriber("30"))); err != nil {
			break
		}
	}
	if !errors.Is(err, full) {
		t.Errorf("got %v while writing more than is held back", err)
	}
	if err := enc.Close(); !errors.Is(err, full) {
		t.Errorf("Close: got %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// TestNothing has nothing written without a document.
func TestNothing(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := eligibility.NewEncoder(&out, encodetest.Envelope()).Close(); err != nil || out.Len() > 0 {
		t.Errorf("got %v and %d bytes", err, out.Len())
	}
}
