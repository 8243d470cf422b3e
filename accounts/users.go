package accounts

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/mail"
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/ediport/ediport/storage"
)

// A Grant is a role at one place: an account or an operator.
type Grant struct {
	Role     Role
	Account  storage.AccountID  // 0 for a role of an operator
	Operator storage.OperatorID // 0 for a role of an account
}

// A NewUser is a user to add.
type NewUser struct {
	Login, Name string
	Email       string // "" for none
	Password    string
	MustChange  bool // somebody else chose the password
	Grants      []Grant
}

// loginPattern has no "@", so that no user id is somebody else's e-mail address.
var loginPattern = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}._-]{1,63}$`)

// AddUser adds a user for actor and returns the id. The error is an *InputError or *PasswordError for
// input that can't be used, storage.ErrConflict if user id or e-mail address is taken.
func (s *Service) AddUser(ctx context.Context, actor storage.Actor, u NewUser) (storage.UserID, error) {
	u.Login, u.Name, u.Email = norm.NFC.String(u.Login), strings.TrimSpace(u.Name), strings.TrimSpace(u.Email)
	if err := u.validate(); err != nil {
		return 0, err
	}
	if err := CheckPassword(u.Password, u.Login, u.Name, u.Email); err != nil {
		return 0, err
	}
	hash, err := s.hasher.Hash(ctx, u.Password)
	if err != nil {
		return 0, err
	}
	row := storage.NewUser{Login: u.Login, Name: u.Name, Email: u.Email, PasswordHash: hash, MustChange: u.MustChange}
	roles := []string{}
	for _, g := range u.Grants {
		row.Memberships = append(row.Memberships, storage.NewMembership{AccountID: g.Account, OperatorID: g.Operator, Role: string(g.Role)})
		roles = append(roles, string(g.Role))
	}
	id, err := s.store.AddUser(ctx, actor, row, s.now(), storage.AuditEvent{Action: "user.added", Detail: map[string]any{"roles": roles}})
	if err != nil {
		return 0, fmt.Errorf("accounts: adding a user: %w", err)
	}
	return id, nil
}

func (u NewUser) validate() error {
	if !loginPattern.MatchString(u.Login) {
		return &InputError{"login", "A user id has 2 to 64 letters, digits, dots, hyphens or underscores, and begins with a letter or digit."}
	}
	if u.Name == "" || len(u.Name) > 200 {
		return &InputError{"name", "Give the person's name, up to 200 characters."}
	}
	if u.Email != "" {
		if a, err := mail.ParseAddress(u.Email); err != nil || a.Address != u.Email || len(u.Email) > 320 {
			return &InputError{"email", "That is not an e-mail address."}
		}
	}
	for _, g := range u.Grants {
		if err := g.validate(); err != nil {
			return err
		}
	}
	return nil
}

func (g Grant) validate() error {
	switch {
	case !g.Role.Known():
		return &InputError{"role", fmt.Sprintf("There is no role %q; there are %s.", string(g.Role), roleNames())}
	case g.Role.Operator() && (g.Operator == 0 || g.Account != 0):
		return &InputError{"role", fmt.Sprintf("The role %s is held for an operator.", g.Role)}
	case !g.Role.Operator() && (g.Account == 0 || g.Operator != 0):
		return &InputError{"role", fmt.Sprintf("The role %s is held for an account.", g.Role)}
	}
	return nil
}

// Grant gives a user a role at a place, in place of the one he had there. It holds from the next request on.
func (s *Service) Grant(ctx context.Context, actor storage.Actor, user storage.UserID, g Grant) error {
	if err := g.validate(); err != nil {
		return err
	}
	m := storage.NewMembership{AccountID: g.Account, OperatorID: g.Operator, Role: string(g.Role)}
	event := storage.AuditEvent{Action: "role.granted", Detail: map[string]any{"role": string(g.Role)}}
	return s.store.SetMembership(ctx, actor, user, m, s.now(), event)
}

// Revoke takes a user's role at a place away.
func (s *Service) Revoke(ctx context.Context, actor storage.Actor, user storage.UserID, g Grant) error {
	m := storage.NewMembership{AccountID: g.Account, OperatorID: g.Operator}
	return s.store.SetMembership(ctx, actor, user, m, s.now(), storage.AuditEvent{Action: "role.revoked"})
}

// Disable keeps a user out: sessions and tokens stop at their next request.
func (s *Service) Disable(ctx context.Context, actor storage.Actor, user storage.UserID) error {
	return s.store.SetState(ctx, actor, user, "disabled", storage.AuditEvent{Action: "user.disabled"})
}

// Enable lets a disabled user in again. Sessions that he had stay ended.
func (s *Service) Enable(ctx context.Context, actor storage.Actor, user storage.UserID) error {
	return s.store.SetState(ctx, actor, user, "active", storage.AuditEvent{Action: "user.enabled"})
}

// UserByLogin returns the id of the user with that user id; storage.ErrNotFound if there is none.
func (s *Service) UserByLogin(ctx context.Context, login string) (storage.UserID, error) {
	user, _, err := s.store.UserByName(ctx, login, "")
	return storage.UserID(user.ID), err
}

// NewPassword returns a random password of 130 bits for people to copy: groups of letters and digits.
func NewPassword() string {
	text := rand.Text()
	return strings.ToLower(text[:6] + "-" + text[6:12] + "-" + text[12:18] + "-" + text[18:26])
}
