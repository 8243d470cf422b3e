package ingest

import (
	"cmp"
	"encoding/json"
	"io"
	"slices"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/view"
	"github.com/ediport/ediport/storage"
)

// maxFindings bounds the findings that are kept of a file; the rest is counted.
const maxFindings = 5_000

// A plan is what the survey of a file found out for the pass that loads it: a few bytes per set.
type plan struct {
	load         []bool        // by ordinal of the set in the file, from 1: is it to be loaded
	ids          []int64       // of the sets' rows
	setGroups    []envelopeIDs // of the sets' groups
	interchanges []plannedInterchange
	findings     []finding
	dropped      map[edi.Severity]int
	ta1          bool // there are interchange acknowledgments to load
	questions    questions
	refused      []bool // by ordinal of the set: it is held only because its guide refuses it
	answers      []*answerable
}

type plannedInterchange struct {
	id   int64
	kept bool // it is neither a duplicate nor held as a whole
}

type envelopeIDs struct{ interchange, group int64 }

// A finding waits for its routing unit.
type finding struct {
	edi.Finding
	set     int64 // row id, 0 outside sets
	unit    int64
	account storage.AccountID
}

// A surveyor makes the first pass: it writes the rows of the envelopes and plans the second.
type surveyor struct {
	*load
	plan        *plan
	err         error
	facts       keyFacts
	hash        contentHash
	partner     *storage.Partner
	interchange int64
	group       int64
	set         int64 // id of the open set
	sets        map[string]int
	groupSets   map[string]int
	firstSet    int           // index in plan of the interchange's first set
	requests    int           // sets of the interchange that ask us something
	others      int           // sets of it that don't, acknowledgments left out
	starts      map[int64]int // sets of it, by their first byte
	groups      []answerableGroup
	testData    bool             // a set of it is held because of its usage
	bare        storage.GroupRow // the group of sets that stand outside of any; its id is 0 if there is none
}

func (in *Ingester) survey(l *load) (*plan, error) {
	s := &surveyor{load: l, plan: &plan{dropped: map[edi.Severity]int{}}}
	v := view.Survey{Rules: func() *guide.PartnerRules { return s.routing.rulesOf(s.partner) }, Report: s.finding, Segment: s.segment, Set: s.closeSet, Group: s.closeGroup, Interchange: s.closeInterchange}
	err := in.read(l.file, func(r io.Reader) error { return v.Run(&cancelReader{r: r, s: s}) })
	if err == nil {
		s.keep(s.plan.questions.find(l))
	}
	if s.err != nil {
		err = s.err
	}
	slices.SortStableFunc(s.plan.findings, func(a, b finding) int { return cmp.Compare(a.Pos.Offset, b.Pos.Offset) })
	return s.plan, err
}

// A cancelReader ends the survey when the surveyor has failed or the load is cancelled.
type cancelReader struct {
	r io.Reader
	s *surveyor
}

