package storage

import (
	"testing"
	"time"
)

// A browser whose place as a known device ended becomes known anew by the next sign-in.
func TestAnEndedDeviceComesBack(t *testing.T) {
	t.Parallel()
	s, ctx, now := NewSignIn(openTestDB(t)), t.Context(), time.Now().UTC().Truncate(time.Millisecond)
	id, err := s.AddUser(ctx, testActor, NewUser{Login: "Dee", Name: "Dee", PasswordHash: "hash"}, now, AuditEvent{Action: "user.added"})
	if err != nil {
		t.Fatal(err)
	}
	use := func(old, token string) {
		t.Helper()
		err := s.db.InSignIn(ctx, testActor, func(tx *Tx) error {
			isNew, _, err := tx.UseDevice(ctx, DeviceUse{
				User: id, OldToken: []byte(old), Token: []byte(token), UserAgent: "test", Address: "192.0.2.1", Now: now, Expires: now.Add(time.Hour),
			})
			if err == nil && !isNew {
				t.Errorf("the browser with %s is known already", token)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	use("none", "one")
	devices, err := s.Devices(ctx, id, now)
	if err != nil || len(devices) != 1 {
		t.Fatalf("devices: %d, %v", len(devices), err)
	}
	if err := s.db.InSignIn(ctx, testActor, func(tx *Tx) error { return tx.EndDevice(ctx, id, devices[0].ID, now) }); err != nil {
		t.Fatal(err)
	}
	use("one", "two")
}
