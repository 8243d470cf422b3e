package ingest

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/view"
	"github.com/ediport/ediport/storage"
)

// Dispositions: what we did with a set (EXCHANGE 3).
const (
	dispositionLoaded      = "loaded"
	dispositionFindings    = "loaded_with_findings"
	dispositionHeld        = "held"
	dispositionDuplicate   = "duplicate"
	dispositionUnsupported = "unsupported"
)

// Reasons of held sets; they are codes of the error table.
const (
	holdIncomplete   = "ingest.set_incomplete"   // no SE: more may come
	holdUnreadable   = "ingest.key_fact_missing" // BPR02, TRN02, CLP03 or CLP04 can't be read
	holdTooLarge     = "ingest.number_too_large" // an amount that no column keeps exactly
	holdNoPerson     = "ingest.no_person"        // an answer without a hierarchy, or without a name in it
	holdStrict       = "ingest.rejected"         // policy strict: the guide rejects it
	holdUsage        = "ingest.test_data"        // test data of a production partner, or the reverse
	holdReuse        = "ingest.control_number_reused"
	holdLong         = "ingest.element_too_long" // an identifier or name that no index takes
	holdHuge         = "ingest.claim_too_large"  // one claim or person of more bytes than are kept in memory
	warnNumberReused = "interchange.control_number_reused"
)

// keyFacts watches a set for what must be readable to load it (EXCHANGE 3).
type keyFacts struct {
	set               string
	amount, trace     bool // BPR02, TRN02 are there
	unreadable, large bool
	long, huge        bool
	levels, names     int
	claim             bool    // a CLP is open
	all               edi.Sum // of all amounts, none negative: no sum of some of them is larger
	entity            int64   // where the open claim or level begins
}

// Limits of what is loaded.
const (
	// maxIndexed bounds, in bytes, elements that are looked for by index: the longest of them has 60 characters in every guide.
	maxIndexed = 256
	// maxEntity bounds what is held in memory at once, a claim with its lines or a level with its people: 999 lines take some 300 KB.
	maxEntity = 8 << 20
)

func (k *keyFacts) begin(set string, start int64) { *k = keyFacts{set: set, entity: start} }

// segment takes the next segment of the set, which begins at byte start.
func (k *keyFacts) segment(s edi.Segment, start int64, at guide.Step) {
	tag := s.Text(0)
	k.measure(s, start, tag)
	if k.set != "835" {
		switch string(tag) {
		case "HL":
			k.levels++
		case "NM1":
			k.names++
		}
		return
	}
	if k.orphan(tag, at) {
		k.unreadable = true // a claim without its CLP
		return
	}
	switch string(tag) {
	case "BPR":
		k.unreadable = k.unreadable || k.amount // two payments in one
		k.amount = true
		k.money(s, 2, true)
	case "TRN":
		k.trace = k.trace || len(s.Text(2)) > 0
	case "LX":
		k.claim = false
	case "CLP":
		k.claim = true
		k.money(s, 3, true)
		k.money(s, 4, true)
		k.money(s, 5, false)
	case "CAS":
		for n := 3; n <= 18; n += 3 {
			k.money(s, n, false)
		}
	case "SVC":
		k.money(s, 2, false)
		k.money(s, 3, false)
	case "PLB":
		for n := 4; n <= 14; n += 2 {
			k.money(s, n, false)
		}
	}
}

func (k *keyFacts) money(s edi.Segment, n int, required bool) {
	text := s.Text(n)
	if len(text) == 0 { // most adjustments have one reason of six
		k.unreadable = k.unreadable || required
		return
	}
	d, err := edi.ParseDecimal(text)
	switch {
	case err != nil && required:
		k.unreadable = true
	case err == nil && !storage.FitsMoney(d):
		k.large = true
	case err == nil && d.Sign() < 0:
		k.all.Sub(d)
	case err == nil:
		k.all.Add(d)
	}
}

// sumsFit tells whether every sum of amounts of the set can be kept.
func (k *keyFacts) sumsFit() bool {
	d, ok := k.all.Decimal()
	return ok && storage.FitsMoney(d)
}

// orphan tells whether a segment begins or continues a claim whose CLP is missing, as the decoder sees it.
func (k *keyFacts) orphan(tag edi.Text, at guide.Step) bool {
	if at.Loop == nil || at.Loop.ID != "2100" && at.Loop.ID != "2110" || tag.Is("CLP") {
		return false
	}
	return !k.claim || at.Loop.ID == "2100" && at.Implied
}

// measure watches the length of what will be held in memory, and of what will be in an index.
func (k *keyFacts) measure(s edi.Segment, start int64, tag edi.Text) {
	if tag.Is("CLP") || tag.Is("HL") || tag.Is("PLB") {
		k.entity = start
	}
	end := s.End()
	k.huge = k.huge || end-k.entity > maxEntity
	if end-start <= maxIndexed {
		return
	}
	switch string(tag) {
	case "CLP", "TRN", "PLB", "NM1", "N1", "REF", "BHT", "HL", "ST":
		for n := 1; n <= s.Len(); n++ {
			k.long = k.long || len(s.Element(n)) > maxIndexed
		}
	}
}

// decide says what becomes of a set, before it is known whether its interchange is a duplicate, and why.
func decide(s *view.Set, k *keyFacts, partner *storage.Partner) (disposition, reason string) {
	if s.Guide == nil && s.Set != "997" {
		return dispositionUnsupported, ""
	}
	switch {
	case !s.Complete:
		return dispositionHeld, holdIncomplete
	case k.large || !k.sumsFit():
		return dispositionHeld, holdTooLarge
	case k.huge:
		return dispositionHeld, holdHuge
	case k.long:
		return dispositionHeld, holdLong
	case s.Set == "835" && (!k.amount || !k.trace || k.unreadable):
		return dispositionHeld, holdUnreadable
	case isHierarchical(s.Set) && (k.levels == 0 || k.names == 0):
		return dispositionHeld, holdNoPerson
	case partner != nil && (partner.Usage == "P" || partner.Usage == "T") && s.Group.Interchange.Usage != partner.Usage:
		return dispositionHeld, holdUsage
	case s.Verdict == guide.Rejected && policyOf(s, partner) == "strict":
		return dispositionHeld, holdStrict
	case s.Errors+s.Warnings > 0:
		return dispositionFindings, ""
	default:
		return dispositionLoaded, ""
	}
}

func isHierarchical(set string) bool {
	switch set {
	case "270", "271", "276", "277", "278":
		return true
	}
	return false
}

// isRequest tells whether a set asks us something: then a faulty one is refused, not loaded.
func isRequest(s *view.Set) bool {
	return s.Set == "270" || s.Set == "276" || s.Set == "278" && s.Guide != nil && s.Guide.Variant == "request"
}

func policyOf(s *view.Set, partner *storage.Partner) string {
	if isRequest(s) {
		if partner != nil {
			return partner.RequestPolicy
		}
		return "strict"
	}
	if partner != nil {
		return partner.AnswerPolicy
	}
	return "receive"
}
