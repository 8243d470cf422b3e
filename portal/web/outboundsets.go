package web

import (
	"context"
	"strings"

	"github.com/ediport/ediport/edi/codes"
	"github.com/ediport/ediport/storage"
)

// An outboundEnvelope is an interchange or group of ours, with what was said of its sets.
type outboundEnvelope struct {
	storage.OutboundEnvelope
	Said []storage.SetCount
}

// setWords are the words of sets in the order in which they are told.
var setWords = []struct{ code, words string }{{"R", "rejected"}, {"unclear", "not clear"}, {"E", "accepted with errors"}, {"A", "accepted"}}

// SetWords says how many sets of the group got which word; "" if none did.
func (e *outboundEnvelope) SetWords() string {
	var parts []string
	for _, w := range setWords {
		for _, c := range e.Said {
			if c.Acknowledgment == w.code {
				parts = append(parts, number(c.Sets)+" "+w.words)
			}
		}
	}
	return strings.Join(parts, ", ")
}

// A refusedSet is a set of ours that its receiver did not simply accept.
type refusedSet struct{ storage.OutboundSetItem }

// Why returns in words what the receiver said of the set.
func (s refusedSet) Why() []string {
	why := codeTexts(codes.SetError, s.ErrorCodes)
	for i := range s.Errors {
		e := acknowledgedErrorOf(s.Errors[i])
		why = append(why, e.Where+": "+e.Says)
	}
	switch {
	case len(why) > 0:
	case s.Acknowledgment == "unclear" && s.AcknowledgmentSetNo == 0:
		why = append(why, "The acknowledgment doesn’t say what holds for this set, or speaks of sets that we did not send. Ask the receiver.")
	case s.Acknowledgment == "unclear":
		why = append(why, "What was said of this set contradicts itself, or may be meant of another one. Ask the receiver.")
	case s.Acknowledgment == "R" && s.AcknowledgmentSetNo == 0:
		why = append(why, "Its group or interchange was rejected as a whole.")
	}
	return why
}

// refusedShown is how many sets that were not simply accepted stand on the page of their file.
const refusedShown = 50

// loadSets finds the envelopes of an outbound file, and what its receiver said of their sets.
func (o *outboundData) loadSets(ctx context.Context, tx *storage.Tx) error {
	envelopes, err := tx.OutboundEnvelopes(ctx, o.FileID)
	if err != nil {
		return err
	}
	counts, err := tx.OutboundSetCounts(ctx, o.FileID)
	if err != nil {
		return err
	}
	type group struct{ interchange, group int }
	of := map[group][]storage.SetCount{}
	refused := 0
	for _, c := range counts {
		at := group{c.Interchange, c.Group}
		of[at] = append(of[at], c)
		if c.Acknowledgment != "A" && c.Acknowledgment != "none" {
			refused += c.Sets
		}
	}
	for i := range envelopes {
		o.Envelopes = append(o.Envelopes, outboundEnvelope{envelopes[i], of[group{envelopes[i].Interchange, envelopes[i].Group}]})
	}
	if refused == 0 {
		return nil
	}
	sets, err := tx.RefusedSets(ctx, o.FileID, refusedShown)
	for i := range sets {
		o.Refused = append(o.Refused, refusedSet{sets[i]})
	}
	o.Others = refused - len(sets)
	return err
}
