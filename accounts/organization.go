package accounts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ediport/ediport/storage"
)

// An OrganizationInput is what an account is called, what it is, and where its clock stands.
type OrganizationInput struct {
	Kind, Name string
	TimeZone   string // "": the operator's
}

func (in *OrganizationInput) validate() error {
	in.Name, in.TimeZone = strings.TrimSpace(in.Name), strings.TrimSpace(in.TimeZone)
	if err := checkName(in.Name); err != nil {
		return err
	}
	if !slices.Contains(AccountKinds, in.Kind) {
		return &InputError{"kind", "The kind is one of " + strings.Join(AccountKinds, ", ") + "."}
	}
	if _, err := time.LoadLocation(in.TimeZone); err != nil || in.TimeZone == "Local" {
		return &InputError{"time_zone", "The time zone is a name such as America/Chicago."}
	}
	return nil
}

// nameTaken says of the conflict with an organization of the same name what to do about it. The database has the rule, so that of two
// who give a name at the same moment one is refused.
func nameTaken(err error) error {
	if conflict, ok := errors.AsType[*storage.Error](err); ok && conflict.Constraint == "account_name" {
		return &InputError{"name", "There is an organization of this name already; capital letters make no difference. Add the town, for instance."}
	}
	return err
}

func checkName(name string) error {
	if name == "" || len(name) > 200 || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return &InputError{"name", "Give the organization's name, up to 200 characters."}
	}
	return nil
}

// AddOrganization adds an account to the scope's operator, and returns its id. The error is an *InputError for input
// that can't be used.
func (s *Service) AddOrganization(ctx context.Context, scope storage.Scope, in OrganizationInput) (id storage.AccountID, err error) {
	if err := in.validate(); err != nil {
		return 0, err
	}
	err = nameTaken(s.db.InScope(ctx, scope, func(t *storage.Tx) error {
		if id, err = t.NewAccount(ctx, scope.Operator, in.Kind, in.Name); err != nil {
			return err
		}
		if err := t.ChangeAccount(ctx, id, in.Kind, in.Name, in.TimeZone); err != nil {
			return err
		}
		return t.Audit(ctx, storage.AuditEvent{Action: "account.added", Account: id, ObjectKind: "account", ObjectID: int64(id)})
	}))
	if err != nil {
		return 0, fmt.Errorf("accounts: adding an organization: %w", err)
	}
	return id, nil
}

// ChangeOrganization changes an account of the scope's operator; storage.ErrNotFound, or an *InputError.
func (s *Service) ChangeOrganization(ctx context.Context, scope storage.Scope, id storage.AccountID, in OrganizationInput) error {
	if err := in.validate(); err != nil {
		return err
	}
	err := nameTaken(s.db.InScope(ctx, scope, func(t *storage.Tx) error {
		if err := t.ChangeAccount(ctx, id, in.Kind, in.Name, in.TimeZone); err != nil {
			return err
		}
		return t.Audit(ctx, storage.AuditEvent{Action: "account.changed", Account: id, ObjectKind: "account", ObjectID: int64(id)})
	}))
	if err != nil {
		return fmt.Errorf("accounts: changing an organization: %w", err)
	}
	return nil
}
