package accounts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/ediport/ediport/storage"
)

// An ApprovalKind is a kind of act that takes two people.
type ApprovalKind string

// The kinds there are.
const (
	ApproveHostKey ApprovalKind = "host_key.replace" // another key in place of one that a partner's server had
	ApprovePolicy  ApprovalKind = "policy.weaken"
	ApprovePurge   ApprovalKind = "purge"
	ApproveExport  ApprovalKind = "export.bulk"
)

// Title returns the kind in words.
func (k ApprovalKind) Title() string {
	return map[ApprovalKind]string{
		ApproveHostKey: "Replace a host key", ApprovePolicy: "Weaken the security policy",
		ApprovePurge: "Purge data", ApproveExport: "Export in bulk",
	}[k]
}

// ErrOwnRequest says that somebody wanted to decide on what he asked for himself.
var ErrOwnRequest = errors.New("accounts: one's own request")

// ErrDecided says that a request is decided, withdrawn or expired already; it is a storage.ErrConflict, too.
var ErrDecided = fmt.Errorf("accounts: decided already: %w", storage.ErrConflict)

// ErrAskerMayNot says that who asked may not do it any more himself, so that nobody else does it on his word.
var ErrAskerMayNot = errors.New("accounts: who asked may not do it any more")

// approvalLife is how long a request waits for its decision.
const approvalLife = 7 * 24 * time.Hour

// An ApprovalAct does what was approved, in the transaction of the decision. That transaction is one of the
// request's operator and account, made by who decided.
type ApprovalAct func(context.Context, *storage.Tx, storage.Approval) error

// approvalActs are the acts by kind.
type approvalActs struct {
	mu sync.RWMutex
	do map[ApprovalKind]ApprovalAct
}

// OnApproval says what an approved request of the kind does. Without it, no such request is taken.
func (s *Service) OnApproval(kind ApprovalKind, do ApprovalAct) {
	s.acts.mu.Lock()
	defer s.acts.mu.Unlock()
	if s.acts.do == nil {
		s.acts.do = map[ApprovalKind]ApprovalAct{}
	}
	s.acts.do[kind] = do
}

func (s *Service) actOf(kind ApprovalKind) ApprovalAct {
	s.acts.mu.RLock()
	defer s.acts.mu.RUnlock()
	return s.acts.do[kind]
}

// A NewApproval is a request to make.
type NewApproval struct {
	Kind       ApprovalKind
	Operator   storage.OperatorID
	Account    storage.AccountID // 0: of the operator itself
	ObjectKind string            // "" for none
	ObjectID   int64
	Summary    string // what is asked for, in a sentence without data of patients
	Reason     string
	Payload    any // JSON; nothing secret
}

// RequestApproval writes a request down and returns its id. It is decided within 7 days, or expires. The error
// is an *InputError without a reason, storage.ErrConflict if the same is asked for already.
func (s *Service) RequestApproval(ctx context.Context, p *Principal, n NewApproval) (id int64, err error) {
	n.Reason = strings.TrimSpace(n.Reason)
	if n.Reason == "" || len(n.Reason) > 500 {
		return 0, &InputError{"reason", "Say in up to 500 characters why this is needed; who decides reads it."}
	}
	if s.actOf(n.Kind) == nil {
		return 0, fmt.Errorf("accounts: approval: nothing does %s", n.Kind)
	}
	payload, err := json.Marshal(n.Payload)
	if err != nil {
		return 0, fmt.Errorf("accounts: approval: %w", err)
	}
	row := storage.Approval{
		OperatorID: n.Operator, AccountID: n.Account, Kind: string(n.Kind), ObjectKind: n.ObjectKind, ObjectID: n.ObjectID,
		Summary: n.Summary, Reason: n.Reason, Payload: storage.JSON(payload), RequestedBy: p.UserID, RequestedAt: s.now(), ExpiresAt: s.now().Add(approvalLife),
	}
	err = s.db.InSystem(ctx, p.Actor(), func(t *storage.Tx) error {
		if row.ID, err = t.AddApproval(ctx, row); err != nil {
			return err
		}
		return t.Audit(ctx, approvalEvent("approval.requested", row))
	})
	if err != nil {
		return 0, fmt.Errorf("accounts: approval: %w", err)
	}
	return row.ID, nil
}

func approvalEvent(action string, a storage.Approval) storage.AuditEvent {
	return storage.AuditEvent{
		Action: action, Operator: a.OperatorID, Account: a.AccountID, ObjectKind: "approval", ObjectID: a.ID,
		Detail: map[string]any{"kind": a.Kind, "requested_by": int64(a.RequestedBy)},
	}
}

// DecideApproval approves or rejects a request. Approving does what was asked for, in the same transaction: both
// happen, once, or neither. Errors: ErrOwnRequest, ErrAskerMayNot, a *DeniedError, storage.ErrNotFound, ErrDecided for a
// request that is decided or has expired, and those of the act.
func (s *Service) DecideApproval(ctx context.Context, p *Principal, id int64, approve bool, note string) error {
	a, err := s.approvalFor(ctx, p, id)
	if err != nil {
		return err
	}
	if !p.decides(a) {
		return &DeniedError{DecideApprovals}
	}
	if a.RequestedBy == p.UserID {
		return ErrOwnRequest
	}
	decision, action := "rejected", "approval.rejected"
	if approve {
		decision, action = "approved", "approval.approved"
		if err := s.askerStillMay(ctx, a); err != nil {
			return err
		}
	}
	scope := storage.Scope{Operator: a.OperatorID, Actor: p.Actor()}
	if a.AccountID != 0 {
		scope.Accounts = []storage.AccountID{a.AccountID}
	}
	err = s.db.InScope(ctx, scope, func(t *storage.Tx) error {
		if err := decided(t.DecideApproval(ctx, a, decision, p.UserID, shorten(strings.TrimSpace(note), 500), s.now())); err != nil {
			return err
		}
		if approve {
			do := s.actOf(ApprovalKind(a.Kind))
			if do == nil {
				return fmt.Errorf("nothing does %s", a.Kind)
			}
			a.DecidedBy = p.UserID
			if err := do(ctx, t, a); err != nil {
				return err
			}
		}
		return t.Audit(ctx, approvalEvent(action, a))
	})
	if err != nil {
		return fmt.Errorf("accounts: approval: %w", err)
	}
	return nil
}

// decided tells the conflict of a request that is decided from those of the act.
func decided(err error) error {
	if errors.Is(err, storage.ErrConflict) {
		return ErrDecided
	}
	return err
}

// WithdrawApproval takes one's own request back. Errors as of [Service.DecideApproval].
func (s *Service) WithdrawApproval(ctx context.Context, p *Principal, id int64) error {
	a, err := s.approvalFor(ctx, p, id)
	if err != nil {
		return err
	}
	if a.RequestedBy != p.UserID {
		return storage.ErrNotFound
	}
	return s.db.InSystem(ctx, p.Actor(), func(t *storage.Tx) error {
		if err := decided(t.DecideApproval(ctx, a, "withdrawn", p.UserID, "", s.now())); err != nil {
			return err
		}
		return t.Audit(ctx, approvalEvent("approval.withdrawn", a))
	})
}

func (p *Principal) decides(a storage.Approval) bool {
	return p.CanAtOperator(DecideApprovals, a.OperatorID) || a.AccountID != 0 && p.CanAt(DecideApprovals, a.AccountID)
}

// Expired says whether a request waits no longer for its decision.
func (s *Service) Expired(a storage.Approval) bool {
	return a.Decision == "" && !a.ExpiresAt.After(s.now())
}
