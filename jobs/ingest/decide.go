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
	warnNumberReused = "interchange.control_number_reused"
)

// keyFacts watches a set for what must be readable to load it (EXCHANGE 3).
type keyFacts struct {
	set               string
	amount, trace     bool // BPR02, TRN02 are there
	unreadable, large bool
	levels, names     int
}

func (k *keyFacts) begin(set string) { *k = keyFacts{set: set} }

func (k *keyFacts) segment(s edi.Segment) {
	tag := s.Text(0)
	if k.set != "835" {
		switch {
		case tag.Is("HL"):
			k.levels++
		case tag.Is("NM1"):
			k.names++
		}
		return
	}
	switch {
	case tag.Is("BPR"):
		k.amount = true
		k.money(s, 2, true)
	case tag.Is("TRN"):
		k.trace = k.trace || len(s.Text(2)) > 0
	case tag.Is("CLP"):
		k.money(s, 3, true)
		k.money(s, 4, true)
	case tag.Is("CAS"):
		for n := 3; n <= 18; n += 3 {
			k.money(s, n, false)
		}
	case tag.Is("SVC"):
		k.money(s, 2, false)
		k.money(s, 3, false)
	case tag.Is("PLB"):
		for n := 4; n <= 14; n += 2 {
			k.money(s, n, false)
		}
	}
}

func (k *keyFacts) money(s edi.Segment, n int, required bool) {
	d, err := edi.ParseDecimal(s.Text(n))
	switch {
	case err != nil && required:
		k.unreadable = true
	case err == nil && !storage.FitsMoney(d):
		k.large = true
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
	case k.large:
		return dispositionHeld, holdTooLarge
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
