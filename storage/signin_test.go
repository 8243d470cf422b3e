package storage

import (
	"errors"
	"testing"
	"time"
)

func TestSignInStore(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	world := newTestWorld(t, db)
	s, ctx, now := NewSignIn(db), t.Context(), time.Now().UTC().Truncate(time.Millisecond)
	added := AuditEvent{Action: "user.added"}
	id, err := s.AddUser(ctx, testActor, NewUser{
		Login: "Bea", Email: "Bea@Example.org", Name: "Bea", PasswordHash: "hash", MustChange: true,
		Memberships: []NewMembership{{AccountID: world.a, Role: "biller"}, {OperatorID: world.operator, Role: "administrator"}},
	}, now, added)
	if err != nil {
		t.Fatal(err)
	}

	for name, want := range map[[2]string]error{{"Bea", ""}: nil, {"bea", ""}: ErrNotFound, {"x", "bea@example.org"}: nil, {"x", "y"}: ErrNotFound} {
		user, password, err := s.UserByName(ctx, name[0], name[1])
		if !errors.Is(err, want) || (err == nil && (user.ID != int64(id) || password.Hash != "hash" || !user.MustChangePassword)) {
			t.Errorf("UserByName(%q) = user %d, %v; want %v", name, user.ID, err, want)
		}
	}
	if _, err := s.AddUser(ctx, testActor, NewUser{Login: "Bea", Name: "x", PasswordHash: "h"}, now, added); !errors.Is(err, ErrConflict) {
		t.Errorf("the same user id again: %v, want ErrConflict", err)
	}

	accounts, operators, err := s.Places(ctx, []Membership{{AccountID: world.a}, {OperatorID: world.operator}})
	if err != nil || len(accounts) != 1 || accounts[0].Name != "A" || accounts[0].TimeZone == "" || len(operators) != 1 || operators[0].UnroutedAccount != world.unrouted {
		t.Errorf("Places = %+v, %+v, %v", accounts, operators, err)
	}
}

func TestSessionStore(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	s, ctx, now := NewSignIn(db), t.Context(), time.Now().UTC().Truncate(time.Millisecond)
	id, err := s.AddUser(ctx, testActor, NewUser{Login: "Bea", Name: "Bea", PasswordHash: "hash"}, now, AuditEvent{Action: "user.added"})
	if err != nil {
		t.Fatal(err)
	}
	start := func(token string) {
		n := StartedSession{TokenHash: []byte(token), OldTokenHash: []byte("none"), User: id, Address: "192.0.2.1", UserAgent: "test", Idle: time.Minute, Assurance: "password", Most: 5, ExpiresAt: now.Add(5 * time.Minute)}
		if _, err := s.StartSession(ctx, testActor, n, now, AuditEvent{Action: "signin.succeeded"}); err != nil {
			t.Fatal(err)
		}
	}
	open := func(token string, at time.Duration) error {
		_, _, _, err := s.OpenSession(ctx, []byte(token), now.Add(at), true)
		return err
	}
	start("one")
	for _, c := range []struct {
		rule string
		at   time.Duration
		want error
	}{
		{"at once", 0, nil},
		{"use puts the idle end off", 59 * time.Second, nil},
		{"after more than the idle time since the start", 110 * time.Second, nil},
		{"again", 165 * time.Second, nil},
		{"and again", 220 * time.Second, nil},
		{"shortly before its absolute end", 275 * time.Second, nil},
		{"at its absolute end", 300 * time.Second, ErrNotFound},
	} {
		if err := open("one", c.at); !errors.Is(err, c.want) {
			t.Fatalf("%s: %v, want %v", c.rule, err, c.want)
		}
	}
	start("two")
	if err := open("two", time.Minute); !errors.Is(err, ErrNotFound) {
		t.Errorf("at the idle end: %v, want ErrNotFound", err)
	}
	start("three")
	start("four")
	if err := s.SetState(ctx, testActor, id, "disabled", AuditEvent{Action: "user.disabled"}); err != nil {
		t.Fatal(err)
	}
	if err := open("three", 0); !errors.Is(err, ErrNotFound) {
		t.Errorf("of a disabled user: %v, want ErrNotFound", err)
	}
	if err := s.SetState(ctx, testActor, id, "active", AuditEvent{Action: "user.enabled"}); err != nil {
		t.Fatal(err)
	}
	if err := open("four", 0); !errors.Is(err, ErrNotFound) {
		t.Errorf("of a user who was disabled since: %v, want ErrNotFound", err)
	}
}

func TestThrottleStore(t *testing.T) {
	t.Parallel()
	s, ctx, now := NewSignIn(openTestDB(t)), t.Context(), time.Now().UTC().Truncate(time.Millisecond)
	bucket := []ThrottleBucket{{"user", []byte("b")}}
	delay := func(_ string, failures int) time.Duration {
		if failures < 2 {
			return 0
		}
		return time.Minute
	}
	reserve := func(at time.Duration) time.Time {
		until, err := s.ReserveAttempt(ctx, bucket, now.Add(at), time.Hour, delay)
		if err != nil {
			t.Fatal(err)
		}
		return until
	}
	for _, c := range []struct {
		rule    string
		at      time.Duration
		blocked bool
	}{
		{"first", 0, false},
		{"second", 0, false},
		{"third, blocked", 59 * time.Second, true},
		{"after the wait", time.Minute, false},
		{"blocked again", 2*time.Minute - 1, true},
		{"after an hour it is forgotten", time.Hour + 2*time.Minute, false},
		{"the second after that", time.Hour + 2*time.Minute, false},
		{"blocked after that", time.Hour + 2*time.Minute, true},
	} {
		if got := !reserve(c.at).IsZero(); got != c.blocked {
			t.Fatalf("%s: blocked %v, want %v", c.rule, got, c.blocked)
		}
	}
	if err := s.AttemptSucceeded(ctx, bucket, nil); err != nil {
		t.Fatal(err)
	}
	if !reserve(time.Hour + 2*time.Minute).IsZero() {
		t.Error("blocked after a success")
	}
	if n, err := s.PurgeThrottles(ctx, now.Add(3*time.Hour)); err != nil || n != 1 {
		t.Errorf("PurgeThrottles = %d, %v; want 1", n, err)
	}
}
