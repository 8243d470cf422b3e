package ack

import (
	"fmt"

	"github.com/ediport/ediport/edi"
)

// A setWriter writes 999s, one after the other, each from top to bottom: begin, then set, any number of errors and endSet for each
// set, then end.
type setWriter struct {
	out   *output
	sets  int    // 999s begun
	st02  string // of the one in hand
	named Named
	worst Outcome
}

// whole writes a 999 about g with all that it holds.
func (w *setWriter) whole(g *Group) error {
	if len(g.Kind) > 0 && !g.Kind.Is("999") {
		return &InvalidError{Segment: "ST", Element: 1, Reason: "only a 999 can be written"}
	}
	if err := w.begin(g); err != nil {
		return err
	}
	for _, s := range g.Sets {
		if err := w.set(s); err != nil {
			return err
		}
		for _, e := range s.Errors {
			if err := w.error(e); err != nil {
				return err
			}
		}
		if err := w.endSet(s); err != nil {
			return err
		}
	}
	return w.end(g)
}

// begin writes ST and AK1.
func (w *setWriter) begin(g *Group) error {
	w.sets++
	w.named, w.worst, w.out.count = Named{}, Accepted, 0
	if w.st02 = string(g.SetControlNumber); w.st02 == "" {
		w.st02 = fmt.Sprintf("%04d", w.sets)
	}
	if err := w.out.segment("ST", edi.Str("999"), edi.Str(w.st02), edi.Str(guideID)); err != nil {
		return err
	}
	return w.out.segment("AK1", text(g.FunctionalID), text(g.ControlNumber), text(g.Version))
}

// set writes AK2.
func (w *setWriter) set(s *Set) error {
	w.named.Sets++
	return w.out.segment("AK2", text(s.Code), text(s.ControlNumber), text(s.Guide))
}

// error writes IK3 with its CTX and IK4.
func (w *setWriter) error(e *SegmentError) error {
	code := e.Code
	if len(code) == 0 && len(e.Elements) > 0 {
		code = edi.Text("8")
	}
	if code.Is("8") != (len(e.Elements) > 0) {
		return &InvalidError{Segment: "IK3", Ordinal: w.out.count + 1, Element: 4, Reason: "8 goes with IK4 segments, other codes without"}
	}
	if len(e.Codes) > 0 {
		return &InvalidError{Segment: "IK3", Ordinal: w.out.count + 1, Element: 5, Reason: "further codes are for a 997 only"}
	}
	if err := w.out.segment("IK3", text(e.Segment), count(e.Position), text(e.Loop), text(code)); err != nil {
		return err
	}
	if err := w.contexts(e.Contexts); err != nil {
		return err
	}
	for i := range e.Elements {
		x := &e.Elements[i]
		place := edi.Components(part(x.Element), part(x.Component), part(x.Repetition))
		if err := w.out.segment("IK4", place, text(x.Reference), text(x.Code), text(x.Value)); err != nil {
			return err
		}
		if err := w.contexts(x.Contexts); err != nil {
			return err
		}
	}
	return nil
}

func (w *setWriter) contexts(contexts []Context) error {
	for i := range contexts {
		c := &contexts[i]
		var place edi.Value
		if c.Element.Sent {
			place = edi.Components(part(c.Element), part(c.Component), part(c.Repetition))
		}
		err := w.out.segment("CTX", edi.Components(string(c.Name), string(c.Reference)), text(c.Segment), count(c.Position), text(c.Loop), place)
		if err != nil {
			return err
		}
	}
	return nil
}

// endSet writes IK5.
func (w *setWriter) endSet(s *Set) error {
	outcome := outcomeOf(s.Answer)
	switch outcome {
	case Accepted, AcceptedWithErrors:
		w.named.Accepted++
	default:
		w.named.Rejected++
	}
	w.worst = max(w.worst, outcome)
	if (len(s.ErrorCodes) > 0) == s.Answer.Is("A") {
		return &InvalidError{Segment: "IK5", Ordinal: w.out.count + 1, Element: 2, Reason: "error codes go with any answer but A, and that needs one"}
	}
	return w.codes("IK5", s.ErrorCodes, 5, text(s.Answer))
}

// end writes AK9 and SE.
func (w *setWriter) end(g *Group) error {
	received, accepted, included := g.Received, g.Accepted, g.Included
	if !received.Sent {
		received = sent(w.named.Sets)
	}
	if !accepted.Sent {
		accepted = sent(received.Value - w.named.Rejected)
	}
	if !included.Sent {
		included = received
	}
	code := g.Code
	if len(code) == 0 {
		code = edi.Text(w.groupCode(accepted.Value))
	}
	if err := w.codes("AK9", g.ErrorCodes, 5, text(code), count(included), count(received), count(accepted)); err != nil {
		return err
	}
	return w.out.segment("SE", number(w.out.count+1), edi.Str(w.st02))
}

// groupCode is what follows from the answers about sets.
func (w *setWriter) groupCode(accepted int) string {
	switch {
	case w.named.Rejected > 0 && accepted == 0:
		return "R"
	case w.named.Rejected > 0:
		return "P"
	case w.worst == AcceptedWithErrors:
		return "E"
	default:
		return "A"
	}
}

func (w *setWriter) codes(tag string, codes []edi.Text, most int, elements ...edi.Value) error {
	if len(codes) > most {
		return &InvalidError{Segment: tag, Ordinal: w.out.count + 1, Reason: "there are too many error codes"}
	}
	for _, c := range codes {
		elements = append(elements, text(c))
	}
	return w.out.segment(tag, elements...)
}
