package ingest

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/storage"
)

// maxQuestions is how many traces are looked up at once.
const maxQuestions = 1_000

// questions are the inquiries of ours that a file answers: they say whose the answers are before their loops are read to
// the end (EXCHANGE 2, 7). The survey collects them; only those that were found are kept.
type questions struct {
	kind    string // of the questions that the open set answers; "" if it answers none
	unit    string // HL03 of its routing units
	start   int64  // of the open routing unit; 0: none
	pending []pendingQuestion
	traces  []string
	found   map[questionKey]storage.InquiryRef
	units   map[int64]storage.AccountID // by first byte of the routing unit; 0: it answers several accounts
}

type pendingQuestion struct {
	questionKey
	originator string
	start      int64
}

type questionKey struct{ kind, usage, trace string }

// segment takes the next segment of the file.
func (q *questions) segment(l *load, sc *guide.Scanner) error {
	s := sc.Segment()
	switch tag := s.Text(0); {
	case tag.Is("ST"):
		q.begin(sc.Transaction().Set)
	case q.kind == "":
	case tag.Is("BHT") && s.Text(1).Is("0085"):
		q.kind = "" // a 277CA answers claims
	case tag.Is("HL"):
		q.level(s)
	case tag.Is("TRN") && q.start != 0 && s.Text(1).Is("2"):
		return q.add(l, pendingQuestion{questionKey{q.kind, sc.Interchange().Usage, s.Value(2)}, s.Value(3), q.start})
	}
	return nil
}

func (q *questions) begin(set string) {
	q.start = 0
	switch set {
	case "271":
		q.kind, q.unit = "270", "22"
	case "277":
		q.kind, q.unit = "276", "19"
	case "278":
		q.kind, q.unit = "278", "22"
	default:
		q.kind = ""
	}
}

func (q *questions) level(s edi.Segment) {
	switch level := s.Text(3); {
	case level.Is(q.unit):
		q.start = s.Pos().Offset
	case level.Is("20"), level.Is("21"):
		q.start = 0
	}
}

func (q *questions) add(l *load, p pendingQuestion) error {
	if len(q.pending) >= maxQuestions || len(q.pending) > 0 && q.pending[0].kind != p.kind {
		if err := q.find(l); err != nil {
			return err
		}
	}
	q.pending = append(q.pending, p)
	return nil
}

// find looks up what was collected since the last time.
func (q *questions) find(l *load) error {
	if len(q.pending) == 0 {
		return nil
	}
	q.traces = q.traces[:0]
	for i := range q.pending {
		q.traces = append(q.traces, q.pending[i].trace)
	}
	refs, err := l.tx.InquiriesByTrace(l.ctx, q.pending[0].kind, q.traces)
	if err != nil {
		return err
	}
	if len(refs) > 0 {
		q.match(refs)
	}
	q.pending = q.pending[:0]
	return nil
}

func (q *questions) match(refs []storage.InquiryRef) {
	if q.found == nil {
		q.found, q.units = map[questionKey]storage.InquiryRef{}, map[int64]storage.AccountID{}
	}
	byTrace := make(map[string][]storage.InquiryRef, len(refs))
	for _, r := range refs {
		byTrace[r.Trace] = append(byTrace[r.Trace], r)
	}
	for _, p := range q.pending {
		ref, ok := p.one(byTrace[p.trace])
		if !ok {
			continue
		}
		q.found[p.questionKey] = ref
		if account, known := q.units[p.start]; known && account != ref.Account {
			ref.Account = 0
		}
		q.units[p.start] = ref.Account
	}
}

// one returns the only question that p can mean.
func (p *pendingQuestion) one(refs []storage.InquiryRef) (ref storage.InquiryRef, ok bool) {
	for _, r := range refs {
		if r.Usage != p.usage || p.originator != "" && r.Originator != "" && p.originator != r.Originator {
			continue
		}
		if ok {
			return storage.InquiryRef{}, false
		}
		ref, ok = r, true
	}
	return ref, ok
}

// account returns whose questions the routing unit that starts at byte start answers; 0: nobody's, or several accounts'.
func (q *questions) account(start int64) storage.AccountID { return q.units[start] }

// inquiry returns the question of the account with the trace; 0 if it has none.
func (q *questions) inquiry(kind, usage string, trace edi.Text, account storage.AccountID) int64 {
	if len(q.found) == 0 {
		return 0
	}
	ref := q.found[questionKey{kind, usage, trace.String()}]
	if ref.Account != account {
		return 0
	}
	return ref.ID
}
