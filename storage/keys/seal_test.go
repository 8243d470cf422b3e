package keys

import (
	"bytes"
	"errors"
	"testing"
)

func TestSealOpensOnlyInItsPlace(t *testing.T) {
	t.Parallel()
	ring := NewRing()
	aad := []byte("connection/123/password")
	for _, plaintext := range []string{"", "x", "a longer secret, of more than one block of sixteen bytes"} {
		sealed, err := ring.Seal(Secrets, []byte(plaintext), aad)
		if err != nil {
			t.Fatal(err)
		}
		if len(sealed) != len(plaintext)+Overhead {
			t.Errorf("sealed %d bytes into %d, want %d more", len(plaintext), len(sealed), Overhead)
		}
		if got, err := ring.Open(Secrets, sealed, aad); err != nil || string(got) != plaintext {
			t.Errorf("Open(Seal(%q)) = %q, %v", plaintext, got, err)
		}
		if _, err := ring.Open(Archive, sealed, aad); !errors.Is(err, ErrSealed) {
			t.Errorf("another purpose: %v, want ErrSealed", err)
		}
		if _, err := ring.Open(Secrets, sealed, []byte("connection/124/password")); !errors.Is(err, ErrSealed) {
			t.Errorf("another row: %v, want ErrSealed", err)
		}
		if _, err := NewRing().Open(Secrets, sealed, aad); !errors.Is(err, ErrKeyUnknown) {
			t.Errorf("another ring: %v, want ErrKeyUnknown", err)
		}
		again, err := ring.Seal(Secrets, []byte(plaintext), aad)
		if err != nil || bytes.Equal(sealed, again) {
			t.Errorf("two seals of %q are alike (%v)", plaintext, err)
		}
	}
	if _, err := ring.Seal("breakfast", nil, nil); err == nil {
		t.Error("an unknown purpose was accepted")
	}
}

// Every flipped bit and every cut is noticed. A flip in the key id makes the key unknown.
func TestDamageIsNoticed(t *testing.T) {
	t.Parallel()
	ring := NewRing()
	message, aad := []byte("message"), []byte("aad")
	sealed, err := ring.Seal(Cursors, message, aad)
	if err != nil {
		t.Fatal(err)
	}
	mac, err := ring.MAC(Cursors, message, aad)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		bytes []byte
		check func([]byte) error
	}{
		"sealed": {sealed, func(b []byte) error { _, err := ring.Open(Cursors, b, aad); return err }},
		"mac":    {mac, func(b []byte) error { return ring.Verify(Cursors, b, message, aad) }},
	} {
		if err := test.check(test.bytes); err != nil {
			t.Errorf("%s, untouched: %v", name, err)
		}
		for bit := range len(test.bytes) * 8 {
			damaged := bytes.Clone(test.bytes)
			damaged[bit/8] ^= 1 << (bit % 8)
			want := ErrSealed
			if byteAt := bit / 8; byteAt >= 1 && byteAt < headerBytes {
				want = ErrKeyUnknown
			}
			if err := test.check(damaged); !errors.Is(err, want) {
				t.Errorf("%s, bit %d flipped: %v, want %v", name, bit, err, want)
			}
		}
		for n := range test.bytes {
			if err := test.check(test.bytes[:n]); !errors.Is(err, ErrSealed) {
				t.Errorf("%s, cut to %d bytes: %v, want ErrSealed", name, n, err)
			}
		}
		if err := test.check(append(bytes.Clone(test.bytes), 0)); !errors.Is(err, ErrSealed) {
			t.Errorf("%s, one byte more: %v, want ErrSealed", name, err)
		}
	}
}

