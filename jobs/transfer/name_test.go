package transfer_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/ediport/ediport/jobs/transfer"
)

func TestSafeName(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"common":                  {"Claims 2026-03.835", "Claims 2026-03.835"},
		"other scripts":           {"Prüfung 検証.x12", "Prüfung 検証.x12"},
		"slashes":                 {"../../etc/passwd", "_.._etc_passwd"},
		"backslashes and drives":  {`C:\temp\a.835`, "C__temp_a.835"},
		"control characters":      {"a\nb\x00c\x1b[31m.835", "a_b_c_[31m.835"},
		"reversed reading":        {"a\u202e538.exe", "a_538.exe"},
		"invalid UTF-8":           {"a\xffb", "a_b"},
		"leading and other dots":  {".hidden. .", "hidden"},
		"nothing left":            {"..", "unnamed"},
		"nothing but replacement": {"\x00\x01", "unnamed"},
		"device":                  {"con.835", "_con.835"},
		"device, with a blank":    {"con .835", "_con .835"},
		"blank where it is cut":   {strings.Repeat("n", 199) + " and more than fits into a name", strings.Repeat("n", 199)},
		"too long":                {strings.Repeat("é", 300) + ".835", strings.Repeat("é", 98) + ".835"},
	} {
		if got := transfer.SafeName(c.in); got != c.want {
			t.Errorf("%s: SafeName(%q) = %q, want %q", name, c.in, got, c.want)
		}
	}
}

func TestUnescapeRefusesWhatEscapeDoesNotWrite(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"%", "a%4", "%zz", "%+1"} {
		if got, err := transfer.Unescape(text); err == nil {
			t.Errorf("Unescape(%q) = %q", text, got)
		}
	}
}

func FuzzNames(f *testing.F) {
	for _, name := range oddNames {
		f.Add(name)
	}
	f.Add("../../x")
	f.Add(strings.Repeat("\xf0\x9f\x8f\xa5", 60) + "." + strings.Repeat("x", 30))
	f.Fuzz(func(t *testing.T, name string) {
		key := transfer.Escape(name)
		back, err := transfer.Unescape(key)
		if err != nil || back != name {
			t.Fatalf("Unescape(Escape(%q)) = %q, %v", name, back, err)
		}
		if !utf8.ValidString(key) || strings.ContainsFunc(key, unicode.IsControl) {
			t.Fatalf("Escape(%q) = %q", name, key)
		}
		safe := transfer.SafeName(name)
		if safe == "" || len(safe) > 200 || !utf8.ValidString(safe) || strings.ContainsAny(safe, "/\\\x00\n") || safe[0] == '.' {
			t.Fatalf("SafeName(%q) = %q", name, safe)
		}
		if again := transfer.SafeName(safe); again != safe {
			t.Fatalf("SafeName(%q) = %q, and of that %q", name, safe, again)
		}
	})
}
