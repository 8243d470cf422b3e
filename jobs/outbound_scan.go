package jobs

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/storage"
)

// ErrNotX12 says that what was handed in can't be read as X12 from end to end.
var ErrNotX12 error = newKind("outbound.not_x12", true, "the file is not readable X12")

// maxEnvelopes bounds the envelopes of one outbound file.
const maxEnvelopes = 20_000

// scan reads what is to leave and returns its interchanges and groups. Everything must be complete: a
// file that breaks off, or holds anything but interchanges, is ErrNotX12 with the reason.
func scan(content io.Reader) ([]storage.OutboundEnvelope, error) {
	s := &scanner{}
	r := edi.NewReader(content)
	for {
		seg, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		var syntax *edi.SyntaxError
		switch {
		case errors.As(err, &syntax):
			return nil, fail(ErrNotX12, syntax)
		case err != nil:
			return nil, fmt.Errorf("jobs: reading what is to be delivered: %w", err)
		}
		if err := s.segment(seg); err != nil {
			return nil, fail(ErrNotX12, err)
		}
	}
	if s.open != "" || len(s.found) == 0 {
		return nil, fail(ErrNotX12, errors.New("it breaks off"))
	}
	return s.found, nil
}

// A scanner collects envelopes.
type scanner struct {
	found       []storage.OutboundEnvelope
	interchange storage.OutboundEnvelope
	open        string // the innermost open envelope: ISA, GS, ST; "" outside
}

// closes says which envelope a trailer ends, and which is open then.
var closes = map[string][2]string{"SE": {"ST", "GS"}, "GE": {"GS", "ISA"}, "IEA": {"ISA", ""}}

// opens says in which envelope a header stands.
var opens = map[string]string{"ISA": "", "GS": "ISA", "ST": "GS"}

func (s *scanner) segment(seg edi.Segment) error {
	tag := seg.Tag()
	if inside, header := opens[tag]; header {
		if s.open != inside {
			return fmt.Errorf("%s in the wrong place", tag)
		}
		s.open = tag
		return s.header(tag, seg)
	}
	if end, trailer := closes[tag]; trailer {
		if s.open != end[0] {
			return fmt.Errorf("%s without its header", tag)
		}
		s.open = end[1]
		return nil
	}
	if s.open == "" || s.open == "GS" {
		return errors.New("a segment stands outside of transaction sets")
	}
	return nil
}

func (s *scanner) header(tag string, seg edi.Segment) error {
	switch tag {
	case "ISA":
		number, err := controlNumber(seg.Text(13))
		s.interchange = storage.OutboundEnvelope{
			Interchange: s.interchange.Interchange + 1, SenderQualifier: trimmed(seg.Text(5)), SenderID: trimmed(seg.Text(6)),
			ReceiverQualifier: trimmed(seg.Text(7)), ReceiverID: trimmed(seg.Text(8)), Date: trimmed(seg.Text(9)), Time: trimmed(seg.Text(10)),
			ControlNumber: number, Usage: trimmed(seg.Text(15)),
		}
		return s.add(s.interchange, err)
	case "GS":
		e := s.interchange
		number, err := controlNumber(seg.Text(6))
		e.Group, e.ControlNumber, e.FunctionalID, e.Version = s.groups()+1, number, trimmed(seg.Text(1)), trimmed(seg.Text(8))
		return s.add(e, err)
	default:
		g := &s.found[len(s.found)-1]
		if g.Sets++; g.Sets == 1 {
			g.SetCode = trimmed(seg.Text(1))
		}
		return nil
	}
}

// groups is how many the open interchange has so far.
func (s *scanner) groups() int { return s.found[len(s.found)-1].Group }

func (s *scanner) add(e storage.OutboundEnvelope, err error) error {
	if err == nil && len(s.found) >= maxEnvelopes {
		err = fmt.Errorf("it has more than %d interchanges and groups", maxEnvelopes)
	}
	s.found = append(s.found, e)
	return err
}

func controlNumber(t edi.Text) (int64, error) {
	n, err := strconv.ParseInt(trimmed(t), 10, 64)
	if err != nil || n < 0 {
		return 0, errors.New("a control number is no number")
	}
	return n, nil
}

func trimmed(t edi.Text) string { return strings.TrimSpace(string(t)) }
