package web

import (
	"slices"
	"testing"
)

// What takes data out, opens other ways in or weakens protection asks for a fresh proof. The list is here so
// that a route can't lose it unnoticed.
func TestSensitiveRoutesAskForAFreshProof(t *testing.T) {
	t.Parallel()
	want := []string{
		"POST /account/contact/email", "POST /account/contact/phone",
		"GET /account/factors/totp", "POST /account/factors/totp", "GET /account/factors/passkey", "POST /account/factors/passkey",
		"POST /account/factors/{id}/rename", "POST /account/factors/{id}/remove", "POST /account/recovery-codes",
		"GET /account/tokens/new", "POST /account/tokens",
		"POST /connections/{id}/approve", "POST /connections/{id}/key",
		"GET /connections/{id}/credential", "POST /connections/{id}/credential", "POST /connections/{id}/credential/promote", "POST /connections/{id}/credential/remove",
		"POST /dropboxes", "POST /dropboxes/{id}", "POST /dropboxes/{id}/keys",
		"POST /people/{id}/factors/reset", "POST /people/invite", "POST /people/{id}/invitation/resend", "POST /people/{id}/reset", "POST /people/{id}/email", "POST /people/{id}/roles",
		"POST /roles", "POST /roles/{id}", "POST /approvals/{id}/approve", "POST /policies/{id}", "POST /audit/export", "POST /approvals/{id}/export",
	}
	var fresh []string
	for _, rt := range (&Portal{}).routes() {
		if rt.access.fresh {
			fresh = append(fresh, rt.pattern)
		}
	}
	for _, pattern := range want {
		if !slices.Contains(fresh, pattern) {
			t.Errorf("%s asks for no fresh proof", pattern)
		}
	}
}
