package accounts

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/ediport/ediport/storage"
)

// ErrCodeGone: the request that the browser holds has ended: used, expired, or too many wrong codes.
var ErrCodeGone = errors.New("accounts: the request for a code has ended")

// errWrongCode is what the person is told; the same for a request that nobody got a mail for.
var errWrongCode = &InputError{"code", "That is not the code. Look at the latest mail, and type the code as it stands there."}

// bucketName keeps a throttle's bucket in a row: it is a keyed hash already.
func (s *Service) bucketName(text string) string {
	return base64.RawStdEncoding.EncodeToString(s.bucket("recovery", text).Bucket)
}

func bucketNamed(name string) []storage.ThrottleBucket {
	raw, err := base64.RawStdEncoding.DecodeString(name)
	if err != nil || name == "" {
		return nil
	}
	return []storage.ThrottleBucket{{Kind: "recovery", Bucket: raw}}
}

// A RecoveryState is where a browser's request stands.
type RecoveryState struct {
	Confirmed  bool      // the code was right: the password comes next
	Expires    time.Time // of the code, or of the time to choose a password
	MayResend  time.Time // when another code can be asked for; zero: no more of them
	Invitation bool      // it is an invitation: nobody had a password before
	Login      string    // once it is confirmed
	Name       string    //
	Place      string    // of an invitation
	Role       string    //
	TimeZone   string    // of the person, as mails tell times; "": none is known
	Rules      []PasswordRule
}

// Recovery returns where the request of a browser's secret stands; ErrCodeGone if it has ended.
func (s *Service) Recovery(ctx context.Context, token string) (RecoveryState, error) {
	var state RecoveryState
	var user storage.UserID
	err := s.inRequest(ctx, token, Origin{}, func(t *storage.Tx, c storage.SignInCode) error {
		var data recoveryData
		if err := c.Into(&data); err != nil {
			return err
		}
		state = RecoveryState{Confirmed: c.ConfirmedAt != nil, Expires: c.ExpiresAt, Invitation: c.Purpose == purposeInvitation}
		if c.SentAt != nil && data.Sent < maxCodesSent {
			state.MayResend = c.SentAt.Add(resendAfter)
		}
		if !state.Confirmed {
			return nil
		}
		user = c.User
		to, err := t.MailRecipient(ctx, c.User)
		state.Login, state.Name = to.Login, to.Name
		if err != nil {
			return err
		}
		of, err := t.OperatorOfUser(ctx, c.User)
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			return err
		}
		state.TimeZone = of.TimeZone
		if !state.Invitation {
			return nil
		}
		var invited invitationData
		err = c.Into(&invited)
		state.Place, state.Role = invited.Place, invited.Role
		return err
	})
	if err != nil || !state.Confirmed {
		return state, err
	}
	policy, err := s.PolicyFor(ctx, user)
	state.Rules = policy.PasswordRules()
	return state, err
}

// inRequest runs fn with the open code that a browser's secret belongs to, locked; ErrCodeGone if there is none.
func (s *Service) inRequest(ctx context.Context, token string, o Origin, fn func(*storage.Tx, storage.SignInCode) error) error {
	if len(token) != len(newSecretExample) {
		return ErrCodeGone
	}
	err := s.db.InSystem(ctx, o.actor(storage.ActorAnonymous, 0), func(t *storage.Tx) error {
		c, err := t.CodeByRequest(ctx, hashSecret(token))
		if errors.Is(err, storage.ErrNotFound) || err == nil && (!c.Open(s.now()) || c.Attempts >= maxCodeAttempts) {
			return ErrCodeGone
		}
		if err != nil {
			return err
		}
		return fn(t, c)
	})
	if err != nil {
		return fmt.Errorf("accounts: recovery: %w", err)
	}
	return nil
}

