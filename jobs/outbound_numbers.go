package jobs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/storage"
)

// numberKey names the sequence of interchange numbers between two partners.
func numberKey(e *storage.OutboundEnvelope) string {
	return strings.Join([]string{e.SenderQualifier, e.SenderID, e.ReceiverQualifier, e.ReceiverID, e.Usage}, "|") + "|"
}

// takeNumbers gives an interchange of ours, and its groups, the next control numbers.
func takeNumbers(ctx context.Context, tx *storage.Tx, envelopes []storage.OutboundEnvelope) error {
	key := ""
	for i := range envelopes {
		e := &envelopes[i]
		kind := storage.NumberInterchange
		if e.Group == 0 {
			key = numberKey(e)
		} else {
			kind = storage.NumberGroup
		}
		n, err := tx.NextNumber(ctx, kind, key+e.FunctionalID)
		if err != nil {
			return err
		}
		e.ControlNumber = int64(n)
	}
	return nil
}

// raiseNumbers makes our sequences go on behind the numbers that stand in what somebody else made and we deliver: what
// we make next for the same receiver must not repeat one. The order is that of takeNumbers.
func raiseNumbers(ctx context.Context, tx *storage.Tx, envelopes []storage.OutboundEnvelope) error {
	type sequence struct{ key, kind string }
	highest := map[sequence]int64{}
	for i := range envelopes {
		e := &envelopes[i]
		s := sequence{numberKey(e) + e.FunctionalID, storage.NumberGroup}
		if e.Group == 0 {
			s.kind = storage.NumberInterchange
		}
		highest[s] = max(highest[s], e.ControlNumber)
	}
	inOrder := slices.SortedFunc(maps.Keys(highest), func(a, b sequence) int { return strings.Compare(a.key, b.key) })
	for _, s := range inOrder {
		if err := tx.RaiseNumber(ctx, s.kind, s.key, highest[s]); err != nil {
			return err
		}
	}
	return nil
}

// renumber writes content with the control numbers of the envelopes, which are its own in order.
func renumber(content []byte, envelopes []storage.OutboundEnvelope) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(len(content) + 16)
	r := edi.NewReaderBytes(content)
	var interchange, group string
	for {
		seg, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out.Bytes(), nil
		}
		if err != nil {
			return nil, fmt.Errorf("jobs: numbering: %w", err)
		}
		raw := seg.Raw()
		switch tag := seg.Tag(); tag {
		case "ISA", "GS":
			if len(envelopes) == 0 {
				return nil, errors.New("jobs: numbering: there are more envelopes than numbers")
			}
			n := envelopes[0].ControlNumber
			envelopes = envelopes[1:]
			if tag == "ISA" {
				interchange = fmt.Sprintf("%09d", n)
				raw = withElement(seg, 13, interchange)
			} else {
				group = strconv.FormatInt(n, 10)
				raw = withElement(seg, 6, group)
			}
		case "GE":
			raw = withElement(seg, 2, group)
		case "IEA":
			raw = withElement(seg, 2, interchange)
		}
		out.Write(seg.Lead())
		out.Write(raw)
		out.WriteString(seg.Delimiters().Terminator)
	}
}

// withElement returns the segment's bytes with one element replaced.
func withElement(seg edi.Segment, n int, value string) []byte {
	separator := []byte(seg.Delimiters().Element)
	parts := bytes.Split(seg.Raw(), separator)
	if n < len(parts) {
		parts[n] = []byte(value)
	}
	return bytes.Join(parts, separator)
}
