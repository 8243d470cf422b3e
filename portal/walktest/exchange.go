package walktest

import (
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/portal/web/webtest"
	"github.com/ediport/ediport/storage"
)

// exchange gives a side a partner with a connection, a schedule, a calendar, a run with its job, an incident, an
// outbound file and its person a token, by the pages' own forms where there are some.
func (w *World) exchange(t testing.TB, login string, at Side, name string) {
	t.Helper()
	ctx := t.Context()
	c := w.SignedIn(t, login)
	connection := posted(t, c, "/connections", "/connections/", "name", name, "host", strings.ToLower(strings.ReplaceAll(name, " ", "-"))+".example", "port", "22",
		"username", "lakeside", "auth", "password", "password", "a password of "+name, "folders[0].path", "outbound", "folders[0].globs", "*.x12",
		"folders[0].after", "leave", "folders[0].stable_seconds", "5", "folders[0].max_files", "50", "network.max_file_bytes", "100", "network.concurrency", "2",
		"push.folder", "to", "push.acknowledgment_folder", "acks")
	id := strings.TrimPrefix(connection, "/connections/")
	schedule := posted(t, c, "/schedules", "/schedules/", "name", name+" each morning", "connection", id, "pattern", "times", "times", "06:30", "days", "1-5",
		"zone", "America/New_York", "missed", "once")
	posted(t, c, schedule+"/run", "/runs/")
	posted(t, c, "/calendars", "/calendars", "name", name+" closed", "holidays", "yes", "days", "2026-12-24 Christmas Eve")
	posted(t, c, "/dropboxes", "/dropboxes/", "name", name+" drops", "sources", "192.0.2.0/24")
	number, err := w.DB.PublicIDs().Parse(storage.PublicConnection, id)
	if err != nil {
		t.Fatal(err)
	}
	err = w.DB.InScope(ctx, storage.Scope{Operator: at.Operator, Actor: accountstest.Actor}, func(tx *storage.Tx) error {
		_, _, err := tx.RaiseIncident(ctx, at.Operator, storage.OfConnection(storage.ConnectionID(number)), storage.Raise{Code: "transfer.host_key_changed", Source: "pull"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	p := w.Principal(t, login)
	if _, err := w.Accounts.CreateRole(ctx, p, accounts.RoleForm{Name: name + " desk", Operator: at.Operator, OfOperator: true, Permissions: []accounts.Permission{accounts.ViewFiles}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Accounts.BreakGlass(ctx, p, accounts.Emergency{Account: at.Account, Role: accounts.EmergencyRoles()[0], Reason: name + " can't be reached"}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.Accounts.CreateToken(ctx, p, accounts.NewToken{Name: name, Scopes: []accounts.Permission{accounts.ViewRemittances}, Life: 24 * time.Hour}); err != nil {
		t.Fatal(err)
	}
}

// posted sends a form and returns the page that it leads to.
func posted(t testing.TB, c *webtest.Client, path, leads string, pairs ...string) string {
	t.Helper()
	a := c.Post(path, pairs...)
	if a.Status != 303 || !strings.HasPrefix(a.Location, leads) {
		t.Fatalf("POST %s: %d to %q, want 303 to %s…", path, a.Status, a.Location, leads)
	}
	at, _, _ := strings.Cut(a.Location, "?")
	return at
}