func TestMACBindsMessageAndData(t *testing.T) {
	t.Parallel()
	ring := NewRing()
	mac, err := ring.MAC(Cursors, []byte("message"), []byte("aad"))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name         string
		purpose      Purpose
		message, aad string
	}{
		{"another message", Cursors, "massage", "aad"},
		{"other additional data", Cursors, "message", "add"},
		{"a byte moved from message to data", Cursors, "essage", "aadm"},
		{"another purpose", Cookies, "message", "aad"},
	} {
		if err := ring.Verify(test.purpose, mac, []byte(test.message), []byte(test.aad)); !errors.Is(err, ErrSealed) {
			t.Errorf("%s: %v, want ErrSealed", test.name, err)
		}
	}
	if err := NewRing().Verify(Cursors, mac, []byte("message"), []byte("aad")); !errors.Is(err, ErrKeyUnknown) {
		t.Errorf("another ring: %v, want ErrKeyUnknown", err)
	}
}

func TestRewrap(t *testing.T) {
	t.Parallel()
	oldKey := newMasterKey(nil)
	before, err := newRing([]masterKey{oldKey})
	if err != nil {
		t.Fatal(err)
	}
	after, err := newRing([]masterKey{newMasterKey([]masterKey{oldKey}), oldKey})
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := before.Seal(Secrets, []byte("secret"), []byte("row"))
	if err != nil {
		t.Fatal(err)
	}
	if out, changed, err := before.Rewrap(Secrets, sealed, []byte("row")); changed || err != nil || !bytes.Equal(out, sealed) {
		t.Errorf("current already: changed %v, %v", changed, err)
	}
	out, changed, err := after.Rewrap(Secrets, sealed, []byte("row"))
	if err != nil || !changed {
		t.Fatalf("older key: changed %v, %v", changed, err)
	}
	if id, err := KeyOf(out); err != nil || id != after.Current() {
		t.Errorf("rewrapped by %s, %v; want %s", id, err, after.Current())
	}
	if got, err := after.Open(Secrets, out, []byte("row")); string(got) != "secret" {
		t.Errorf("rewrapped bytes don't open: %v", err)
	}
	if _, err := before.Open(Secrets, out, []byte("row")); !errors.Is(err, ErrKeyUnknown) {
		t.Errorf("the old ring opens the new bytes: %v", err)
	}
	if _, _, err := after.Rewrap(Secrets, sealed, []byte("other row")); !errors.Is(err, ErrSealed) {
		t.Errorf("another row: %v, want ErrSealed", err)
	}
}

func TestSubkeysHaveNothingInCommon(t *testing.T) {
	t.Parallel()
	masters := []masterKey{newMasterKey(nil)}
	masters = append(masters, newMasterKey(masters))
	ring, err := newRing(masters)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, id := range ring.IDs() {
		for _, purpose := range purposes {
			subkey, err := ring.Subkey(purpose, id)
			if err != nil {
				t.Fatal(err)
			}
			derived, err := ring.keysFor(purpose, id)
			if err != nil {
				t.Fatal(err)
			}
			seen[string(subkey.Bytes())] = true
			seen[string(derived.mac[:])] = true
		}
	}
	for _, master := range masters {
		seen[string(master.secret[:])] = true
	}
	if want := len(masters)*len(purposes)*2 + len(masters); len(seen) != want {
		t.Errorf("%d different keys, want %d", len(seen), want)
	}
	subkey, _ := ring.Subkey(Pepper, ring.Current())
	clear(subkey.Bytes())
	again, _ := ring.Subkey(Pepper, ring.Current())
	if bytes.Equal(again.Bytes(), make([]byte, 32)) {
		t.Error("clearing the bytes of a sub-key cleared the ring's")
	}
	if _, err := ring.Subkey(Pepper, "ffffffff"); !errors.Is(err, ErrKeyUnknown) {
		t.Errorf("unknown key: %v", err)
	}
	if _, err := ring.Subkey("breakfast", ring.Current()); err == nil {
		t.Error("an unknown purpose was accepted")
	}
}

func BenchmarkSeal(b *testing.B) {
	ring := NewRing()
	secret, aad := make([]byte, 64), []byte("connection/123/password")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ring.Seal(Secrets, secret, aad); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	ring := NewRing()
	cursor, aad := make([]byte, 64), []byte("claims/42")
	mac, err := ring.MAC(Cursors, cursor, aad)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := ring.Verify(Cursors, mac, cursor, aad); err != nil {
			b.Fatal(err)
		}
	}
}
