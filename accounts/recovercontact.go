package accounts

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"github.com/ediport/ediport/storage"
)

const (
	askContactAgain = 7 * 24 * time.Hour // after "later"
	contactCodeLife = 30 * time.Minute
)

// A Contact is how a person is reached.
type Contact struct {
	User        storage.UserID
	Login, Name string
	Email       string    // "" for none
	Confirmed   bool      // a code has reached the address
	Phone       string    // "" for none
	ConfirmedAt time.Time // when the person last said that it is right; zero: never
}

func contactOf(row storage.Contact) Contact {
	c := Contact{User: row.ID, Login: row.Login, Name: row.Name, Email: row.Email, Confirmed: row.Confirmed != "", Phone: row.Phone}
	switch {
	case row.ConfirmedAt != nil:
		c.ConfirmedAt = *row.ConfirmedAt
	case row.EmailConfirmedAt != nil:
		c.ConfirmedAt = *row.EmailConfirmedAt
	}
	return c
}

// contactDue says whether a person is to be asked whether address and phone are still right: there is
// no confirmed address, or he has not said so for the days of the policy; but not within a week after "later".
func contactDue(u storage.SignInUser, p SecurityPolicy, now time.Time) bool {
	if u.ContactAskedAt != nil && now.Before(u.ContactAskedAt.Add(askContactAgain)) {
		return false
	}
	return !u.EmailConfirmed || u.ContactAt.AddDate(0, 0, p.ContactConfirmDays).Before(now)
}

// OwnContact returns how the principal is reached.
func (s *Service) OwnContact(ctx context.Context, p *Principal) (Contact, error) {
	var row storage.Contact
	err := s.db.InSignIn(ctx, p.Actor(), func(t *storage.Tx) (err error) {
		row, err = t.Contact(ctx, p.UserID)
		return err
	})
	if err != nil {
		return Contact{}, fmt.Errorf("accounts: contact: %w", err)
	}
	return contactOf(row), nil
}

// ConfirmContact notes that the principal's address and phone are still right. The error is an
// *InputError while the address is not confirmed by a code.
func (s *Service) ConfirmContact(ctx context.Context, p *Principal) error {
	return s.changeContact(ctx, p, func(t *storage.Tx, c storage.Contact) error {
		if c.Confirmed == "" {
			return &InputError{"email", "Confirm your e-mail address first: have a code sent to it."}
		}
		if err := t.ConfirmContact(ctx, p.UserID, s.now()); err != nil {
			return err
		}
		return t.Audit(ctx, storage.AuditEvent{Action: "contact.confirmed", ObjectKind: "user", ObjectID: int64(p.UserID)})
	})
}

// AskContactLater leaves the question for a week.
func (s *Service) AskContactLater(ctx context.Context, p *Principal) error {
	return s.changeContact(ctx, p, func(t *storage.Tx, _ storage.Contact) error {
		return t.AskContactLater(ctx, p.UserID, s.now())
	})
}

func (s *Service) changeContact(ctx context.Context, p *Principal, fn func(*storage.Tx, storage.Contact) error) error {
	err := s.db.InSignIn(ctx, p.Actor(), func(t *storage.Tx) error {
		c, err := t.Contact(ctx, p.UserID)
		if err != nil {
			return err
		}
		return fn(t, c)
	})
	if err != nil {
		return fmt.Errorf("accounts: contact: %w", err)
	}
	return nil
}

// SetPhone changes the principal's phone number, which is for people to call; "" for none. A confirmed
// address is told.
func (s *Service) SetPhone(ctx context.Context, p *Principal, phone string) error {
	phone = strings.TrimSpace(phone)
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, phone)
	if phone != "" && (len(phone) > 40 || len(digits) < 7 || strings.Trim(phone, "0123456789+-.() ext/") != "") {
		return &InputError{"phone", "That is not a phone number."}
	}
	return s.changeContact(ctx, p, func(t *storage.Tx, c storage.Contact) error {
		if c.Phone == phone {
			return nil
		}
		if err := t.SetPhone(ctx, p.UserID, phone); err != nil {
			return err
		}
		return t.Audit(ctx, storage.AuditEvent{
			Action: "phone.changed", ObjectKind: "user", ObjectID: int64(p.UserID), Then: s.told(p.UserID, NoticePhoneChanged, nil),
		})
	})
}

