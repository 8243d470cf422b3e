package accounts

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/keys"
)

const (
	keepFormFor    = time.Hour      // how long a form waits for its person
	lapsedAtMost   = 24 * time.Hour // how long ago a session may have ended for its form to be kept
	maxKeptForm    = 64 << 10       // bytes
	keptFormColumn = "kept_form/%d/%d"
)

// LapsedUser returns whose session the token was, if it ended by itself within the last day: for lack of use
// or by its age. The error is ErrNoSession for one that was signed out or ended by somebody.
func (s *Service) LapsedUser(ctx context.Context, token string) (storage.UserID, error) {
	if len(token) != len(newSecretExample) {
		return 0, ErrNoSession
	}
	now := s.now()
	session, err := s.store.LapsedSession(ctx, hashSecret(token), now.Add(-lapsedAtMost), now)
	if errors.Is(err, storage.ErrNotFound) {
		return 0, ErrNoSession
	}
	if err != nil {
		return 0, fmt.Errorf("accounts: session: %w", err)
	}
	return storage.UserID(session.UserID), nil
}

// KeepForm keeps what a person typed, sealed, until he has signed in again or proved who he is, and returns its
// id. action is where the form is posted.
func (s *Service) KeepForm(ctx context.Context, user storage.UserID, action string, form url.Values) (int64, error) {
	text := []byte(form.Encode())
	if len(text) > maxKeptForm {
		return 0, &InputError{"form", "The form is too large to be kept."}
	}
	var id int64
	err := s.db.InSignIn(ctx, storage.Actor{Kind: storage.ActorUser, ID: int64(user)}, func(t *storage.Tx) error {
		var err error
		if id, err = t.NewID(ctx, storage.IDKeptForm); err != nil {
			return err
		}
		sealed, err := s.ring.Seal(keys.Secrets, text, fmt.Appendf(nil, keptFormColumn, user, id))
		if err != nil {
			return err
		}
		now := s.now()
		return t.KeepForm(ctx, storage.KeptForm{UserID: int64(user), ID: id, Action: action, Sealed: sealed}, now, now.Add(keepFormFor))
	})
	if err != nil {
		return 0, fmt.Errorf("accounts: keeping a form: %w", err)
	}
	return id, nil
}

// KeptForm returns a form that was kept for the principal, and where it is posted; storage.ErrNotFound if
// there is none of that id or it is somebody else's.
func (s *Service) KeptForm(ctx context.Context, p *Principal, id int64) (action string, form url.Values, err error) {
	var kept storage.KeptForm
	err = s.db.InSignIn(ctx, p.Actor(), func(t *storage.Tx) error {
		kept, err = t.KeptForm(ctx, p.UserID, id, s.now())
		return err
	})
	if err != nil {
		return "", nil, fmt.Errorf("accounts: kept form: %w", err)
	}
	text, err := s.ring.Open(keys.Secrets, kept.Sealed, fmt.Appendf(nil, keptFormColumn, p.UserID, id))
	if err != nil {
		return "", nil, fmt.Errorf("accounts: kept form: %w", err)
	}
	form, err = url.ParseQuery(string(text))
	if err != nil {
		return "", nil, fmt.Errorf("accounts: kept form: %w", err)
	}
	return kept.Action, form, nil
}