// ResendCode sends another code for the same request, a minute after the last one at the earliest, which is of no use
// any more then. What was counted of wrong codes stays counted. Outwardly it is the same for a request that nobody gets a mail for.
func (s *Service) ResendCode(ctx context.Context, token string, o Origin) error {
	return s.inRequest(ctx, token, o, func(t *storage.Tx, c storage.SignInCode) error {
		var data recoveryData
		if err := c.Into(&data); err != nil {
			return err
		}
		now := s.now()
		switch {
		case c.Purpose != purposeRecovery || c.ConfirmedAt != nil:
			return ErrCodeGone
		case data.Sent >= maxCodesSent:
			return &InputError{"resend", "No more codes are sent for this request. Start again, or ask your administrator."}
		case c.SentAt != nil && now.Before(c.SentAt.Add(resendAfter)):
			return &ThrottledError{Wait: c.SentAt.Add(resendAfter).Sub(now)}
		}
		to, err := t.MailRecipient(ctx, c.User)
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			return err
		}
		code := newCode(shortCode)
		if err := t.ReplaceCode(ctx, c.ID, s.mailedCodeHash(purposeRecovery, token, code), now, data.Life.seen(now), true); err != nil {
			return err
		}
		data.To, data.Sent, data.Until = s.bucketName("to/"+to.Confirmed), data.Sent+1, data.Life.own(now)
		if err := t.SetCodeData(ctx, c.ID, data); err != nil {
			return err
		}
		if err := s.sendRecoveryCode(ctx, t, to, to.Confirmed, code, data.Until); err != nil {
			return err
		}
		return t.Audit(ctx, storage.AuditEvent{Action: "recovery.code_resent", ObjectKind: userKind(c.User), ObjectID: int64(c.User)})
	})
}

// userKind is the kind of an event's object; none for nobody.
func userKind(user storage.UserID) string {
	if user == 0 {
		return ""
	}
	return "user"
}

// EnterCode checks the code of a browser's request, and returns the secret that takes the place of the
// browser's: a password can be chosen with it. Each wrong code counts, for the request and over all
// requests. The error is an *InputError for a wrong code, a *ThrottledError, or ErrCodeGone.
func (s *Service) EnterCode(ctx context.Context, token, code string, o Origin) (string, error) {
	var data recoveryData
	err := s.inRequest(ctx, token, o, func(_ *storage.Tx, c storage.SignInCode) error { return c.Into(&data) })
	if err != nil {
		return "", err
	}
	bucket := bucketNamed(data.Bucket)
	if err := s.reserve(ctx, bucket, delayOfCodes); err != nil {
		return "", err
	}
	next, wrong := newSecret(), false
	err = s.inRequest(ctx, token, o, func(t *storage.Tx, c storage.SignInCode) error {
		right, err := t.CodeMatches(ctx, c.ID, s.mailedCodeHash(c.Purpose, token, code))
		if err != nil {
			return err
		}
		to, err := t.MailRecipient(ctx, c.User)
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			return err
		}
		// An address that was corrected while the code was on its way is not the person's any more.
		right = right && s.bucketName("to/"+to.Confirmed) == data.To
		event := storage.AuditEvent{Action: "recovery.code_entered", ObjectKind: userKind(c.User), ObjectID: int64(c.User)}
		if !right || c.User == 0 || c.ConfirmedAt != nil || !s.now().Before(data.Until) {
			wrong, event.Action, event.Result = true, "recovery.code_wrong", "failed"
			if err := t.CountCodeAttempt(ctx, c.ID); err != nil {
				return err
			}
			return t.Audit(ctx, event)
		}
		if err := t.ConfirmCode(ctx, c.ID, hashSecret(next), s.now(), s.now().Add(chooseWithin)); err != nil {
			return err
		}
		return t.Audit(ctx, event)
	})
	if err != nil {
		return "", err
	}
	if wrong {
		return "", errWrongCode
	}
	return next, s.store.AttemptSucceeded(ctx, bucket, nil)
}