// contactData is what a code for an address keeps.
type contactData struct {
	Address string `json:"address"`
}

// contactRequest binds a code for an address to its person.
func contactRequest(user storage.UserID) string { return fmt.Sprintf("user/%d", user) }

// checkAddress returns an *InputError for what is no e-mail address.
func checkAddress(address string) error {
	if a, err := mail.ParseAddress(address); err != nil || a.Address != address || len(address) > 320 {
		return &InputError{"email", "That is not an e-mail address."}
	}
	return nil
}

// SendContactCode sends a code to an address that the principal says is his: the one on file or a new one,
// which takes its place when the code is entered. The error is an *InputError, a *ThrottledError for too many codes.
func (s *Service) SendContactCode(ctx context.Context, p *Principal, address string) error {
	address = strings.TrimSpace(address)
	if err := checkAddress(address); err != nil {
		return err
	}
	bucket := []storage.ThrottleBucket{s.bucket("recovery", "contact/"+contactRequest(p.UserID))}
	if err := s.reserve(ctx, bucket, delayOfRequests); err != nil {
		return err
	}
	now, code := s.now(), newCode(shortCode)
	return s.changeContact(ctx, p, func(t *storage.Tx, c storage.Contact) error {
		if err := t.EndCodes(ctx, p.UserID, now, purposeContact); err != nil {
			return err
		}
		_, err := t.AddCode(ctx, storage.NewCode{
			User: p.UserID, Purpose: purposeContact, Hash: s.mailedCodeHash(purposeContact, contactRequest(p.UserID), code),
			Data: contactData{address}, Sent: true, Expires: now.Add(contactCodeLife), Now: now,
		})
		if err != nil {
			return err
		}
		err = t.SendMail(ctx, s.ring, storage.Mail{
			User: p.UserID, Address: address, Template: "confirm_contact", Expires: now.Add(contactCodeLife),
			Values: map[string]string{"name": c.Name, "code": code, "until": now.Add(contactCodeLife).UTC().Format(time.RFC3339)},
		})
		if err != nil {
			return err
		}
		return t.Audit(ctx, storage.AuditEvent{Action: "contact.code_sent", ObjectKind: "user", ObjectID: int64(p.UserID)})
	})
}

// EnterContactCode checks the code that was sent last, and makes the address it reached the principal's. The
// address before and the new one are told of a change. The error is an *InputError for a wrong code or one that has ended,
// a *ThrottledError after many.
func (s *Service) EnterContactCode(ctx context.Context, p *Principal, code string) error {
	bucket := []storage.ThrottleBucket{s.bucket("recovery", "code/"+contactRequest(p.UserID))}
	if err := s.reserve(ctx, bucket, delayOfCodes); err != nil {
		return err
	}
	wrong := false
	err := s.changeContact(ctx, p, func(t *storage.Tx, before storage.Contact) error {
		c, err := t.LatestCode(ctx, p.UserID, purposeContact)
		if errors.Is(err, storage.ErrNotFound) || err == nil && (!c.Open(s.now()) || c.Attempts >= maxCodeAttempts) {
			return &InputError{"code", "The code is not valid any more. Have a new one sent."}
		}
		if err != nil {
			return err
		}
		right, err := t.CodeMatches(ctx, c.ID, s.mailedCodeHash(purposeContact, contactRequest(p.UserID), code))
		if err != nil {
			return err
		}
		if !right {
			wrong = true
			if err := t.CountCodeAttempt(ctx, c.ID); err != nil {
				return err
			}
			return t.Audit(ctx, storage.AuditEvent{Action: "contact.code_wrong", Result: "failed", ObjectKind: "user", ObjectID: int64(p.UserID)})
		}
		return s.takeAddress(ctx, t, before, c)
	})
	if err != nil {
		return err
	}
	if wrong {
		return errWrongCode
	}
	return s.store.AttemptSucceeded(ctx, bucket, nil)
}

