package accounts

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/ediport/ediport/storage"
)

// A Notice is something that a person is told by mail because it concerns his account. Whoever did it
// himself needs no mail to know; whoever didn't learns of it by the mail. Its text stands in package notify.
// Source: NIST SP 800-63B-4, 4.6; OWASP ASVS 5.0, 6.3.5 and 6.3.7.
type Notice string

// The notices. Values that their texts use, besides those that every notice has: the names after the kind.
const (
	NoticePasswordChanged  Notice = "password_changed"         //
	NoticeEmailChanged     Notice = "email_changed"            // old, new (masked); goes to both
	NoticePhoneChanged     Notice = "phone_changed"            //
	NoticeFactorAdded      Notice = "factor_added"             // factor: "authenticator app"
	NoticeFactorRemoved    Notice = "factor_removed"           // factor
	NoticeRecoveryUsed     Notice = "recovery_used"            // what: "recovery code", "password recovery"
	NoticeLocked           Notice = "locked"                   // reason, until
	NoticeUnlocked         Notice = "unlocked"                 // by
	NoticeNewDevice        Notice = "new_device"               // browser, address
	NoticeRoleChanged      Notice = "role_changed"             // role, place, by
	NoticeAccessEnded      Notice = "access_ended"             // place, by
	NoticeSessionsEnded    Notice = "session_ended_by_admin"   // by
	NoticeBreakGlass       Notice = "break_glass"              // who, place, until
	NoticeAccessOfOthers   Notice = "access_of_others_changed" // who, place, change: for the place's owners
	NoticePasswordExpiring Notice = "password_expiring"        // until
)

// notice puts a mail to the user into the transaction of what it tells. Whoever has no confirmed
// address gets none; the audit says so. Values are words for the text, never secrets or patient data.
func (s *Service) notice(ctx context.Context, t *storage.Tx, user storage.UserID, kind Notice, values map[string]string) error {
	to, err := t.MailRecipient(ctx, user)
	if err != nil {
		return fmt.Errorf("accounts: notice: %w", err)
	}
	if to.Confirmed == "" {
		return t.Audit(ctx, storage.AuditEvent{
			Action: "notice.not_sent", Result: "failed", ObjectKind: "user", ObjectID: int64(user),
			Detail: map[string]any{"kind": string(kind), "reason": "no confirmed address"},
		})
	}
	return s.noticeTo(ctx, t, to, to.Confirmed, kind, values)
}

// noticeTo is notice to an address that the caller has found to be the user's, now or before.
func (s *Service) noticeTo(ctx context.Context, t *storage.Tx, to storage.MailRecipient, address string, kind Notice, values map[string]string) error {
	all := map[string]string{"name": to.Name, "login": to.Login, "at": s.now().UTC().Format(time.RFC3339)}
	if from := t.Scope().Actor.Address; from != "" {
		all["from"] = from
	}
	maps.Copy(all, values)
	return t.SendMail(ctx, s.ring, storage.Mail{User: to.ID, Address: address, Template: string(kind), Values: all})
}

// told makes a notice of an act's event: the mail is written in the transaction that appends it.
//
//	event := storage.AuditEvent{Action: "password.changed", Then: s.told(user, NoticePasswordChanged, nil)}
func (s *Service) told(user storage.UserID, kind Notice, values map[string]string) func(context.Context, *storage.Tx) error {
	return func(ctx context.Context, t *storage.Tx) error { return s.notice(ctx, t, user, kind, values) }
}

// A MailState is what became of a mail to a person, for administrators; its text is not shown.
type MailState struct {
	About    string // the template: "recovery_code", "password_changed"
	Address  string // masked
	State    string // waiting, sent, failed, cancelled
	Attempts int
	Written  time.Time
	Next     time.Time // the next attempt; zero: none
	Sent     time.Time // zero: not sent
	Code     string    // why the last attempt failed; "" if none did
}

// MailOf returns the latest mails to a person of the scope, newest first; storage.ErrNotFound if the
// person has no role in it.
func (s *Service) MailOf(ctx context.Context, scope storage.Scope, user storage.UserID) ([]MailState, error) {
	if _, err := s.store.Person(ctx, scope, user); err != nil {
		return nil, err
	}
	var rows []storage.SentMail
	err := s.db.InSystem(ctx, scope.Actor, func(t *storage.Tx) (err error) {
		rows, err = t.MailOf(ctx, user, 20)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("accounts: mail: %w", err)
	}
	states := make([]MailState, len(rows))
	for i, r := range rows {
		states[i] = MailState{About: r.Template, Address: r.Address, State: r.State, Attempts: r.Attempts, Written: r.CreatedAt, Code: r.Code}
		if r.State == "waiting" {
			states[i].Next = r.DueAt
		}
		if r.SentAt != nil {
			states[i].Sent = *r.SentAt
		}
	}
	return states, nil
}

// A KeptMail is a mail as a demo shows it in place of sending it.
type KeptMail struct {
	ID       int64
	User     storage.UserID // to whom; 0: nobody who is known
	Template string
	To       string
	Written  time.Time
	Values   map[string]string
}

// Mailbox returns the mails whose text is kept, newest first. It is for demos, where nobody has a
// real address and all people are made up.
func (s *Service) Mailbox(ctx context.Context) ([]KeptMail, error) {
	var rows []storage.KeptMail
	err := s.db.InSystem(ctx, storage.Actor{Kind: storage.ActorSystem}, func(t *storage.Tx) (err error) {
		rows, err = t.KeptMails(ctx, 50)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("accounts: mailbox: %w", err)
	}
	mails := make([]KeptMail, 0, len(rows))
	for _, r := range rows {
		m, err := s.keptMail(r)
		if err != nil {
			return nil, err
		}
		mails = append(mails, m)
	}
	return mails, nil
}

// KeptMail returns a mail of the Mailbox; storage.ErrNotFound if there is none.
func (s *Service) KeptMail(ctx context.Context, id int64) (KeptMail, error) {
	var row storage.KeptMail
	err := s.db.InSystem(ctx, storage.Actor{Kind: storage.ActorSystem}, func(t *storage.Tx) (err error) {
		row, err = t.KeptMail(ctx, id)
		return err
	})
	if errors.Is(err, storage.ErrNotFound) {
		return KeptMail{}, storage.ErrNotFound
	}
	if err != nil {
		return KeptMail{}, fmt.Errorf("accounts: mailbox: %w", err)
	}
	return s.keptMail(row)
}

func (s *Service) keptMail(row storage.KeptMail) (KeptMail, error) {
	letter, err := row.Letter(s.ring)
	if err != nil {
		return KeptMail{}, fmt.Errorf("accounts: mailbox: %w", err)
	}
	return KeptMail{ID: row.ID, User: row.User, Template: row.Template, To: letter.Address, Written: row.CreatedAt, Values: letter.Values}, nil
}
