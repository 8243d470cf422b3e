package accounts_test

import (
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq"

	"github.com/ediport/ediport/accounts/accountstest"
)

// rows reads texts as the loader, past row-level security.
func rows(t *testing.T, w *accountstest.World, query string, args ...any) []string {
	t.Helper()
	db, err := sqlx.Open("postgres", w.LoaderDSN)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var out []string
	if err := db.SelectContext(t.Context(), &out, query, args...); err != nil {
		t.Fatal(err)
	}
	return out
}

func auditEvents(t *testing.T, w *accountstest.World) []string {
	t.Helper()
	return rows(t, w, `SELECT concat_ws(' ', action, result, actor_kind, address, correlation_id) FROM audit_event ORDER BY id`)
}

func passwordHashes(t *testing.T, w *accountstest.World, login string) []string {
	t.Helper()
	return rows(t, w, `SELECT hash FROM credential c JOIN app_user u ON u.id = c.user_id WHERE u.login = $1 AND kind = 'password' AND revoked_at IS NULL`, login)
}

// dumpSignIn returns all of the sign-in tables and the audit as text.
func dumpSignIn(t *testing.T, w *accountstest.World) string {
	t.Helper()
	var out []string
	for _, table := range []string{"app_user", "credential", "membership", "session", "api_token", "sign_in_throttle", "sign_in_code", "audit_event"} {
		out = append(out, rows(t, w, `SELECT x::text FROM `+table+` x`)...)
	}
	return strings.Join(out, "\n")
}
