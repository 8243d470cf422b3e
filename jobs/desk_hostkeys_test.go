package jobs

import (
	"context"
	"errors"
	"testing"

	"github.com/ediport/ediport/storage"
)

const (
	pinA = "ssh-ed25519 SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"
	pinB = "ssh-ed25519 SHA256:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ"
)

func TestWhatLoosensHostKeys(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, after []string
		want          bool
	}{
		"a first key":                  {nil, []string{pinA}, false},
		"the same":                     {[]string{pinA}, []string{pinA}, false},
		"the same without its type":    {[]string{pinA}, []string{pinA[len("ssh-ed25519 "):]}, false},
		"one of two taken away":        {[]string{pinA, pinB}, []string{pinB}, false},
		"another order":                {[]string{pinA, pinB}, []string{pinB, pinA}, false},
		"one beside it":                {[]string{pinA}, []string{pinA, pinB}, true},
		"another one":                  {[]string{pinA}, []string{pinB}, true},
		"the authority of that name":   {[]string{pinA}, []string{"cert-authority " + pinA[len("ssh-ed25519 "):]}, true},
		"a key for its authority":      {[]string{"cert-authority " + pinA[len("ssh-ed25519 "):]}, []string{pinA}, true},
		"none any more":                {[]string{pinA}, nil, true},
		"none, and none before":        {nil, nil, false},
		"one of two taken for another": {[]string{pinA, pinA + "x"}, []string{pinA, pinB}, true},
	} {
		if got := loosens(c.before, c.after); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// Whoever comes through a door that nobody wired to the accounts is refused, the command line is not asked,
// and the audit tells which it was.
func TestWhoIsAskedForASecondPerson(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := aConnection()
	c.HostKeys = []string{pinA}
	if err := h.desk.AddConnection(t.Context(), h.scope, c, Secrets{Password: "p"}); err != nil {
		t.Fatal(err)
	}
	person := storage.Scope{Operator: h.operator, Actor: storage.Actor{Kind: storage.ActorUser, ID: 7}}
	if err := h.desk.ApproveHostKey(t.Context(), person, c.ID, pinB); !errors.Is(err, ErrSecondPerson) {
		t.Errorf("by a person: %v, want ErrSecondPerson", err)
	}
	changed := h.connection(c.ID)
	changed.HostKeys = nil
	if err := h.desk.ChangeConnection(t.Context(), person, changed, Secrets{}); !errors.Is(err, ErrSecondPerson) {
		t.Errorf("by a person, with the settings: %v, want ErrSecondPerson", err)
	}
	if _, err := h.desk.TestChange(t.Context(), person, changed, Secrets{}); !errors.Is(err, ErrSecondPerson) {
		t.Errorf("a test that would send the password to whoever answers: %v, want ErrSecondPerson", err)
	}
	changed.Version++ // as somebody would who hopes that it is this one when it is written
	if err := h.desk.ChangeConnection(t.Context(), person, changed, Secrets{}); !errors.Is(err, storage.ErrConflict) {
		t.Errorf("of a version that is none yet: %v, want ErrConflict", err)
	}
	if err := h.desk.ApproveHostKey(t.Context(), h.scope, c.ID, pinB); err != nil {
		t.Errorf("by the command line: %v", err)
	}
	h.desk.SecondPerson = func(context.Context, storage.OperatorID) (bool, error) { return false, nil }
	if err := h.desk.ChangeHostKeys(t.Context(), person, c.ID, 2, HostKeys{}); err != nil {
		t.Errorf("where there is no second person: %v", err)
	}
	for said, want := range map[string]int{
		`action = 'connection.host_key_approved' AND actor_kind = 'cli' AND detail->>'second_person' = 'not asked: command line'`: 1,
		`action = 'connection.host_keys_removed' AND actor_kind = 'user' AND detail->>'second_person' = 'not needed'`:             1,
		`action LIKE 'connection.host_key%'`: 2,
	} {
		if n := h.number(`SELECT count(*) FROM audit_event WHERE ` + said); n != want {
			t.Errorf("%d events in the audit with %s, want %d", n, said, want)
		}
	}
}
