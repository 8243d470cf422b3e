package accounts

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/ediport/ediport/storage"
)

// ErrSetUp says that the installation has an administrator already.
var ErrSetUp = errors.New("accounts: the installation is set up")

// setupLife is how long a set-up code lasts if the program isn't started anew, which makes another one.
const setupLife = 30 * 24 * time.Hour

// A Setup is what the first person says who opens a new installation.
type Setup struct {
	Operator string // name of who runs the exchange
	TimeZone string // of the IANA data base: "America/Chicago"
	Login    string
	Name     string
	Email    string
	Password string
}

// SetupNeeded says whether nobody administers the installation yet.
func (s *Service) SetupNeeded(ctx context.Context) (bool, error) {
	var n int
	err := s.db.InSystem(ctx, storage.Actor{Kind: storage.ActorSystem}, func(t *storage.Tx) (err error) {
		n, err = t.Administrators(ctx)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("accounts: set-up: %w", err)
	}
	return n == 0, nil
}

// NewSetupCode returns the code by which whoever started the program can make the first administrator;
// "" if there is one. It takes the place of those of earlier starts. It is not kept as it is.
func (s *Service) NewSetupCode(ctx context.Context) (string, error) {
	needed, err := s.SetupNeeded(ctx)
	if err != nil || !needed {
		return "", err
	}
	code, now := newCode(longCode), s.now()
	err = s.db.InSystem(ctx, storage.Actor{Kind: storage.ActorSystem}, func(t *storage.Tx) error {
		if err := t.EndSetupCodes(ctx, now); err != nil {
			return err
		}
		_, err := t.AddCode(ctx, storage.NewCode{
			Purpose: purposeSetup, Hash: s.mailedCodeHash(purposeSetup, "", code), Expires: now.Add(setupLife), Now: now,
		})
		if err != nil {
			return err
		}
		return t.Audit(ctx, storage.AuditEvent{Action: "setup.code_made"})
	})
	if err != nil {
		return "", fmt.Errorf("accounts: set-up: %w", err)
	}
	return code, nil
}

// SetUp names the operator and makes its first person, the owner, with the code that the program told
// when it was started. The error is ErrSetUp if there is an administrator; *InputError, *PasswordError; *ThrottledError after many wrong
// codes from one address.
func (s *Service) SetUp(ctx context.Context, code string, n Setup, o Origin) error {
	bucket := []storage.ThrottleBucket{s.bucket("address", "code/"+o.Address)}
	if err := s.reserve(ctx, bucket, delayOfCodes); err != nil {
		return err
	}
	n.Operator, n.Login, n.Name = strings.TrimSpace(n.Operator), norm.NFC.String(strings.TrimSpace(n.Login)), strings.TrimSpace(n.Name)
	n.Email = strings.TrimSpace(n.Email)
	wrong := false
	err := s.db.InSystem(ctx, o.actor(storage.ActorAnonymous, 0), func(t *storage.Tx) error {
		if count, err := t.Administrators(ctx); err != nil || count > 0 {
			return errors.Join(err, ErrSetUp)
		}
		c, err := t.CodeByHash(ctx, purposeSetup, s.mailedCodeHash(purposeSetup, "", code))
		switch {
		case errors.Is(err, storage.ErrNotFound), err == nil && !c.Open(s.now()):
			wrong = true
			return t.Audit(ctx, storage.AuditEvent{Action: "setup.code_wrong", Result: "failed"})
		case err != nil:
			return err
		}
		return s.makeOwner(ctx, t, c, n)
	})
	switch {
	case err != nil:
		return fmt.Errorf("accounts: set-up: %w", err)
	case wrong:
		return &InputError{"code", "That is not the code, or the program was started anew since then. The latest code stands where it was started."}
	}
	return s.store.AttemptSucceeded(ctx, nil, bucket)
}

// makeOwner writes what the set-up says, in the transaction that ends the code.
func (s *Service) makeOwner(ctx context.Context, t *storage.Tx, c storage.SignInCode, n Setup) error {
	if err := n.validate(); err != nil {
		return err
	}
	if err := CheckPassword(n.Password, n.Login, n.Name, n.Email, n.Operator); err != nil {
		return err
	}
	hash, err := s.hasher.Hash(ctx, n.Password)
	if err != nil {
		return err
	}
	if count, err := t.Administrators(ctx); err != nil || count > 0 { // with the code's row locked
		return errors.Join(err, ErrSetUp)
	}
	operators, err := t.Operators(ctx)
	if err != nil {
		return err
	}
	if len(operators) == 0 {
		return errors.New("accounts: there is no operator")
	}
	operator := operators[0].ID
	if err := t.ChangeOperator(ctx, operator, n.Operator, n.TimeZone); err != nil {
		return err
	}
	user, err := t.AddFirstUser(ctx, storage.NewUser{
		Login: n.Login, Name: n.Name, Email: n.Email, PasswordHash: hash,
		Memberships: []storage.NewMembership{{OperatorID: operator, Role: string(RoleOwner)}},
	}, s.now())
	if err != nil {
		return err
	}
	if err := t.UseCode(ctx, c.ID, s.now()); err != nil {
		return err
	}
	return t.Audit(ctx, storage.AuditEvent{Action: "setup.completed", Operator: operator, ObjectKind: "user", ObjectID: int64(user)})
}

func (n Setup) validate() error {
	if n.Operator == "" || len(n.Operator) > 200 {
		return &InputError{"operator", "Give the name of who runs this exchange, up to 200 characters."}
	}
	if _, err := time.LoadLocation(n.TimeZone); err != nil || n.TimeZone == "" || n.TimeZone == "Local" {
		return &InputError{"time_zone", "Choose a time zone of the list."}
	}
	if n.Email == "" {
		return &InputError{"email", "Give your e-mail address: a lost password comes back by it."}
	}
	return (NewUser{Login: n.Login, Name: n.Name, Email: n.Email}).validate()
}