// ChoosePassword gives the person whose code was right the password that he chose, and ends the request. All
// sessions end; the second factor stays as it is and is asked for at the next sign-in. An invited person becomes
// active. Errors: *PasswordError, ErrCodeGone, storage.ErrConflict if an invited person's address belongs to somebody else by now.
func (s *Service) ChoosePassword(ctx context.Context, token, password string, o Origin) error {
	var request storage.SignInCode
	err := s.inRequest(ctx, token, o, func(_ *storage.Tx, c storage.SignInCode) error {
		request = c
		if c.ConfirmedAt == nil {
			return ErrCodeGone
		}
		return nil
	})
	if err != nil {
		return err
	}
	hash, err := s.hashChosen(ctx, request.User, password)
	if err != nil {
		return err
	}
	policy, err := s.PolicyFor(ctx, request.User)
	if err != nil {
		return err
	}
	return s.inRequest(ctx, token, o, func(t *storage.Tx, c storage.SignInCode) error {
		if c.ConfirmedAt == nil || c.ID != request.ID {
			return ErrCodeGone
		}
		finish := s.finishRecovery
		if c.Purpose == purposeInvitation {
			finish = s.acceptInvitation
		}
		if err := finish(ctx, t, c, hash); err != nil {
			return err
		}
		return s.openLock(ctx, t, c, policy)
	})
}

// openLock ends the lock of who has proved himself anew, and forgets the failures, so that the next sign-in comes at
// once. Where the policy has somebody unlock, the person's own recovery leaves the lock alone; a reset that an
// administrator has started is somebody's word. Wrong codes of the second factor stay counted.
func (s *Service) openLock(ctx context.Context, t *storage.Tx, c storage.SignInCode, policy SecurityPolicy) error {
	user, err := t.LockUser(ctx, c.User)
	if err != nil {
		return err
	}
	locked := user.LockedUntil != nil && user.LockedUntil.After(s.now())
	if locked && policy.Lockout.Manual && c.Purpose == purposeRecovery {
		return nil
	}
	return t.ForgetFailures(ctx, c.User, s.bucketsOf(user))
}

// finishRecovery replaces the password in the transaction that ends the request.
func (s *Service) finishRecovery(ctx context.Context, t *storage.Tx, c storage.SignInCode, hash string) error {
	now := s.now()
	if err := t.ReplacePassword(ctx, c.User, hash, 0, now); err != nil {
		return err
	}
	if err := t.UseCode(ctx, c.ID, now); err != nil {
		return err
	}
	if err := t.EndCodes(ctx, c.User, now, purposeRecovery, purposeReset); err != nil {
		return err
	}
	if c.Purpose == purposeReset {
		// The code reached the address that the administrator vouches for, so that is confirmed now.
		to, err := t.MailRecipient(ctx, c.User)
		if err != nil {
			return err
		}
		if to.Email != "" && to.Confirmed == "" {
			if err := t.ConfirmAddress(ctx, c.User, to.Email, now); err != nil {
				return err
			}
		}
	}
	return t.Audit(ctx, storage.AuditEvent{
		Action: "password.recovered", ObjectKind: "user", ObjectID: int64(c.User), Detail: map[string]any{"by": c.Purpose},
		Then: s.told(c.User, NoticeRecoveryUsed, map[string]string{"what": "a new password by code"}),
	})
}

// hashChosen checks a password by the person's policy and returns its hash.
func (s *Service) hashChosen(ctx context.Context, user storage.UserID, password string) (string, error) {
	row, err := s.recipient(ctx, user)
	if err != nil {
		return "", err
	}
	who := storage.SignInUser{ID: int64(row.ID), Login: row.Login, Name: row.Name, Email: &row.Email}
	return s.choosePassword(ctx, who, password)
}

func (s *Service) recipient(ctx context.Context, user storage.UserID) (storage.MailRecipient, error) {
	var row storage.MailRecipient
	err := s.db.InSignIn(ctx, storage.Actor{Kind: storage.ActorSystem}, func(t *storage.Tx) (err error) {
		row, err = t.MailRecipient(ctx, user)
		return err
	})
	if err != nil {
		return row, fmt.Errorf("accounts: user: %w", err)
	}
	return row, nil
}
