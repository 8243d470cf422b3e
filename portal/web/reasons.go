package web

import (
	"github.com/ediport/ediport/jobs"
)

// A reason is a code of the error table in words.
type reason struct {
	Code     string
	Sentence string
	Next     string
}

// ingestReasons say why a file or set is in its state, where the table of jobs says nothing of it.
var ingestReasons = map[string]reason{
	"ingest.set_incomplete":             {Sentence: "The set breaks off before its end (SE).", Next: "If the whole file comes later, it is loaded then."},
	"ingest.key_fact_missing":           {Sentence: "A fact that money depends on can’t be read: BPR02, TRN02, CLP03 or CLP04.", Next: "Ask the sender for a corrected file."},
	"ingest.number_too_large":           {Sentence: "An amount is larger or finer than can be kept exactly.", Next: "Ask the sender for a corrected file."},
	"ingest.no_person":                  {Sentence: "The set names no person and no provider.", Next: "Ask the sender for a corrected file."},
	"ingest.rejected":                   {Sentence: "The guide rejects the set, and this partner’s policy is strict.", Next: "Look at its findings; the sender has to correct it."},
	"ingest.test_data":                  {Sentence: "Test data of a production partner, or the reverse.", Next: "Ask the sender which it is."},
	"ingest.control_number_reused":      {Sentence: "The interchange’s control number was used before for other content, and this partner’s policy holds those.", Next: "Ask the sender whether the content is meant."},
	"ingest.archive_damaged":            {Sentence: "The archived original can’t be read.", Next: "Restore the archive, or ask the sender for the file again."},
	"interchange.control_number_reused": {Sentence: "The interchange’s control number was used before for other content.", Next: ""},
	"findings.capped":                   {Sentence: "There are more findings than are kept."},
}

// reasonOf returns what a code says; nil for none.
func reasonOf(code string) *reason {
	if code == "" {
		return nil
	}
	if r, ok := ingestReasons[code]; ok {
		r.Code = code
		return &r
	}
	if p, ok := jobs.Explain(code); ok {
		return &reason{Code: code, Sentence: p.Sentence, Next: p.Next}
	}
	return &reason{Code: code}
}
