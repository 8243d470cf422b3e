package accounts

import (
	"context"
	"fmt"
	"time"

	"github.com/ediport/ediport/storage"
)

// deviceLife is how long a device stays known without a sign-in.
const deviceLife = 180 * 24 * time.Hour

// RememberDevice makes the browser a known device of a user who has signed in completely, and returns the token
// that its cookie gets; old is the one it had, "" for none. It is not for computers that others use, too. A user who
// signs in with a device that is new to him is told by mail.
func (s *Service) RememberDevice(ctx context.Context, user storage.UserID, old string, o Origin) (string, error) {
	token, now := newSecret(), s.now()
	err := s.db.InSignIn(ctx, o.actor(storage.ActorUser, int64(user)), func(t *storage.Tx) error {
		isNew, others, err := t.UseDevice(ctx, storage.DeviceUse{
			User: user, OldToken: hashSecret(old), Token: hashSecret(token),
			UserAgent: shorten(o.UserAgent, 300), Address: o.Address, Now: now, Expires: now.Add(deviceLife),
		})
		if err != nil || !isNew {
			return err
		}
		if err := t.Audit(ctx, storage.AuditEvent{Action: "device.added", ObjectKind: "user", ObjectID: int64(user)}); err != nil || !others {
			return err
		}
		return s.notice(ctx, t, user, NoticeNewDevice, map[string]string{"browser": shorten(o.UserAgent, 300), "address": o.Address})
	})
	if err != nil {
		return "", fmt.Errorf("accounts: known device: %w", err)
	}
	return token, nil
}

// A Device is a browser in which a person has signed in, as that person sees it.
type Device struct {
	ID                 int64
	Address, UserAgent string
	Added, LastUsed    time.Time
}

// Devices returns the principal's known devices, the one used last first.
func (s *Service) Devices(ctx context.Context, p *Principal) ([]Device, error) {
	rows, err := s.store.Devices(ctx, p.UserID, s.now())
	if err != nil {
		return nil, fmt.Errorf("accounts: known devices: %w", err)
	}
	devices := make([]Device, len(rows))
	for i, r := range rows {
		devices[i] = Device{r.ID, r.Address, r.UserAgent, r.CreatedAt, r.LastUsedAt}
	}
	return devices, nil
}

// ForgetDevice makes one of the principal's devices unknown; storage.ErrNotFound if it isn't his.
func (s *Service) ForgetDevice(ctx context.Context, p *Principal, id int64) error {
	return s.db.InSignIn(ctx, p.Actor(), func(t *storage.Tx) error {
		if err := t.EndDevice(ctx, p.UserID, id, s.now()); err != nil {
			return err
		}
		return t.Audit(ctx, storage.AuditEvent{Action: "device.removed", ObjectKind: "user", ObjectID: int64(p.UserID)})
	})
}
