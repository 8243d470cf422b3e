package keys

import (
	"bytes"
	"encoding/base64"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

// line returns a valid key line whose secret is 32 times b.
func line(id string, b byte) string {
	key := masterKey{id: KeyID(id), created: time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)}
	copy(key.secret[:], bytes.Repeat([]byte{b}, 32))
	all := string(formatKeyFile([]masterKey{key}))
	return all[strings.Index(all, "key "+id):]
}

func TestParseKeyFile(t *testing.T) {
	t.Parallel()
	head := fileHeader + "\n"
	good := line("00c0ffee", 7)
	for _, test := range []struct {
		name, text string
		want       []KeyID
		problem    string
	}{
		{"one key", head + good, []KeyID{"00c0ffee"}, ""},
		{"two keys, newest first", head + line("0000000b", 2) + line("0000000a", 1), []KeyID{"0000000b", "0000000a"}, ""},
		{"comments and empty lines anywhere", "# a\n\n" + head + "  # b\n\n" + good + "\n#c", []KeyID{"00c0ffee"}, ""},
		{"no line end after the last line", head + strings.TrimSpace(good), []KeyID{"00c0ffee"}, ""},
		{"byte order mark, CRLF, tabs", "\ufeff" + strings.ReplaceAll(strings.ReplaceAll(head+good, "\n", "\r\n"), " 2026", "\t2026"), []KeyID{"00c0ffee"}, ""},
		{"empty", "", nil, "no key"},
		{"only comments", "# nothing\n", nil, "no key"},
		{"no key", head, nil, "no key"},
		{"another version", "ediport-keys 2\n" + good, nil, "line 1"},
		{"no header", good, nil, "line 1"},
		{"same id twice", head + line("0000000a", 1) + line("0000000a", 2), nil, "line 3: this key id"},
		{"id in capitals", head + strings.Replace(good, "00c0ffee", "00C0FFEE", 1), nil, "key id"},
		{"id too short", head + strings.Replace(good, "00c0ffee", "00c0ff", 1), nil, "key id"},
		{"impossible time", head + strings.Replace(good, "2026-11", "2026-13", 1), nil, "time"},
		{"secret too short", head + strings.Replace(good, "BwcHBwcHBwc", "BwcHBwc", 1), nil, "secret"},
		{"secret that is no base64", head + strings.Replace(good, "BwcH", "B?cH", 1), nil, "secret"},
		{"one letter of the secret mistyped", head + strings.Replace(good, "BwcH", "BwdH", 1), nil, "check digits"},
		{"another key's id", head + strings.Replace(good, "00c0ffee", "00c0ffef", 1), nil, "check digits"},
		{"a word too many", head + strings.Replace(good, "key ", "key key ", 1), nil, "expected: key ID"},
		{"too long", head + good + strings.Repeat("#", maxFileBytes), nil, "longer"},
	} {
		keys, err := parseKeyFile([]byte(test.text))
		var got []KeyID
		for _, key := range keys {
			got = append(got, key.id)
		}
		if test.problem == "" && (err != nil || !reflect.DeepEqual(got, test.want)) {
			t.Errorf("%s: keys %v, %v; want %v", test.name, got, err, test.want)
		}
		if test.problem != "" && (!errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), test.problem)) {
			t.Errorf("%s: %v, want ErrFormat with %q", test.name, err, test.problem)
		}
		if err != nil && strings.Contains(err.Error(), "wcH") {
			t.Errorf("%s: the message shows the secret: %v", test.name, err)
		}
	}
}

func TestKeyFileExplainsTheBackup(t *testing.T) {
	t.Parallel()
	text := string(formatKeyFile([]masterKey{newMasterKey(nil)}))
	if !strings.HasPrefix(text, "#") || !strings.Contains(text, "BACK THIS FILE UP") {
		t.Errorf("the file doesn't tell a person to back it up:\n%s", text)
	}
}

// The check digits and derived keys of a fixed key never change: data out there depends on them.
func TestDerivationIsFixed(t *testing.T) {
	t.Parallel()
	masters, err := parseKeyFile([]byte(fileHeader + "\n" + line("00c0ffee", 7)))
	if err != nil {
		t.Fatal(err)
	}
	if got := checkDigits(&masters[0]); got != "ca803137" {
		t.Errorf("check digits %s", got)
	}
	ring, err := newRing(masters)
	if err != nil {
		t.Fatal(err)
	}
	subkey, err := ring.Subkey(Pepper, "00c0ffee")
	if err != nil {
		t.Fatal(err)
	}
	if got := base64.StdEncoding.EncodeToString(subkey.Bytes()); got != "/N+0KAuSJTwf/4tl90dfS8P0hAhoASJj/d6jrBDu7cg=" {
		t.Errorf("pepper %s", got)
	}
	sealed, _ := base64.StdEncoding.DecodeString("AQDA/+5GKnFDoPwJy2auZuycKsywHTKARr1t/k0xHb95UkMC8Uno")
	if got, err := ring.Open(Secrets, sealed, []byte("row")); string(got) != "golden" {
		if fresh, _ := ring.Seal(Secrets, []byte("golden"), []byte("row")); fresh != nil {
			t.Logf("now: %s", base64.StdEncoding.EncodeToString(fresh))
		}
		t.Errorf("a ciphertext of the first version doesn't open: %v", err)
	}
}

func FuzzParseKeyFile(f *testing.F) {
	f.Add([]byte(fileHeader + "\n" + line("00c0ffee", 7)))
	f.Add([]byte("\ufeff# x\r\n" + fileHeader + "\r\n" + line("0000000b", 2) + line("0000000a", 1)))
	f.Add([]byte("ediport-keys 2\nkey"))
	f.Fuzz(func(t *testing.T, text []byte) {
		keys, err := parseKeyFile(text)
		if err != nil {
			if !errors.Is(err, ErrFormat) || keys != nil {
				t.Fatalf("parse: %v with %d keys, want ErrFormat and none", err, len(keys))
			}
			return
		}
		again, err := parseKeyFile(formatKeyFile(keys))
		if err != nil || !reflect.DeepEqual(keys, again) {
			t.Fatalf("write → read changed the keys: %v", err)
		}
		if _, err := newRing(keys); err != nil {
			t.Fatalf("no ring from a valid file: %v", err)
		}
	})
}
