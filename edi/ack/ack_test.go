package ack

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/decodetest"
	"github.com/ediport/ediport/fixtures"
)

const (
	isa  = "ISA*00*          *00*          *ZZ*S              *ZZ*R              *260101*0000*^*00501*000000001*0*P*:~"
	head = isa + "GS*FA*S*R*20260101*0000*1*X*005010X231A1~ST*999*0001*005010X231A1~"
	tail = "SE*0*0001~GE*1*1~IEA*1*000000001~"
)

func document(body string) string { return head + body + tail }

// groups reads all groups of x12 and fails on an error.
func groups(t testing.TB, x12 string) []*Group {
	t.Helper()
	var all []*Group
	for g, err := range Groups(edi.NewReader(strings.NewReader(x12))) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, g)
	}
	return all
}

func one(t *testing.T, body string) *Group {
	t.Helper()
	all := groups(t, document(body))
	if len(all) != 1 {
		t.Fatalf("%d groups, want 1", len(all))
	}
	return all[0]
}

func TestOutcome(t *testing.T) {
	t.Parallel()
	const rejectsOne = "AK2*270*0001~IK5*A~AK2*270*0002~IK5*R*5~"
	for _, c := range []struct {
		name, body string
		sets       []Outcome // of the sets that are named
		rest       Outcome   // of a set that is not
	}{
		{"all accepted, none named", "AK1*HS*1~AK9*A*4*4*4~", nil, Accepted},
		{"all rejected, none named", "AK1*HS*1~AK9*R*4*4*0*5~", nil, Rejected},
		{"all accepted, one named with errors", "AK1*HS*1~AK2*270*0001~IK5*E~AK9*A*2*2*2~", []Outcome{AcceptedWithErrors}, Accepted},
		{"all accepted, one without IK5", "AK1*HS*1~AK2*270*0001~AK9*A*1*1*1~", []Outcome{Accepted}, Accepted},
		{"all accepted, yet one rejected", "AK1*HS*1~AK2*270*0001~IK5*R~AK9*A*1*1*1~", []Outcome{Unclear}, Accepted},
		{"all rejected, yet one accepted", "AK1*HS*1~AK2*270*0001~IK5*A~AK9*R*1*1*0*4~", []Outcome{Rejected}, Rejected},
		{"partly, all named", "AK1*HS*1~" + rejectsOne + "AK9*P*2*2*1~", []Outcome{Accepted, Rejected}, Accepted},
		{"partly, the rest accepted by number", "AK1*HS*1~" + rejectsOne + "AK9*P*5*5*4~", []Outcome{Accepted, Rejected}, Accepted},
		{"partly, the rest not by number", "AK1*HS*1~" + rejectsOne + "AK9*P*5*5*3~", []Outcome{Accepted, Rejected}, Unclear},
		{"partly, some not received", "AK1*HS*1~" + rejectsOne + "AK9*P*6*5*4~", []Outcome{Accepted, Rejected}, Unclear},
		{"partly, counts missing", "AK1*HS*1~" + rejectsOne + "AK9*P~", []Outcome{Accepted, Rejected}, Unclear},
		{"with errors, none named", "AK1*HS*1~AK9*E*2*2*2~", nil, Accepted},
		{"partly, one without IK5", "AK1*HS*1~AK2*270*0001~AK9*P*2*2*1~", []Outcome{Unclear}, Unclear},
		{"no AK9", "AK1*HS*1~AK2*270*0001~IK5*A~", []Outcome{Accepted}, Unclear},
		{"a code that there is none of", "AK1*HS*1~AK2*270*0001~IK5*Q~AK9*Q*1*1*1~", []Outcome{Unclear}, Unclear},
		{"a message that can't be authenticated", "AK1*HS*1~AK2*270*0001~IK5*M~AK9*P*1*1*0~", []Outcome{Rejected}, Accepted},
		{"997", "AK1*HS*1~AK2*270*0001~AK5*E*5~AK9*E*1*1*1~", []Outcome{AcceptedWithErrors}, Accepted},
	} {
		g := one(t, c.body)
		if len(g.Sets) != len(c.sets) || g.Named.Sets != len(c.sets) {
			t.Errorf("%s: %d sets (%d named), want %d", c.name, len(g.Sets), g.Named.Sets, len(c.sets))
			continue
		}
		for i, want := range c.sets {
			if got := g.Outcome(g.Sets[i]); got != want {
				t.Errorf("%s: set %d is %s, want %s", c.name, i+1, got, want)
			}
		}
		if got := g.Outcome(nil); got != c.rest {
			t.Errorf("%s: sets not named are %s, want %s", c.name, got, c.rest)
		}
	}
}

