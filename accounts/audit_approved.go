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

// exportLife is how long an approved export can be taken out.
const exportLife = 24 * time.Hour

var (
	// ErrExportNeedsApproval says that an export waits for a second person's word: it has to be asked for.
	ErrExportNeedsApproval = errors.New("accounts: the export takes a second person")
	// ErrExportFree says that an export was asked for that nobody has to approve.
	ErrExportFree = errors.New("accounts: the export needs no approval")
	// ErrExportWaits says that an export is not approved yet.
	ErrExportWaits = errors.New("accounts: the export is not approved yet")
	// ErrExportOver says that an export was rejected, withdrawn, or approved longer than a day ago.
	ErrExportOver = errors.New("accounts: the export can't be taken out any more")
)

// An ExportPlace is where somebody may take the audit out.
type ExportPlace struct {
	Operator storage.OperatorID
	Account  storage.AccountID // 0: everything of the operator
	Name     string
	Two      bool // it takes two people
}

// ExportPlaces returns where the principal may export the audit: the exchange, or else his accounts.
func (s *Service) ExportPlaces(ctx context.Context, p *Principal) (places []ExportPlace, err error) {
	scope := p.Scope(ExportAudit)
	for _, o := range p.Operators {
		if o.ID == scope.Operator {
			places = append(places, ExportPlace{Operator: o.ID, Name: o.Name})
		}
	}
	if len(places) == 0 {
		for _, a := range p.Accounts {
			if slices.Contains(scope.Accounts, a.ID) {
				places = append(places, ExportPlace{Operator: a.OperatorID, Account: a.ID, Name: a.Name})
			}
		}
	}
	for i := range places {
		if places[i].Two, err = s.NeedsApproval(ctx, places[i].policyPlace()); err != nil {
			return nil, err
		}
	}
	return places, nil
}

func (e ExportPlace) policyPlace() Place {
	if e.Account != 0 {
		return Place{Account: e.Account}
	}
	return Place{Operator: e.Operator}
}

// scope returns what an export of the place reads.
func (e ExportPlace) scope(p *Principal) storage.Scope {
	if e.Account != 0 {
		return storage.Scope{Accounts: []storage.AccountID{e.Account}, Home: e.Operator, Actor: p.Actor()}
	}
	return storage.Scope{Operator: e.Operator, Actor: p.Actor()}
}

// exportPlaces returns the places of which an export is: all, or the account that its filter names.
func (s *Service) exportPlaces(ctx context.Context, p *Principal, account storage.AccountID) ([]ExportPlace, error) {
	places, err := s.ExportPlaces(ctx, p)
	if err != nil {
		return nil, err
	}
	if account != 0 {
		places = slices.DeleteFunc(places, func(e ExportPlace) bool { return e.Account != 0 && e.Account != account })
	}
	if len(places) == 0 {
		return nil, fmt.Errorf("accounts: account: %w", storage.ErrNotFound)
	}
	return places, nil
}

func takesTwo(places []ExportPlace) bool {
	return slices.ContainsFunc(places, func(e ExportPlace) bool { return e.Two })
}

// ExportAuditNow is ExportAudit for a person or program, where one person's word is enough; else the error is
// ErrExportNeedsApproval.
func (s *Service) ExportAuditNow(ctx context.Context, p *Principal, x AuditExport, fn func([]AuditRecord) error) error {
	places, err := s.exportPlaces(ctx, p, x.Filter.Account)
	if err != nil {
		return err
	}
	if takesTwo(places) {
		return ErrExportNeedsApproval
	}
	scope := places[0].scope(p)
	for _, e := range places[1:] {
		scope.Accounts = append(scope.Accounts, e.Account)
	}
	return s.exportAudit(ctx, scope, x, nil, fn)
}

// RequestAuditExport asks a second person for an export, and returns the request's id. It ends at this moment at the latest, so
// that what is decided on stays the same. Errors: ErrExportFree where one person's word is enough, an *InputError,
// storage.ErrConflict if the person waits for another export of the place.
func (s *Service) RequestAuditExport(ctx context.Context, p *Principal, x AuditExport, reason string) (int64, error) {
	places, err := s.exportPlaces(ctx, p, x.Filter.Account)
	switch {
	case err != nil:
		return 0, err
	case !takesTwo(places):
		return 0, ErrExportFree
	case len(places) > 1:
		return 0, &InputError{"account", "Choose one organization: each has its own people who approve."}
	}
	place, now := places[0], s.now()
	if x.Filter.To == nil || x.Filter.To.After(now) {
		x.Filter.To = &now
	}
	if x.Filter.From != nil && !x.Filter.From.Before(*x.Filter.To) {
		return 0, &InputError{"from", "This is not before the end."}
	}
	summary, err := s.exportSummary(ctx, x)
	if err != nil {
		return 0, err
	}
	return s.RequestApproval(ctx, p, NewApproval{
		Kind: ApproveExport, Operator: place.Operator, Account: place.Account, Reason: reason, Summary: summary, Payload: x,
		ObjectKind: "user", ObjectID: int64(p.UserID), // one request at a time, of each who asks
	})
}