func (c *cancelReader) Read(p []byte) (int, error) {
	if c.s.err != nil {
		return 0, c.s.err
	}
	if err := c.s.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// newID takes a row id; a failure ends the survey.
func (s *surveyor) newID(kind storage.IDKind) int64 {
	id, err := s.rows.NewID(s.ctx, kind)
	s.keep(err)
	return id
}

func (s *surveyor) keep(err error) {
	if s.err == nil {
		s.err = err
	}
}

func (s *surveyor) finding(f edi.Finding) {
	s.counts.Findings[f.Severity.String()]++
	if len(s.plan.findings) >= maxFindings {
		s.plan.dropped[f.Severity]++
		return
	}
	s.plan.findings = append(s.plan.findings, finding{Finding: f})
}

func (s *surveyor) segment(sc *guide.Scanner) {
	seg := sc.Segment()
	switch string(seg.Text(0)) {
	case "ISA":
		s.hash.reset()
		s.interchange = s.newID(storage.IDInterchange)
		s.partner = s.routing.partnerOf(sc.Interchange())
		s.sets, s.firstSet, s.requests, s.others = map[string]int{}, len(s.plan.load), 0, 0
		s.starts, s.groups, s.testData = map[int64]int{}, nil, false
		s.group = 0
	case "GS":
		s.endBareGroup()
		s.beginGroup()
	case "ST":
		start := seg.Pos().Offset
		if s.group == 0 {
			s.beginBareGroup(start)
		}
		s.facts.begin(sc.Transaction().Set, start)
		s.set = s.newID(storage.IDSet)
	default:
		if p := seg.Pos(); p.Transaction != 0 {
			s.facts.segment(seg, p.Offset, sc.Step())
		}
	}
	s.keep(s.plan.questions.segment(s.load, sc))
	s.hash.segment(seg)
}

func (s *surveyor) beginGroup() {
	s.group = s.newID(storage.IDGroup)
	s.groupSets = map[string]int{}
}

// beginBareGroup begins a group for sets that stand outside of any, so that they are listed with their file.
func (s *surveyor) beginBareGroup(start int64) {
	s.beginGroup()
	s.bare = storage.GroupRow{
		OperatorID: s.file.Operator, ID: s.group, FileID: s.file.ID, InterchangeID: s.interchange, ByteStart: start, Acknowledgment: "none",
	}
}

func (s *surveyor) endBareGroup() {
	if s.bare.ID == 0 {
		return
	}
	s.bare.Disposition = rollUp(s.groupSets, true)
	s.keep(s.rows.Group(s.ctx, &s.bare))
	s.bare, s.group = storage.GroupRow{}, 0
}

func (s *surveyor) closeSet(set *view.Set) {
	disposition, reason := decide(set, &s.facts, s.partner)
	switch {
	case isRequest(set):
		s.requests++
	case set.Group.FunctionalID != "FA":
		s.others++
	}
	s.testData = s.testData || reason == holdUsage
	if s.outbox != nil {
		s.starts[set.Start] = len(s.plan.load)
	}
	if s.bare.ID != 0 {
		s.bare.ByteEnd, s.bare.Sets = set.End, s.bare.Sets+1
	}
	s.sets[disposition]++
	s.groupSets[disposition]++
	s.counts.Sets[disposition]++
	s.plan.load = append(s.plan.load, disposition == dispositionLoaded || disposition == dispositionFindings)
	s.plan.refused = append(s.plan.refused, reason == holdStrict)
	s.plan.ids = append(s.plan.ids, s.set)
	s.plan.setGroups = append(s.plan.setGroups, envelopeIDs{s.interchange, s.group})
	s.markFindings(set)
	guideID := ""
	if set.Guide != nil {
		guideID = set.Guide.ID
	}
	s.keep(s.rows.Set(s.ctx, &storage.SetRow{
		OperatorID: s.file.Operator, ID: s.set, FileID: s.file.ID, InterchangeID: s.interchange, GroupID: s.group,
		Ordinal: set.Ordinal, FileOrdinal: set.FileOrdinal, ByteStart: set.Start, ByteEnd: set.End, Segments: set.Segments,
		SetCode: edi.Text(set.Set), ControlNumber: clip(set.ControlNumber), Version: edi.Text(set.Group.Version), Guide: guideID,
		Usage: set.Group.Interchange.Usage, Verdict: set.Verdict.String(), Disposition: disposition, DispositionReason: reason,
		Acknowledgment: "none", Errors: set.Errors, Warnings: set.Warnings,
	}))
	summary, err := json.Marshal(set.Summary)
	s.keep(err)
	s.keep(s.rows.SetSummary(s.ctx, &storage.SetSummaryRow{OperatorID: s.file.Operator, SetID: s.set, Summary: withoutNUL(summary)}))
}

// markFindings names the set in the findings that speak of it: the last ones, as its set closes.
func (s *surveyor) markFindings(set *view.Set) {
	for i := len(s.plan.findings) - 1; i >= 0; i-- {
		f := &s.plan.findings[i]
		p := f.Pos
		if p.Interchange != set.Group.Interchange.Ordinal || p.Group < set.Group.Ordinal || p.Group == set.Group.Ordinal && p.Transaction != 0 && p.Transaction < set.Ordinal {
			return
		}
		if p.Group == set.Group.Ordinal && p.Transaction == set.Ordinal {
			f.set = s.set
		}
	}
}

func (s *surveyor) closeGroup(g *view.Group) {
	if s.outbox != nil && g.FunctionalID != "FA" {
		s.groups = append(s.groups, answerableGroup{s.group, g.FunctionalID, g.ControlNumber})
	}
	s.keep(s.rows.Group(s.ctx, &storage.GroupRow{
		OperatorID: s.file.Operator, ID: s.group, FileID: s.file.ID, InterchangeID: s.interchange, Ordinal: g.Ordinal,
		ByteStart: g.Start, ByteEnd: g.End, Sets: g.Sets, FunctionalID: edi.Text(g.FunctionalID), SenderCode: edi.Text(g.Sender),
		ReceiverCode: edi.Text(g.Receiver), DateSent: edi.Text(g.Date), TimeSent: edi.Text(g.Time),
		ControlNumber: clip(g.ControlNumber), Version: edi.Text(g.Version), Disposition: rollUp(s.groupSets, g.Complete), Acknowledgment: "none",
	}))
	s.group = 0
}

func (s *surveyor) closeInterchange(i *view.Interchange) {
	s.endBareGroup()
	if s.err != nil {
		return
	}
	row := storage.InterchangeRow{
		OperatorID: s.file.Operator, ID: s.interchange, FileID: s.file.ID, Ordinal: i.Ordinal, ByteStart: i.Start, ByteEnd: i.End,
		Complete: i.Complete, Segments: i.Segments, Groups: i.Groups,
		SenderQualifier: edi.Text(i.SenderQualifier), SenderID: edi.Text(i.SenderID),
		ReceiverQualifier: edi.Text(i.ReceiverQualifier), ReceiverID: edi.Text(i.ReceiverID),
		DateSent: edi.Text(i.Date), TimeSent: edi.Text(i.Time), Version: edi.Text(i.Version), ControlNumber: clip(i.ControlNumber),
		TA1Requested: i.AckRequested == "1", Usage: i.Usage, ContentHash: s.hash.sum(), ReceivedAt: s.now,
		Disposition: rollUp(s.sets, i.Complete),
	}
	if row.Disposition == dispositionHeld && len(s.sets) == 0 {
		row.DispositionReason = holdIncomplete
	}
	if s.partner != nil {
		row.PartnerID = s.partner.ID
		s.load.partner = s.partner.ID
	}
	s.keep(s.judgeDuplicate(i, &row))
	s.counts.Interchanges[row.Disposition]++
	kept := row.DuplicateOf == 0 && row.DispositionReason != holdReuse
	s.plan.interchanges = append(s.plan.interchanges, plannedInterchange{row.ID, kept})
	s.plan.ta1 = s.plan.ta1 || len(i.TA1) > 0 && kept
	s.answer(i, &row)
	s.keep(s.rows.Interchange(s.ctx, &row))
}

// judgeDuplicate compares the interchange with those known and takes it out of the plan if it is one of them.
func (s *surveyor) judgeDuplicate(i *view.Interchange, row *storage.InterchangeRow) error {
	days := 400
	policy := "warn"
	if s.partner != nil {
		days, policy = s.partner.ReuseWindowDays, s.partner.ReusePolicy
	}
	match, err := s.tx.ClaimInterchange(s.ctx, storage.InterchangeKey{
		Key: interchangeKey(i.Interchange), Content: row.ContentHash, ID: row.ID, File: s.file.ID, ReceivedAt: s.now,
		Since: s.now.AddDate(0, 0, -days),
	})
	if err != nil {
		return err
	}
	row.DuplicateOf, row.Reuses = match.DuplicateOf, match.Reuses
	switch {
	case match.DuplicateOf != 0:
		row.Disposition = dispositionDuplicate
		return s.dispose(dispositionDuplicate, "")
	case match.Reuses != 0 && policy != "allow":
		s.finding(reused(i))
		if policy == "hold" || policy == "reject" && s.requests > 0 {
			row.Disposition, row.DispositionReason = dispositionHeld, holdReuse
			return s.dispose(dispositionHeld, holdReuse)
		}
	}
	return nil
}

func reused(i *view.Interchange) edi.Finding {
	return edi.Finding{
		Pos: edi.Position{Offset: i.Start, Line: 1, Interchange: i.Ordinal}, Control: edi.Control{ISA13: i.ControlNumber},
		Segment: "ISA", Element: 13, Severity: edi.Warning, SNIP: 1, Code: edi.Code{Kind: warnNumberReused},
		Message: "this sender used the interchange control number before, for other content",
	}
}

// dispose takes all sets of the interchange out of the plan.
func (s *surveyor) dispose(disposition, reason string) error {
	for n := s.firstSet; n < len(s.plan.load); n++ {
		s.plan.load[n] = false
	}
	for d, n := range s.sets {
		s.counts.Sets[d] -= n
		s.counts.Sets[disposition] += n
		if s.counts.Sets[d] == 0 {
			delete(s.counts.Sets, d)
		}
	}
	if err := s.rows.Flush(s.ctx); err != nil {
		return err
	}
	return s.tx.DisposeInterchange(s.ctx, s.file.ID, s.interchange, disposition, reason)
}

// rollUp makes one disposition of those of the parts: what a person must look at first wins. An envelope that breaks off before
// its first set is held: what it was to bring is not there.
func rollUp(n map[string]int, complete bool) string {
	if len(n) == 0 && !complete {
		return dispositionHeld
	}
	for _, d := range []string{dispositionHeld, dispositionFindings, dispositionLoaded, dispositionUnsupported} {
		if n[d] > 0 {
			return d
		}
	}
	return dispositionLoaded // TA1 and nothing else
}

// maxControlNumber bounds the control numbers that are kept to look for: a trade's has at most 9 characters, and what is much longer
// has no place in an index. Identity goes by a hash over all of it.
const maxControlNumber = 100

func clip(controlNumber string) edi.Text {
	return edi.Text(controlNumber[:min(len(controlNumber), maxControlNumber)])
}
