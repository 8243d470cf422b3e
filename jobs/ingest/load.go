package ingest

import (
	"errors"
	"io"
	"slices"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/jobs/internal/failpoint"
	"github.com/ediport/ediport/storage"
)

// A setLoader takes the segments of one transaction set and writes its rows. Loaders are used for one set after the other.
type setLoader interface {
	begin(*set) error
	segment(edi.Segment, guide.Step) error
	end() error // behind the set's last segment
}

// A set is the transaction set being loaded, with what its rows have in common.
type set struct {
	*load
	plan          *plan
	id            int64
	ids           envelopeIDs
	interchange   edi.Interchange
	group         edi.Group
	transaction   edi.Transaction
	isaEnd, gsEnd int64 // behind the headers, for the context of raw views
	start, stEnd  int64
	kind          string // the guide's key: 835, 277CA, 278-response
	guide         *guide.Guide
	units         int
	accounts      []storage.AccountID // that were told of the set
	firstFinding  int                 // in plan.findings: none before it is in a unit to come
	partner       *storage.Partner
	folded        []byte
}

// usage is P or T, as the interchange says it.
func (s *set) usage() string { return s.interchange.Usage }

// A unit is a routing unit: the part of a set that goes to one account.
type unit struct {
	id      int64
	account storage.AccountID
	route   route
	kind    string
	start   int64
	context []int64
}

// beginUnit opens the set's next routing unit at byte start and routes it. context holds the byte ranges of the loops above it, as
// pairs of start and end; the envelope headers are added.
func (s *set) beginUnit(kind string, start int64, context []int64, p provider, request storage.AccountID) (unit, error) {
	id, err := s.rows.NewID(s.ctx, storage.IDUnit)
	if err != nil {
		return unit{}, err
	}
	u := unit{id: id, kind: kind, start: start, context: slices.Clone(context)}
	var partner storage.PartnerID
	if s.partner != nil {
		partner = s.partner.ID
	}
	u.route = s.routing.route(p, partner, s.interchange.ReceiverID, s.group.Receiver, request)
	u.route.value = slices.Clone(u.route.value)
	u.account = u.route.account
	return u, s.tell(u.account)
}

// tell lets an account know that the set exists.
func (s *set) tell(account storage.AccountID) error {
	if slices.Contains(s.accounts, account) {
		return nil
	}
	s.accounts = append(s.accounts, account)
	return s.rows.SetAccount(s.ctx, &storage.SetAccountRow{
		AccountID: account, SetID: s.id, OperatorID: s.file.Operator, FileID: s.file.ID, InterchangeID: s.ids.interchange, GroupID: s.ids.group,
	})
}

// endUnit closes a unit at byte end, which is known only when what follows it was seen, and gives it its findings.
func (s *set) endUnit(u *unit, end int64) error {
	if u.id == 0 {
		return nil
	}
	s.units++
	ranges := []int64{s.interchange.Offset, s.isaEnd}
	if s.group.Ordinal != 0 { // a set outside of any group has no GS around it, and must not show another's
		ranges = append(ranges, s.group.Offset, s.gsEnd)
	}
	ranges = append(append(ranges, s.start, s.stEnd), u.context...)
	err := s.rows.Unit(s.ctx, &storage.UnitRow{
		OperatorID: s.file.Operator, ID: u.id, SetID: s.id, FileID: s.file.ID, Ordinal: s.units, Kind: u.kind,
		ByteStart: u.start, ByteEnd: end, ContextRanges: ranges, AccountID: u.account, RoutedBy: u.route.by,
		IdentityKind: u.route.kind, IdentityValue: u.route.value, Candidates: u.route.candidates, Usage: s.usage(), ReceivedAt: s.now,
	})
	s.assignFindings(u, end)
	*u = unit{}
	return err
}

// assignFindings gives the findings between the unit's start and end to it. Units come in file order, as the findings do. A missing
// segment is found at the one that stands in its place: at the unit's start that is a matter of what is before it, and at its end
// one of this unit.
func (s *set) assignFindings(u *unit, end int64) {
	for i := s.firstFinding; i < len(s.plan.findings); i++ {
		f := &s.plan.findings[i]
		at, missing := f.Pos.Offset, isMissing(&f.Finding)
		switch {
		case at > end:
			return
		case at < end:
			s.firstFinding = i + 1
		case !missing:
			continue
		}
		if f.set == s.id && (at > u.start || at == u.start && !missing) {
			f.unit, f.account = u.id, u.account
		}
	}
}

// isMissing tells whether a finding speaks of a segment that is not there. A level that is not there is the matter of those above.
func isMissing(f *edi.Finding) bool {
	return f.Code.Kind == "IK304" && f.Code.Value == "3" && f.Segment != "HL"
}

