package view_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/internal/corpustest"
	"github.com/ediport/ediport/edi/view"
)

// An ownSegment is a segment taken apart into strings of our own, with nothing of the Reader's in it.
type ownSegment struct {
	lead       string
	elements   [][][]string // element, repetition, component
	breaks     map[int]string
	delimiters edi.Delimiters
	open       bool
}

func takeApart(s edi.Segment) ownSegment {
	own := ownSegment{lead: string(s.Lead()), delimiters: s.Delimiters(), open: !s.Terminated(), breaks: map[int]string{}}
	for n := 0; n <= s.Len(); n++ {
		var repetitions [][]string
		d := s.Delimiters()
		for _, r := range splitBy(string(s.Element(n)), d.Repetition) {
			repetitions = append(repetitions, splitBy(r, d.Component))
		}
		own.elements = append(own.elements, repetitions)
	}
	if s.Wrapped() {
		for i, c := range string(s.Raw()) {
			if c == '\r' || c == '\n' {
				own.breaks[i] = string(c)
			}
		}
	}
	return own
}

func splitBy(text, sep string) []string {
	if sep == "" {
		return []string{text}
	}
	return strings.Split(text, sep)
}

func (own ownSegment) write(b *strings.Builder) {
	b.WriteString(own.lead)
	var elements []string
	for _, repetitions := range own.elements {
		var parts []string
		for _, r := range repetitions {
			parts = append(parts, strings.Join(r, own.delimiters.Component))
		}
		elements = append(elements, strings.Join(parts, own.delimiters.Repetition))
	}
	start := b.Len()
	for _, c := range []byte(strings.Join(elements, own.delimiters.Element)) {
		for own.breaks[b.Len()-start] != "" {
			b.WriteString(own.breaks[b.Len()-start])
		}
		b.WriteByte(c)
	}
	for own.breaks[b.Len()-start] != "" {
		b.WriteString(own.breaks[b.Len()-start])
	}
	if !own.open {
		b.WriteString(own.delimiters.Terminator)
	}
}

func corpusFiles(t *testing.T, visit func(t *testing.T, in []byte)) {
	corpustest.Each(t, func(t *testing.T, in []byte) bool {
		if !bytes.Contains(in, []byte("ISA")) {
			return false
		}
		visit(t, in)
		return true
	})
}

// Each published file is read to its end, kept as components in strings of our own, and written again from those alone.
func TestOwnSegmentsRoundTripCorpus(t *testing.T) {
	corpusFiles(t, func(t *testing.T, in []byte) {
		var all []ownSegment
		r := edi.NewReader(bytes.NewReader(in))
		for {
			s, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if errors.Is(err, edi.ErrNotX12) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, takeApart(s))
		}
		trailer := string(r.Trailer())
		var out strings.Builder
		for _, own := range all {
			own.write(&out)
		}
		out.WriteString(trailer)
		if out.String() != string(in) {
			t.Errorf("taken apart and put together again, the file differs")
		}
	})
}

// Tidied up, a file says the same, and tidying it up again changes nothing.
func TestNormalizeCorpus(t *testing.T) {
	corpusFiles(t, func(t *testing.T, in []byte) {
		for _, o := range []view.NormalizeOptions{{LineBreak: "\n", Standard: true}, {LineBreak: "\r\n"}, {}} {
			var once, twice bytes.Buffer
			err := view.Normalize(&once, bytes.NewReader(in), o)
			if errors.Is(err, edi.ErrNotX12) || errors.Is(err, edi.ErrDelimiterInData) || errors.Is(err, edi.ErrCharacter) {
				continue // it says why
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := view.Normalize(&twice, bytes.NewReader(once.Bytes()), o); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(once.Bytes(), twice.Bytes()) {
				t.Errorf("%+v: twice is not the same as once", o)
			}
			before, after := texts(t, in), texts(t, once.Bytes())
			if before != after {
				t.Errorf("%+v: what the elements say has changed:\n%.3000s\n%.3000s", o, before, after)
			}
		}
	})
}

// texts lists the components of all segments, empty ones at the end of an element or segment left out, and the separators in the ISA.
func texts(t *testing.T, in []byte) string {
	t.Helper()
	var b strings.Builder
	r := edi.NewReader(bytes.NewReader(in))
	for {
		s, err := r.Next()
		if errors.Is(err, io.EOF) {
			return b.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		var elements []string
		for n := 0; n <= s.Len(); n++ {
			if s.Is("ISA") {
				if n != 11 && n != 16 {
					elements = append(elements, s.Value(n))
				}
				continue
			}
			var repetitions []string
			for c := range s.Repetitions(n) {
				var parts []string
				for i := 1; i <= c.Len(); i++ {
					parts = append(parts, string(c.Component(i)))
				}
				repetitions = append(repetitions, strings.TrimRight(strings.Join(parts, "\x01"), "\x01"))
			}
			elements = append(elements, strings.TrimRight(strings.Join(repetitions, "\x02"), "\x02"))
		}
		b.WriteString(strings.TrimRight(strings.Join(elements, "|"), "|") + "\n")
	}
}

func TestNormalize(t *testing.T) {
	t.Parallel()
	in := "ISA|00||00||ZZ|SENDER|ZZ|RECEIVER|261121|0830|!|00501|000000001|0|P|>'\r\n\r\nGS|HP|S|R |20261121|0830|1|X|005010X221A1||'" +
		"SVC|HC>99213>>>|80||'EB|1||30!98!!'"
	for o, want := range map[view.NormalizeOptions]string{
		{LineBreak: "\n", Standard: true}: "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261121*0830*^*00501*000000001*0*P*:~\n" +
			"GS*HP*S*R*20261121*0830*1*X*005010X221A1~\nSVC*HC:99213*80~\nEB*1**30^98~\n",
		{}: "ISA|00|          |00|          |ZZ|SENDER         |ZZ|RECEIVER       |261121|0830|!|00501|000000001|0|P|>'" +
			"GS|HP|S|R|20261121|0830|1|X|005010X221A1'SVC|HC>99213|80'EB|1||30!98'",
	} {
		var out bytes.Buffer
		if err := view.Normalize(&out, strings.NewReader(in), o); err != nil || out.String() != want {
			t.Errorf("%+v: error %v\n%q, want\n%q", o, err, out.String(), want)
		}
	}
	data := strings.Replace(in, "99213", "99~13", 1)
	if err := view.Normalize(io.Discard, strings.NewReader(data), view.NormalizeOptions{Standard: true}); !errors.Is(err, edi.ErrDelimiterInData) {
		t.Errorf("error %v, want ErrDelimiterInData", err)
	}
}
