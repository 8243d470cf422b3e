package storage

import (
	"errors"
	"reflect"

	"github.com/lib/pq"
)

// MaskedText stands for what the reader may not see of a patient: names, birth dates, member ids and
// other numbers of people. What was not sent stays empty. Lists of values and JSON documents that may
// hold such are left out whole.
const MaskedText = "•••"

// ErrMasked says that what is asked for can't be shown without its patients, whom the reader may not see.
var ErrMasked = errors.New("the patients in it may not be seen")

// When a column is masked, by its tag.
var maskedWhen = map[string]string{
	"account":  "t.account_id = ANY ((SELECT ediport_masked())::bigint[])",
	"plane":    "(SELECT ediport_masked_plane()) OR t.account_id = ANY ((SELECT ediport_masked())::bigint[])",
	"operator": "(SELECT ediport_masked_plane())", // a table of the exchange plane only
}

var (
	dayType   = reflect.TypeFor[Day]()
	jsonType  = reflect.TypeFor[JSON]()
	arrayType = reflect.TypeFor[pq.StringArray]()
)

// maskedExpr returns the expression of a column, masked where the reader may not see it: it never leaves the
// database then. It is the one place that masks, so no page, answer or export can forget to.
func maskedExpr(t reflect.Type, expr, mask string) string {
	when := maskedWhen[mask]
	if when == "" {
		panic("storage: no mask " + mask)
	}
	switch {
	case t == jsonType, t == arrayType:
		return "CASE WHEN " + when + " THEN NULL ELSE " + expr + " END"
	case t == dayType:
		return "CASE WHEN " + expr + " IS NULL THEN NULL WHEN " + when + " THEN '" + MaskedText + "' ELSE " + expr + "::text END"
	case t.Kind() == reflect.String:
		return "CASE WHEN coalesce(" + expr + ", '') = '' THEN '' WHEN " + when + " THEN '" + MaskedText + "' ELSE " + expr + " END"
	default:
		panic("storage: a " + t.String() + " can't be masked")
	}
}

// unmaskedParts are accountParts without those whose patients may not be seen: nobody searches by what
// he may not see, since what is found tells it.
func (s Scope) unmaskedParts(only AccountID) []int64 {
	seen := s
	seen.Accounts = s.seen()
	return seen.accountParts(only)
}

// seen returns the accounts whose patients may be seen.
func (s Scope) seen() []AccountID {
	var out []AccountID
	for _, a := range s.Accounts {
		if !s.masks(a) {
			out = append(out, a)
		}
	}
	return out
}

func (s Scope) masks(account AccountID) bool {
	for _, m := range s.Masked {
		if m == account {
			return true
		}
	}
	return false
}
