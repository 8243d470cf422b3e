package accounts_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts"
)

func TestCheckPassword(t *testing.T) {
	t.Parallel()
	context := []string{"Bea.Biller", "Beatrix Lindqvist", "bea@lakeside-practice.example"}
	for _, c := range []struct{ password, code string }{
		{"quartz lantern otter", ""},
		{"violin-granite-seventeen", ""},
		{"ñandú über straße 漢字漢 чай", ""},
		{strings.Repeat("long words ", 9) + "zebra", ""},
		{"kJ8#mQ2x!vR5pLw", ""},
		{"14 characters!", "password.too_short"},
		{"漢字漢字漢字漢字漢字漢字漢字", "password.too_short"},
		{strings.Repeat("ab", 200), "password.too_long"},
		{"aaaaaaaaaaaaaaaaaa", "password.common"},
		{"abcabcabcabcabcabc", "password.common"},
		{"123456789012345678", "password.common"},
		{"qwertyuiopasdfghjkl", "password.common"},
		{"zyxwvutsrqponmlkjihg", "password.common"},
		{"passwordpassword", "password.common"},
		{"P@ssw0rd P@ssw0rd 2026", "password.common"},
		{"Welcome to Summer 2026!", "password.common"},
		{"iloveyouforever1", "password.common"},
		{"BeatrixLindqvist1", "password.context"},
		{"lakeside-practice-2026", "password.context"},
		{"ediport ediport ediport", "password.context"},
	} {
		err := accounts.CheckPassword(c.password, context...)
		var got *accounts.PasswordError
		switch {
		case c.code == "" && err != nil:
			t.Errorf("%q: %v, want it taken", c.password, err)
		case c.code != "" && (!errors.As(err, &got) || got.Code != c.code || got.Reason == ""):
			t.Errorf("%q: %v, want %s", c.password, err, c.code)
		}
	}
	for range 20 {
		if err := accounts.CheckPassword(accounts.NewPassword(), context...); err != nil {
			t.Errorf("a password of ours: %v", err)
		}
	}
}

func FuzzCheckPassword(f *testing.F) {
	f.Add("passwordpassword", "Name Of Somebody")
	f.Add("\xff\x00漢", "")
	f.Fuzz(func(t *testing.T, password, context string) {
		err := accounts.CheckPassword(password, context)
		if err != nil && strings.Contains(err.Error(), password) && len(password) > 10 {
			t.Error("the error holds the password")
		}
	})
}

func TestValidNPI(t *testing.T) {
	t.Parallel()
	for npi, want := range map[string]bool{
		"1234567893": true, "1234567890": false, "123456789": false, "12345678933": false, "123456789a": false, "": false,
	} {
		if got := accounts.ValidNPI(npi); got != want {
			t.Errorf("ValidNPI(%q) = %v, want %v", npi, got, want)
		}
	}
}
