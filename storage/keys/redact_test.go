package keys

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// No way of printing shows a key: not directly, not inside another struct, exported or not.
func TestKeysDontPrint(t *testing.T) {
	t.Parallel()
	master := masterKey{id: "00c0ffee"}
	copy(master.secret[:], "MASTERKEYmasterkeyMASTERKEYmaste")
	ring, err := newRing([]masterKey{master})
	if err != nil {
		t.Fatal(err)
	}
	subkey, err := ring.Subkey(Pepper, ring.Current())
	if err != nil {
		t.Fatal(err)
	}
	inside := struct {
		Ring   Ring
		ring   Ring
		Sub    Subkey
		sub    Subkey
		holder *Ring
	}{*ring, *ring, subkey, subkey, ring}

	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	jsonLog := slog.New(slog.NewJSONHandler(&out, nil))
	for _, value := range []any{ring, *ring, subkey, &subkey, inside, &inside, []any{ring, subkey}, map[string]any{"k": subkey}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t"} {
			fmt.Fprintf(&out, verb+"\n", value)
		}
		log.Info("value", "value", value)
		jsonLog.Info("value", "value", value)
		if err := json.NewEncoder(&out).Encode(value); err != nil {
			t.Errorf("JSON of %T: %v", value, err)
		}
	}
	if n := strings.Count(out.String(), "redacted"); n < 50 {
		t.Errorf("the redacted text was printed %d times: is anything printed at all?", n)
	}
	derived, err := ring.keysFor(Pepper, ring.Current())
	if err != nil {
		t.Fatal(err)
	}
	for name, secret := range map[string][]byte{"master key": master.secret[:], "sub-key": subkey.Bytes(), "MAC key": derived.mac[:]} {
		decimal := strings.Trim(fmt.Sprintf("%d", secret[:8]), "[]")
		for _, text := range []string{
			string(secret[:8]), hex.EncodeToString(secret[:8]), strings.ToUpper(hex.EncodeToString(secret[:8])),
			base64.StdEncoding.EncodeToString(secret[:9]), decimal, strings.ReplaceAll(decimal, " ", ","),
			strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", secret[:4]), "[]byte{"), "}"),
		} {
			if strings.Contains(out.String(), text) {
				t.Errorf("the %s stands in the output as %q", name, text)
			}
		}
	}
}