// exportSummary says in a sentence what an export holds.
func (s *Service) exportSummary(ctx context.Context, x AuditExport) (string, error) {
	at := func(t *time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
	from := "from the beginning"
	if x.Filter.From != nil {
		from = "from " + at(x.Filter.From)
	}
	words := []string{"Take out the audit as " + x.Format, from, "until " + at(x.Filter.To)}
	f, ids := x.Filter, s.db.PublicIDs()
	if f.Person != 0 {
		row, _, err := s.store.User(ctx, f.Person)
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			return "", fmt.Errorf("accounts: %w", err)
		}
		words = append(words, "only of the person "+row.Login)
	}
	for _, only := range []struct{ what, value string }{
		{"action", f.Action},
		{"result", f.Result},
		{"incident", f.CorrelationID},
		{"address", f.Address},
		{"actor", string(f.ActorKind)},
		{"object", ids.Format(publicKindOf(f.ObjectKind), f.ObjectID)},
		{"account", ids.Format(storage.PublicAccount, int64(f.Account))},
	} {
		if only.value != "" {
			words = append(words, "only of the "+only.what+" "+only.value)
		}
	}
	return strings.Join(words, ", ") + ".", nil
}

// approvedExport is what the approval of an export does at once: nothing. Who asked for it takes it out afterwards.
func (s *Service) approvedExport(_ context.Context, _ *storage.Tx, a storage.Approval) error {
	_, err := exportOf(a)
	return err
}

func exportOf(a storage.Approval) (x AuditExport, err error) {
	if err = json.Unmarshal([]byte(a.Payload), &x); err != nil {
		return x, fmt.Errorf("accounts: export: %w", err)
	}
	if !slices.Contains(AuditFormats, x.Format) || x.Filter.To == nil {
		return x, errors.New("accounts: export: the request does not say what is wanted")
	}
	return x, nil
}

// An ApprovedExport is an export that was asked for.
type ApprovedExport struct {
	storage.Approval
	AuditExport
	Until time.Time // when it can be taken out no more

	place ExportPlace
}

// ApprovedExport returns an export that the principal asked for and a second person approved. Errors: storage.ErrNotFound,
// also for requests of others; ErrExportWaits; ErrExportOver; a *DeniedError who may not export there any more.
func (s *Service) ApprovedExport(ctx context.Context, p *Principal, id int64) (x ApprovedExport, err error) {
	if x.Approval, err = s.approvalFor(ctx, p, id); err != nil {
		return x, err
	}
	if x.RequestedBy != p.UserID || ApprovalKind(x.Kind) != ApproveExport {
		return x, fmt.Errorf("accounts: export: %w", storage.ErrNotFound)
	}
	x.place = ExportPlace{Operator: x.OperatorID, Account: x.AccountID}
	if x.AccountID == 0 && !p.CanAtOperator(ExportAudit, x.OperatorID) || x.AccountID != 0 && !p.CanAt(ExportAudit, x.AccountID) {
		return x, &DeniedError{ExportAudit}
	}
	switch {
	case x.Decision == "" && !s.Expired(x.Approval):
		return x, ErrExportWaits
	case x.Decision != "approved" || x.DecidedAt == nil:
		return x, ErrExportOver
	}
	if x.Until = x.DecidedAt.Add(exportLife); !s.now().Before(x.Until) {
		return x, ErrExportOver
	}
	x.AuditExport, err = exportOf(x.Approval)
	return x, err
}

// Exportable says whether a request is an export that the principal can take out now.
func (s *Service) Exportable(p *Principal, a storage.Approval) bool {
	return ApprovalKind(a.Kind) == ApproveExport && a.RequestedBy == p.UserID && a.Decision == "approved" &&
		a.DecidedAt != nil && s.now().Before(a.DecidedAt.Add(exportLife))
}

// ExportApproved gives fn the events of an approved export, after an event that says so and names the approval. Errors as of
// [Service.ApprovedExport].
func (s *Service) ExportApproved(ctx context.Context, p *Principal, id int64, fn func([]AuditRecord) error) error {
	x, err := s.ApprovedExport(ctx, p, id)
	if err != nil {
		return err
	}
	return s.exportAudit(ctx, x.place.scope(p), x.AuditExport, map[string]any{"approval_id": id}, fn)
}
