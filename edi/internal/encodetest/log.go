package encodetest

import (
	"bytes"
	"io"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/decode"
	"github.com/ediport/ediport/edi/internal/decodetest"
	"github.com/ediport/ediport/edi/parts"
)

// A Log keeps the fields of what a decoder tells.
type Log struct {
	strings.Builder
	Events int
	Err    error // the first of the handler behind

	seen  map[string]bool // fields that had a value
	order []string
}

// Tell notes an event and passes it on, as long as there is no error.
func Tell[T any](l *Log, name string, v *T, next func(*T) error) error {
	if l.seen == nil {
		l.seen = make(map[string]bool)
	}
	l.Events++
	l.WriteString(Fields(name, v))
	note(reflect.ValueOf(v).Elem(), l.seen, &l.order)
	if l.Err == nil {
		l.Err = next(v)
	}
	return nil
}

// Merge takes the fields that another log knows.
func (l *Log) Merge(m *Log) {
	if l.seen == nil {
		l.seen = make(map[string]bool)
	}
	l.Events += m.Events
	for _, name := range m.order {
		if _, known := l.seen[name]; !known {
			l.order = append(l.order, name)
		}
		l.seen[name] = l.seen[name] || m.seen[name]
	}
}

// Unset returns the payload fields of the types that were told of which had no value in any of them: "Line.Units".
func (l *Log) Unset() (unset []string) {
	for _, name := range l.order {
		if !l.seen[name] {
			unset = append(unset, name)
		}
	}
	return unset
}

// A Run decodes, tells Log of it, and encodes it.
type Run struct {
	Log   *Log
	Sink  decode.Sink             // the decoder
	Read  func(*edi.Reader) error // has the decoder read a file
	Close func() error            // of the encoder
}

// Start begins a Run that writes to out.
type Start func(out io.Writer, env parts.Envelope) Run

// EveryField fails if one of the fields of what log was told never had a value, except for those listed.
func EveryField(t *testing.T, log *Log, except ...string) {
	t.Helper()
	left := make(map[string]bool)
	for _, e := range except {
		left[e] = true
	}
	for _, name := range log.Unset() {
		if !left[name] {
			t.Errorf("%s never had a value", name)
		}
		delete(left, name)
	}
	for name := range left {
		t.Errorf("%s is said to have no value, and has one", name)
	}
	if log.Events == 0 {
		t.Error("nothing was told")
	}
}

// Rewrite decodes and encodes x12. The error is the encoder's.
func (start Start) Rewrite(x12 []byte, env parts.Envelope) (out []byte, told *Log, err error) {
	var buf bytes.Buffer
	run := start(&buf, env)
	_ = run.Read(edi.NewReader(bytes.NewReader(x12))) // what can be read was told
	if err = run.Log.Err; err == nil {
		err = run.Close()
	}
	return buf.Bytes(), run.Log, err
}

// Same fails unless what was encoded of what was told says the same again.
func (start Start) Same(t *testing.T, encoded []byte, told *Log, env parts.Envelope) {
	t.Helper()
	out, again, err := start.Rewrite(encoded, env)
	if err != nil {
		t.Fatalf("what was encoded can't be encoded again: %v", err)
	}
	Same(t, out, encoded)
	decodetest.Equal(t, again.String(), told.String())
}

// FuzzAll fuzzes with documents of the guides of those keys to begin with, in which values are fixed; see Fuzz.
func (start Start) FuzzAll(f *testing.F, keys []string, values map[string]string, sets ...string) {
	for _, x12 := range decodetest.Inputs(f) {
		f.Add(x12)
	}
	for seed, key := range keys {
		f.Add(Document(guide.Lookup(key), Options{Seed: uint64(seed), Values: values}))
	}
	f.Fuzz(func(t *testing.T, x12 []byte) { start.Fuzz(t, x12, sets...) })
}