// dump writes a group with its sets and errors, by fields.
func dump(g *Group) string {
	var b strings.Builder
	b.WriteString(decodetest.Dump("group", g, "Sets[]"))
	for _, s := range g.Sets {
		b.WriteString(decodetest.Dump("set", s))
		for _, e := range s.Errors {
			b.WriteString(decodetest.Dump("error", e))
		}
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	t.Parallel()
	decodetest.Golden(t, func(t *testing.T, x12 string) string {
		var b strings.Builder
		for _, g := range groups(t, x12) {
			b.WriteString(dump(g))
		}
		for a, err := range TA1s(edi.NewReader(strings.NewReader(x12))) {
			if err != nil {
				t.Fatal(err)
			}
			b.WriteString(decodetest.Dump("TA1", a))
			b.WriteString("outcome = " + a.Outcome().String() + "\n")
		}
		return b.String()
	})
}

func TestMissingSegments(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, body   string
		sets, errors int
	}{
		{"IK3 without AK2", "AK1*HS*1~IK3*NM1*3**8~IK5*R~AK9*R*1*1*0~", 1, 1},
		{"IK4 without IK3", "AK1*HS*1~AK2*270*1~IK4*1**7~IK4*2**7~IK5*R~AK9*R*1*1*0~", 1, 1},
		{"IK5 without AK2", "AK1*HS*1~IK5*R~AK9*R*1*1*0~", 1, 0},
		{"AK2 after AK2", "AK1*HS*1~AK2*270*1~AK2*270*2~IK5*A~AK9*A*2*2*2~", 2, 0},
		{"nothing", "", 0, 0},
		{"no AK1", "AK9*A*1*1*1~", 0, 0},
	} {
		g := one(t, c.body)
		n := 0
		for _, s := range g.Sets {
			n += len(s.Errors)
		}
		if len(g.Sets) != c.sets || n != c.errors {
			t.Errorf("%s: %d sets with %d errors, want %d with %d", c.name, len(g.Sets), n, c.sets, c.errors)
		}
	}
	two := groups(t, document("AK1*HS*1~AK9*A*1*1*1~AK1*HR*2~AK9*R*1*1*0~"))
	if len(two) != 2 || !two[1].ControlNumber.Is("2") || two[1].Outcome(nil) != Rejected {
		t.Errorf("two answers in one ST: %d groups, want 2", len(two))
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		want Number
		bad  bool
	}{
		{"", Number{}, false},
		{"0", Number{0, true}, false},
		{"0000000000012", Number{12, true}, false},
		{"9999999999", Number{9999999999, true}, false},
		{"10000000000", Number{}, true},
		{"99999999999999999999999999", Number{}, true},
		{"-1", Number{}, true},
		{"1.0", Number{}, true},
		{"x", Number{}, true},
	} {
		g := one(t, "AK1*HS*1~AK9*A*"+c.in+"*4*4~")
		if g.Included != c.want || (len(g.Problems) == 1) != c.bad {
			t.Errorf("AK902 %q: %v with %d problems, want %v", c.in, g.Included, len(g.Problems), c.want)
		}
	}
}

func TestFixtures(t *testing.T) {
	t.Parallel()
	sets, errs, answers := 0, 0, 0
	for _, name := range []string{"22-999-accepted-and-rejected.x12", "23-999-without-sets.x12", "24-TA1-accepted-and-rejected.x12"} {
		x12, err := fixtures.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range groups(t, string(x12)) {
			for _, s := range g.Sets {
				errs += len(s.Errors)
			}
			sets += len(g.Sets)
			if g.Included != g.Received || len(g.Problems) > 0 || len(g.Unplaced) > 0 {
				t.Errorf("%s: group is %+v", name, g)
			}
			if got := g.Outcome(nil); got != Accepted {
				t.Errorf("%s: sets not named are %s, want accepted", name, got)
			}
		}
		for a, err := range TA1s(edi.NewReader(bytes.NewReader(x12))) {
			if err != nil {
				t.Fatal(err)
			}
			answers++
			if want := map[bool]Outcome{true: Accepted, false: Rejected}[a.ControlNumber.Is("000000912")]; a.Outcome() != want {
				t.Errorf("%s: TA1 %d is %s, want %s", name, answers, a.Outcome(), want)
			}
		}
	}
	if sets != 3 || errs != 3 || answers != 2 {
		t.Errorf("%d sets, %d errors, %d TA1s, want 3, 3, 2", sets, errs, answers)
	}
}

// A recorder writes down what it gets, as it is lent and as it is cloned.
type recorder struct {
	live    strings.Builder
	sets    []*Set
	errors  []*SegmentError
	groups  []*Group
	entries []string
}

func (r *recorder) note(name string, v any) error {
	text := decodetest.Dump(name, v)
	r.live.WriteString(text)
	return nil
}

func (r *recorder) Error(e *SegmentError) error {
	r.errors = append(r.errors, e.Clone())
	r.entries = append(r.entries, "error")
	return r.note("error", e)
}

func (r *recorder) Set(s *Set) error {
	r.sets = append(r.sets, s.Clone())
	r.entries = append(r.entries, "set")
	return r.note("set", s)
}

func (r *recorder) Group(g *Group) error {
	r.groups = append(r.groups, g)
	r.entries = append(r.entries, "group")
	return r.note("group", g)
}

// cloned writes the clones in the order of the events.
func (r *recorder) cloned() string {
	var b strings.Builder
	for _, kind := range r.entries {
		switch kind {
		case "error":
			b.WriteString(decodetest.Dump("error", r.errors[0]))
			r.errors = r.errors[1:]
		case "set":
			b.WriteString(decodetest.Dump("set", r.sets[0]))
			r.sets = r.sets[1:]
		case "group":
			b.WriteString(decodetest.Dump("group", r.groups[0]))
			r.groups = r.groups[1:]
		}
	}
	return b.String()
}

