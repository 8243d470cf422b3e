package encodetest

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/decode"
)

// A tap notes the segments on their way to a decoder.
type tap struct {
	decode.Sink
	segments []string
}

func (p *tap) Segment(s edi.Segment, at guide.Step) error {
	p.segments = appendPlain(p.segments, s)
	return p.Sink.Segment(s, at)
}

// appendPlain appends what a segment says, however it is written: without delimiters of its own, empty elements at its end, and
// blanks; numbers are in their shortest form. Those that encoders make are their id only; LS and LE say nothing.
func appendPlain(list []string, s edi.Segment) []string {
	tag := s.Tag()
	switch tag {
	case "LS", "LE":
		return list
	case "ST", "SE", "HL", "LX":
		return append(list, tag)
	}
	var all []string
	for n := 1; n <= s.Len(); n++ {
		var repetitions []string
		for c := range s.Repetitions(n) {
			var components []string
			for i := 1; i <= c.Len(); i++ {
				components = append(components, number(c.Component(i)))
			}
			repetitions = append(repetitions, strings.TrimRight(strings.Join(components, ":"), ":"))
		}
		all = append(all, strings.TrimRight(strings.Join(repetitions, "^"), "^"))
	}
	return append(list, tag+"*"+strings.TrimRight(strings.Join(all, "*"), "*"))
}

func number(t edi.Text) string {
	d, err := edi.ParseDecimal(t)
	if err != nil || len(t) > 0 && t[0] == '0' {
		return t.String()
	}
	s := d.String()
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return strings.TrimPrefix(s, "0.")
}

// nothingLost fails with the first segment of a set that is not in what was encoded of it, or the other way round.
func nothingLost(t *testing.T, read []string, encoded []byte) {
	t.Helper()
	var written []string
	sc := guide.NewScanner(edi.NewReader(bytes.NewReader(encoded)))
	for sc.Next() {
		if sc.Guide() != nil {
			written = appendPlain(written, sc.Segment())
		}
	}
	slices.Sort(written)
	read = slices.Sorted(slices.Values(read))
	for len(read) > 0 || len(written) > 0 {
		switch {
		case len(read) > 0 && len(written) > 0 && read[0] == written[0]:
			read, written = read[1:], written[1:]
		case len(written) == 0 || len(read) > 0 && read[0] < written[0]:
			t.Errorf("lost: a segment %.3s", read[0])
			read = read[1:]
		default:
			t.Errorf("made up: a segment %.3s", written[0])
			written = written[1:]
		}
	}
}