// loadSets makes the second pass: it decodes and loads what the plan says.
func (in *Ingester) loadSets(l *load, p *plan) error {
	if !slices.Contains(p.load, true) && !p.ta1 {
		return nil
	}
	s := &secondPass{load: l, plan: p, loaders: map[string]setLoader{}}
	return in.read(l.file, s.run)
}

type secondPass struct {
	*load
	plan    *plan
	loaders map[string]setLoader
	current setLoader // nil outside of sets that are loaded
	set     set
	sets    int
	groups  int
	isaEnd  int64
	gsEnd   int64
	ta1s    int // of the interchange so far
}

func (s *secondPass) run(r io.Reader) error {
	sc := guide.NewScanner(edi.NewReader(r))
	for {
		for sc.Next() {
			if err := s.segment(sc); err != nil {
				return err
			}
		}
		var syntax *edi.SyntaxError
		if err := sc.Err(); !errors.As(err, &syntax) || errors.Is(err, edi.ErrNotX12) {
			if err != nil {
				return err
			}
			return s.endSet()
		}
	}
}

func (s *secondPass) segment(sc *guide.Scanner) error {
	seg := sc.Segment()
	p := seg.Pos()
	if s.current != nil && p.Transaction != s.set.transaction.Ordinal {
		if err := s.endSet(); err != nil {
			return err
		}
	}
	switch {
	case p.Transaction != 0 && seg.Is("ST"):
		if err := s.beginSet(sc, seg); err != nil {
			return err
		}
	case seg.Is("ISA"):
		s.isaEnd, s.gsEnd, s.ta1s = seg.End(), 0, 0
		return s.ctx.Err()
	case seg.Is("GS"):
		s.groups++
		s.gsEnd = seg.End()
	case seg.Is("TA1") && p.Transaction == 0:
		return s.ta1(sc, seg)
	}
	if s.current == nil || p.Transaction == 0 {
		return nil
	}
	if err := s.current.segment(seg, sc.Step()); err != nil {
		return err
	}
	if seg.Is("SE") {
		return s.endSet()
	}
	return nil
}

func (s *secondPass) beginSet(sc *guide.Scanner, st edi.Segment) error {
	if err := s.endSet(); err != nil {
		return err
	}
	s.sets++
	if s.sets > len(s.plan.load) || !s.plan.load[s.sets-1] {
		return nil
	}
	kind := sc.Transaction().Set
	if g := sc.Guide(); g != nil {
		kind = g.Key
	}
	s.current = s.loader(kind)
	if s.current == nil {
		return nil
	}
	if err := failpoint.Check("ingest.loading"); err != nil {
		return err
	}
	s.set = set{
		load: s.load, plan: s.plan, id: s.plan.ids[s.sets-1], interchange: sc.Interchange(), group: sc.Group(), transaction: sc.Transaction(),
		isaEnd: s.isaEnd, gsEnd: s.gsEnd, start: st.Pos().Offset, stEnd: st.End(), kind: kind, guide: sc.Guide(),
		accounts: s.set.accounts[:0], folded: s.set.folded, partner: s.routing.partnerOf(sc.Interchange()), firstFinding: s.nextFinding(st.Pos().Offset),
		ids: s.plan.setGroups[s.sets-1],
	}
	return s.current.begin(&s.set)
}

// nextFinding skips the findings that stand before offset.
func (s *secondPass) nextFinding(offset int64) int {
	i := s.set.firstFinding
	for i < len(s.plan.findings) && s.plan.findings[i].Pos.Offset < offset {
		i++
	}
	return i
}

func (s *secondPass) endSet() error {
	if s.current == nil {
		return nil
	}
	current := s.current
	s.current = nil
	return current.end()
}

// loader returns the loader of a kind of set, named by its guide's key; nil for those that have no rows of their own.
func (s *secondPass) loader(kind string) setLoader {
	l, ok := s.loaders[kind]
	if !ok {
		l = newLoader(kind)
		s.loaders[kind] = l
	}
	return l
}

func newLoader(kind string) setLoader {
	switch kind {
	case "835":
		return newRemittanceLoader()
	case "270", "271":
		return newEligibilityLoader()
	case "276", "277", "277CA":
		return newClaimStatusLoader()
	case "278-request", "278-response":
		return newAuthorizationLoader()
	case "999", "997":
		return newAcknowledgmentLoader()
	default:
		return nil
	}
}

// ta1 loads an interchange acknowledgment, unless its interchange is a duplicate or held.
func (s *secondPass) ta1(sc *guide.Scanner, seg edi.Segment) error {
	ids := s.plan.interchanges[sc.Interchange().Ordinal-1]
	if !ids.kept {
		return nil
	}
	s.ta1s++
	s.set = set{load: s.load, plan: s.plan, ids: envelopeIDs{interchange: ids.id}, interchange: sc.Interchange(), partner: s.routing.partnerOf(sc.Interchange())}
	return loadTA1(&s.set, seg, s.ta1s)
}
