package accounts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ediport/ediport/storage"
)

// ErrNoSecondPerson says that nobody else could decide on what always takes two people.
var ErrNoSecondPerson = errors.New("accounts: there is no second person who could approve it")

// A PurgeOrder is data that somebody wants to be taken out for good.
type PurgeOrder struct {
	Account storage.AccountID `json:"account_id,omitempty"` // 0: of any account
	Kinds   []string          `json:"kinds"`                // of [storage.PurgeKinds]
	Before  time.Time         `json:"before"`               // received earlier
}

// Filter returns what the order means at an operator.
func (o PurgeOrder) Filter(operator storage.OperatorID) storage.PurgeFilter {
	return storage.PurgeFilter{Operator: operator, Account: o.Account, Kinds: o.Kinds, Before: o.Before}
}

// PurgeKindTitle returns a kind of data in words; several are joined by +.
func PurgeKindTitle(kinds string) string {
	titles := map[string]string{
		"835": "Remittances (835)", "270": "Eligibility inquiries (270)", "271": "Eligibility answers (271)", "276": "Claim status requests (276)",
		"277": "Claim statuses (277, 277CA)", "278": "Authorizations (278)", storage.PurgeAcknowledgments: "Acknowledgments (TA1, 999)",
		storage.PurgeOther: "Other files, and what could not be read",
	}
	var words []string
	for kind := range strings.SplitSeq(kinds, "+") {
		words = append(words, titles[kind])
	}
	return strings.Join(words, " with ")
}

// CheckPurge returns an *InputError for an order that nobody may give: without kinds or day, or for data that must be kept longer.
func (s *Service) CheckPurge(o PurgeOrder) error {
	if len(o.Kinds) == 0 {
		return &InputError{"kind", "Choose what is to be purged."}
	}
	if o.Before.IsZero() {
		return &InputError{"before", "Enter the day before which the data was received."}
	}
	for _, kind := range o.Kinds {
		if !slices.Contains(storage.PurgeKinds(), kind) {
			return &InputError{"kind", "Choose from the list."}
		}
		if floor := storage.PurgeFloor(kind, s.now()); o.Before.After(floor) {
			why := "Data is kept for 90 days at least"
			if kind == storage.PurgeRemittances || kind == storage.PurgeOther {
				why = "Remittances are kept for six years, and so is what nobody could read"
			}
			return &InputError{"before", fmt.Sprintf("%s: choose a day up to %s.", why, floor.In(o.Before.Location()).Format(time.DateOnly))}
		}
	}
	return nil
}

// PreviewPurge counts what a purge would take out and what it would leave. It changes nothing. Errors: a *DeniedError, those of
// CheckPurge, storage.ErrNotFound for an account that is not the operator's.
func (s *Service) PreviewPurge(ctx context.Context, p *Principal, operator storage.OperatorID, o PurgeOrder) ([]storage.PurgeCount, error) {
	if !p.CanAtOperator(PurgeData, operator) {
		return nil, &DeniedError{PurgeData}
	}
	counts, _, err := s.previewPurge(ctx, operator, o)
	return counts, err
}

func (s *Service) previewPurge(ctx context.Context, operator storage.OperatorID, o PurgeOrder) (counts []storage.PurgeCount, of string, err error) {
	if err := s.CheckPurge(o); err != nil {
		return nil, "", err
	}
	scope := storage.Scope{Operator: operator}
	if o.Account != 0 {
		a, err := s.db.Account(ctx, scope, o.Account)
		if err != nil {
			return nil, "", fmt.Errorf("accounts: purge: %w", err)
		}
		of = " of " + a.Name
	}
	if counts, err = s.db.PurgePreview(ctx, scope, o.Filter(operator)); err != nil {
		return nil, "", fmt.Errorf("accounts: purge: %w", err)
	}
	return counts, of, nil
}

// RequestPurge asks a second person for a purge, which can't be undone and so always takes two. It returns the request's
// id. Errors: those of PreviewPurge, an *InputError without a reason or if there is nothing to purge, ErrNoSecondPerson,
// storage.ErrConflict if a purge waits for its approval already.
func (s *Service) RequestPurge(ctx context.Context, p *Principal, operator storage.OperatorID, o PurgeOrder, reason string) (int64, error) {
	if !p.CanAtOperator(PurgeData, operator) {
		return 0, &DeniedError{PurgeData}
	}
	counts, of, err := s.previewPurge(ctx, operator, o)
	if err != nil {
		return 0, err
	}
	summary := purgeSummary(o, counts, of)
	if summary == "" {
		return 0, &InputError{"before", "There is nothing to purge."}
	}
	second, err := s.SecondPerson(ctx, p, operator)
	if err != nil {
		return 0, err
	}
	if !second {
		return 0, ErrNoSecondPerson
	}
	return s.RequestApproval(ctx, p, NewApproval{
		Kind: ApprovePurge, Operator: operator, ObjectKind: "operator", ObjectID: int64(operator), Reason: reason, Payload: o, Summary: summary,
	})
}

// purgeSummary says what would be purged; "" for nothing.
func purgeSummary(o PurgeOrder, counts []storage.PurgeCount, of string) string {
	var parts []string
	for i := range counts {
		if c := &counts[i]; c.Verdict == storage.PurgeTake {
			parts = append(parts, fmt.Sprintf("%s: %d files, %d sets, received from %s to %s",
				PurgeKindTitle(c.Kind), c.Files, c.Sets, c.Oldest.Format(time.DateOnly), c.Newest.Format(time.DateOnly)))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return fmt.Sprintf("Take out for good what was received before %s%s. %s. It can't be undone.",
		o.Before.Format(time.DateOnly), of, strings.Join(parts, "; "))
}

// PurgeAct makes the act of approved purges of what starts one in a transaction.
func PurgeAct(start func(ctx context.Context, t *storage.Tx, a storage.Approval, o PurgeOrder) error) ApprovalAct {
	return func(ctx context.Context, t *storage.Tx, a storage.Approval) error {
		var o PurgeOrder
		if err := json.Unmarshal([]byte(a.Payload), &o); err != nil {
			return fmt.Errorf("purge: %w", err)
		}
		return start(ctx, t, a, o)
	}
}