func (s *Service) takeAddress(ctx context.Context, t *storage.Tx, before storage.Contact, c storage.SignInCode) error {
	var data contactData
	if err := c.Into(&data); err != nil {
		return err
	}
	if err := t.UseCode(ctx, c.ID, s.now()); err != nil {
		return err
	}
	if err := t.EndCodes(ctx, before.ID, s.now(), purposeRecovery, purposeReset); err != nil {
		return err
	}
	taken, err := t.AddressTaken(ctx, data.Address, before.ID)
	if err != nil {
		return err
	}
	if taken {
		return &InputError{"email", "This address can't be used here. Choose another one, or ask your administrator."}
	}
	if err := t.ConfirmAddress(ctx, before.ID, data.Address, s.now()); err != nil {
		return err
	}
	event := storage.AuditEvent{Action: "email.confirmed", ObjectKind: "user", ObjectID: int64(before.ID)}
	if !strings.EqualFold(before.Email, data.Address) {
		event.Action = "email.changed"
		event.Then = s.bothTold(before.MailRecipient, data.Address, "")
	}
	return t.Audit(ctx, event)
}

// bothTold tells the old and the new address of a change; by is who made it, "" for the person himself.
func (s *Service) bothTold(before storage.MailRecipient, address, by string) func(context.Context, *storage.Tx) error {
	return func(ctx context.Context, t *storage.Tx) error {
		values := map[string]string{"old": storage.MaskAddress(before.Email), "new": storage.MaskAddress(address)}
		if before.Email == "" {
			values["old"] = "none"
		}
		if by != "" {
			values["by"] = by
		}
		for _, to := range []string{before.Email, address} {
			if to == "" {
				continue
			}
			if err := s.noticeTo(ctx, t, before, to, NoticeEmailChanged, values); err != nil {
				return err
			}
		}
		return nil
	}
}

// ChangeEmailOf corrects a person's address for him. Both the old and the new one are told. The new one is
// confirmed when a code has reached it: of a reset, an invitation, or one that the person has sent. Errors as of
// [Service.MayTakeOver], and *InputError.
func (s *Service) ChangeEmailOf(ctx context.Context, p *Principal, user storage.UserID, address string) error {
	address = strings.TrimSpace(address)
	err := s.db.InSystem(ctx, p.Actor(), func(t *storage.Tx) error {
		if _, err := t.LockUser(ctx, user); err != nil {
			return err
		}
		if err := s.mayTakeOverIn(ctx, t, p, user); err != nil {
			return err
		}
		if err := checkAddress(address); err != nil {
			return err
		}
		before, err := t.MailRecipient(ctx, user)
		if err != nil || before.Email == address {
			return err
		}
		taken, err := t.AddressTaken(ctx, address, user)
		if err != nil {
			return err
		}
		if taken {
			return &InputError{"email", "Somebody else has this address."}
		}
		if err := t.ChangeAddress(ctx, user, address); err != nil {
			return err
		}
		// What was sent to the old address must not open the account any more.
		if err := t.EndCodes(ctx, user, s.now(), purposeRecovery, purposeReset, purposeContact, purposeInvitation); err != nil {
			return err
		}
		if err := s.inviteAgain(ctx, t, p, user); err != nil {
			return err
		}
		return t.Audit(ctx, storage.AuditEvent{
			Action: "email.changed", Operator: p.operatorOf(0), ObjectKind: "user", ObjectID: int64(user), Detail: map[string]any{"by": "administrator"},
			Then: s.bothTold(before, address, p.Name),
		})
	})
	if err != nil {
		return fmt.Errorf("accounts: address: %w", err)
	}
	return nil
}

// Unconfirmed returns the active people of the places whose people the principal sees, who have no
// confirmed address or have not said for the days of the policy that address and phone are right, by name.
func (s *Service) Unconfirmed(ctx context.Context, p *Principal) ([]Contact, error) {
	policy, err := s.RecoveryPolicy(ctx)
	if err != nil {
		return nil, err
	}
	var rows []storage.Contact
	since := s.now().AddDate(0, 0, -policy.ContactConfirmDays)
	err = s.db.InSystem(ctx, p.Actor(), func(t *storage.Tx) (err error) {
		rows, err = t.Unconfirmed(ctx, p.AccountsFor(ViewAccounts), p.operatorIDsFor(ViewAccounts), since, 500)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("accounts: contacts: %w", err)
	}
	all := make([]Contact, len(rows))
	for i, row := range rows {
		all[i] = contactOf(row)
	}
	return all, nil
}
