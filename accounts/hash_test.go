package accounts_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/storage/keys"
)

func newHasher(t *testing.T, ring *keys.Ring, p accounts.HashParameters) *accounts.Hasher {
	t.Helper()
	h, err := accounts.NewHasher(ring, p)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestHashVerifies(t *testing.T) {
	t.Parallel()
	h := newHasher(t, keys.NewRing(), accountstest.CheapHash)
	hash, err := h.Hash(t.Context(), "Passwort mit Umlaut ä")
	if err != nil {
		t.Fatal(err)
	}
	for rule, c := range map[string]struct {
		password string
		ok       bool
	}{
		"the same":                       {"Passwort mit Umlaut ä", true},
		"the same in decomposed letters": {"Passwort mit Umlaut a\u0308", true},
		"other case":                     {"passwort mit Umlaut ä", false},
		"a blank more":                   {"Passwort mit Umlaut ä ", false},
		"nothing":                        {"", false},
	} {
		ok, outdated, err := h.Verify(t.Context(), c.password, hash)
		if ok != c.ok || outdated || err != nil {
			t.Errorf("%s: Verify = %v, outdated %v, %v; want %v", rule, ok, outdated, err, c.ok)
		}
	}
	again, err := h.Hash(t.Context(), "Passwort mit Umlaut ä")
	if err != nil || again == hash {
		t.Errorf("two hashes of a password are equal: the salt is not random (%v)", err)
	}
}

func TestHashIsWorthlessWithoutThePepper(t *testing.T) {
	t.Parallel()
	mine := newHasher(t, keys.NewRing(), accountstest.CheapHash)
	hash, err := mine.Hash(t.Context(), "password")
	if err != nil {
		t.Fatal(err)
	}
	other := newHasher(t, keys.NewRing(), accountstest.CheapHash)
	if _, _, err := other.Verify(t.Context(), "password", hash); !errors.Is(err, keys.ErrKeyUnknown) {
		t.Errorf("Verify with another master key = %v, want ErrKeyUnknown", err)
	}
}

func TestHashOfOtherCostsIsOutdated(t *testing.T) {
	t.Parallel()
	ring := keys.NewRing()
	hash, err := newHasher(t, ring, accountstest.CheapHash).Hash(t.Context(), "password")
	if err != nil {
		t.Fatal(err)
	}
	dearer := newHasher(t, ring, accounts.HashParameters{MemoryKiB: 128, Passes: 1, Threads: 1})
	if ok, outdated, err := dearer.Verify(t.Context(), "password", hash); !ok || !outdated || err != nil {
		t.Errorf("Verify = %v, outdated %v, %v; want true, true", ok, outdated, err)
	}
}

func TestDamagedHashesAreRefusedWithoutWork(t *testing.T) {
	t.Parallel()
	h := newHasher(t, keys.NewRing(), accountstest.CheapHash)
	hash, err := h.Hash(t.Context(), "password")
	if err != nil {
		t.Fatal(err)
	}
	for rule, damaged := range map[string]string{
		"empty": "", "other algorithm": strings.Replace(hash, "argon2id", "argon2i", 1), "other version": strings.Replace(hash, "v=19", "v=16", 1),
		"huge memory": strings.Replace(hash, "m=64", "m=99999999", 1), "no threads": strings.Replace(hash, "p=1", "p=0", 1),
		"cut off": hash[:len(hash)-5], "one part less": hash[:strings.LastIndexByte(hash, '$')],
	} {
		before := h.Computed()
		if ok, _, err := h.Verify(t.Context(), "password", damaged); ok || err == nil || h.Computed() != before {
			t.Errorf("%s: Verify = %v, %v after %d computations; want an error and none", rule, ok, err, h.Computed()-before)
		}
	}
}

func TestHashesAtATimeAreCapped(t *testing.T) {
	t.Parallel()
	h := newHasher(t, keys.NewRing(), accountstest.CheapHash)
	h.FillSlots()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Hash(ctx, "password"); !errors.Is(err, context.Canceled) {
		t.Errorf("Hash beyond the cap = %v, want to wait until the context ends", err)
	}
}

func TestDefaultCostsAreAtLeastTheRecommendedOnes(t *testing.T) {
	t.Parallel()
	p := accounts.DefaultHashParameters
	if p.MemoryKiB < 46*1024 || p.Passes < 1 || p.Threads < 1 {
		t.Errorf("default costs %+v are below 46 MiB and one pass", p)
	}
	h := newHasher(t, keys.NewRing(), p)
	hash, err := h.Hash(t.Context(), "password")
	if err != nil {
		t.Fatal(err)
	}
	if ok, outdated, err := h.Verify(t.Context(), "password", hash); !ok || outdated || err != nil {
		t.Errorf("Verify = %v, %v, %v", ok, outdated, err)
	}
}