const rich = "AK1*HS*401*005010X279A1~AK2*270*0001*005010X279A1~IK3*DMG*11*2100C*8~CTX*TRN02:A1~IK4*2:1:3*1251*8*19~CTX*SITUATIONAL TRIGGER*NM1*8**1:2*66~" +
	"IK3*DTP*12*2100C*8~CTX*TRN02:A1~IK4*2*1250*I6*TM~IK5*R*5*I5~AK2*270*0002~ZZZ*1~IK5*A~AK9*P*2*2*1*5*6~"

func TestPiecesAndClones(t *testing.T) {
	t.Parallel()
	whole, pieces := new(recorder), new(recorder)
	if err := Read(edi.NewReader(strings.NewReader(document(rich))), whole); err != nil {
		t.Fatal(err)
	}
	if err := Read(edi.NewReader(iotest.OneByteReader(strings.NewReader(document(rich)))), pieces); err != nil {
		t.Fatal(err)
	}
	decodetest.Equal(t, pieces.live.String(), whole.live.String())
	if got, want := strings.Join(whole.entries, " "), "error error set set group"; got != want {
		t.Errorf("events %s, want %s", got, want)
	}
	decodetest.Equal(t, whole.cloned(), pieces.live.String())
}

func TestErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("cable cut")
	x12 := document(rich)
	source := io.MultiReader(strings.NewReader(x12[:strings.Index(x12, "AK9")]), iotest.ErrReader(broken))
	n := 0
	var last error
	for g, err := range Groups(edi.NewReader(source)) {
		if last = err; g != nil {
			n++
		}
	}
	if !errors.Is(last, broken) || n != 0 {
		t.Errorf("%d groups, then %v; want none, then %v", n, last, broken)
	}
	full := errors.New("disk full")
	if err := Read(edi.NewReader(strings.NewReader(x12)), failing{err: full}); !errors.Is(err, full) {
		t.Errorf("Read = %v, want %v", err, full)
	}
	for range Groups(edi.NewReader(strings.NewReader(x12 + x12))) {
		n++
		break
	}
	if n != 1 {
		t.Errorf("%d groups after break, want 1", n)
	}
	cut := groups(t, x12[:strings.Index(x12, "IK5*A")])
	if len(cut) != 1 || len(cut[0].Sets) != 2 || cut[0].Outcome(cut[0].Sets[0]) != Rejected || cut[0].Outcome(nil) != Unclear {
		t.Errorf("a file that ends within the acknowledgment gives %d groups, want one with what was there", len(cut))
	}
}

type failing struct {
	Ignore
	err error
}

func (f failing) Set(*Set) error { return f.err }

func TestNoAllocationPerSet(t *testing.T) {
	var segments []edi.Segment
	sc := guide.NewScanner(edi.NewReader(strings.NewReader(document(rich))))
	for sc.Next() {
		if sc.Segment().Pos().Transaction != 0 {
			segments = append(segments, sc.Segment().Clone())
		}
	}
	d := NewDecoder(Ignore{})
	for _, s := range segments[:2] { // ST, AK1
		if err := d.Segment(s, guide.Step{}); err != nil {
			t.Fatal(err)
		}
	}
	sets := func() {
		for _, s := range segments[2 : len(segments)-2] { // AK2 to IK5
			if err := d.Segment(s, guide.Step{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	sets()
	if n := testing.AllocsPerRun(100, sets); n != 0 {
		t.Errorf("%v allocations per set, want 0", n)
	}
}

func FuzzRead(f *testing.F) {
	for _, body := range []string{rich, "AK9*A*1*1*1~", "IK4~CTX~IK3~IK5~AK2~AK1~AK1~", "AK1*HS*1~AK2*270*1~AK3*NM1*2*L*1*2*3*4*5~AK4*1:2*66*7*V~AK5*R*1*2*3*4*5~AK9*R*1*1*0*1*2*3*4*5~"} {
		f.Add([]byte(document(body)))
		f.Add([]byte(strings.ReplaceAll(document(body), "*999*", "*997*")))
	}
	f.Fuzz(func(t *testing.T, x12 []byte) {
		r := new(recorder)
		_ = Read(edi.NewReader(bytes.NewReader(x12)), r) // an error is fine, a panic is not
		sets, errs := len(r.sets), len(r.errors)
		decodetest.Equal(t, r.cloned(), r.live.String())
		for g := range Groups(edi.NewReader(bytes.NewReader(x12))) {
			if g == nil {
				continue
			}
			if g.Named.Sets != len(g.Sets) {
				t.Fatalf("%d sets are named, %d are there", g.Named.Sets, len(g.Sets))
			}
			sets -= len(g.Sets)
			for _, s := range g.Sets {
				errs -= len(s.Errors)
			}
		}
		if sets < 0 || errs < 0 {
			t.Fatal("Groups has more than Read")
		}
	})
}