// Fuzz checks that what is encoded of any bytes is the same when it is decoded and encoded again, and that nothing was lost or
// changed if the bytes were a document that its guide allows.
func (start Start) Fuzz(t *testing.T, x12 []byte, sets ...string) {
	t.Helper()
	encoded, told, err := start.Rewrite(x12, Random())
	if err != nil || told.Events == 0 {
		return
	}
	if !allowed(x12, sets) {
		told = nil
	}
	out, again, err := start.Rewrite(encoded, Random())
	if err != nil {
		t.Fatalf("what was encoded can't be encoded again: %v", err)
	}
	Same(t, out, encoded)
	if told != nil {
		decodetest.Equal(t, again.String(), told.String())
	}
}

// allowed tells whether x12 has sets of the given kinds only, and without errors.
func allowed(x12 []byte, sets []string) bool {
	ok, n := true, 0
	r := edi.NewReader(bytes.NewReader(x12))
	c := guide.NewChecker(func(f edi.Finding) { ok = ok && f.Severity != edi.Error })
	r.Report = c.Report
	sc := guide.NewScanner(r)
	for sc.Next() {
		c.Segment(sc)
		if sc.Pos().Segment == 1 {
			n++
			ok = ok && slices.Contains(sets, sc.Transaction().Set)
		}
	}
	c.End()
	return ok && n > 0 && sc.Err() == nil
}

// Corpus has each set of the corpus with that ST01 decoded and encoded. It fails unless what was encoded has the same segments, says
// the same, and has no error that the original has not; and if fewer than atLeast sets could be encoded: the others break their guides.
func (start Start) Corpus(t *testing.T, set string, atLeast int) {
	t.Helper()
	var run Run
	var read tap
	var out bytes.Buffer
	accepted, refused := 0, make(map[string]int)
	decodetest.Corpus(t, set, atLeast, func() decode.Sink {
		out.Reset()
		run = start(&out, corpusEnvelope())
		read = tap{Sink: run.Sink}
		return &read
	}, func(t *testing.T, s decodetest.Set) {
		err := run.Log.Err
		if err == nil {
			err = run.Close()
		}
		if err != nil {
			refused[err.Error()]++
			return
		}
		accepted++
		nothingLost(t, read.segments, out.Bytes())
		start.Same(t, out.Bytes(), run.Log, corpusEnvelope())
		for _, f := range Findings(t, out.Bytes(), corpusEnvelope().Levels) {
			if f.Severity == edi.Error {
				t.Errorf("what was encoded has %v", f)
			}
		}
	})
	for reason, n := range refused {
		t.Logf("%d refused: %s", n, reason)
	}
	t.Logf("%d of the sets were encoded", accepted)
	if accepted < atLeast {
		t.Errorf("%d sets were encoded, want at least %d", accepted, atLeast)
	}
}

// corpusEnvelope is that of real documents: many do not balance.
func corpusEnvelope() parts.Envelope {
	env := Envelope()
	env.Levels = guide.NewLevels(1, 2)
	return env
}

// Fixtures decodes and encodes the files named *.x12 in folders: a file whose sets are without errors is accepted, and says the same
// afterwards, without any error. It fails if there are none.
func (start Start) Fixtures(t *testing.T, folders fs.FS, sets ...string) {
	t.Helper()
	names, err := fs.Glob(folders, "*/*.x12")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, name := range names {
		x12, err := fs.ReadFile(folders, name)
		if err != nil {
			t.Fatal(err)
		}
		if !allowed(x12, sets) {
			continue
		}
		n++
		out, told, err := start.Rewrite(x12, Envelope())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		start.Same(t, out, told, Envelope())
		for _, f := range Findings(t, out, 0) {
			if f.Severity == edi.Error {
				t.Errorf("%s: what was encoded has %v", name, f)
			}
		}
	}
	if t.Logf("%d files were encoded", n); n == 0 {
		t.Error("there are no files without errors")
	}
}
