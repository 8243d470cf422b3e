package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web/webtest"
	"github.com/ediport/ediport/storage"
)

// sharedFile is a fixture whose one set speaks of patients of both accounts.
const sharedFile = "17-277-two-providers.x12"

// A patientRow is a claim status answer of an account in a file.
type patientRow struct {
	ID     int64  `db:"id"`
	Unit   int64  `db:"unit_id"`
	Set    int64  `db:"set_id"`
	File   int64  `db:"file_id"`
	Member string `db:"member_id"`
	NPI    string `db:"identity_value"`
}

const selectPatientRow = `
SELECT s.id, s.unit_id, u.set_id, u.file_id, m.member_id, coalesce(u.identity_value, '') AS identity_value
FROM claim_status_answer s
JOIN routing_unit u ON u.id = s.unit_id
JOIN person_mention m ON m.account_id = s.account_id AND m.kind = 'status' AND m.row_id = s.id AND m.member_id IS NOT NULL
WHERE s.account_id = $1 AND u.file_id = $2
ORDER BY s.id
LIMIT 1`

func patientIn(t *testing.T, s *webtest.Site, file storage.FileID, account storage.AccountID) patientRow {
	t.Helper()
	db, err := sqlx.Open("postgres", s.LoaderDSN)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // was only read
	var row patientRow
	if err := db.GetContext(t.Context(), &row, selectPatientRow, int64(account), int64(file)); err != nil {
		t.Fatal(err)
	}
	return row
}

// A person who met a patient in the original of the whole file, or of a whole set, is in the patient's report, and so is
// who saw the part while it belonged to somebody else. Who saw only another account's part of the file is not.
func TestWhoSawAPatientInAWholeFile(t *testing.T) {
	covers.Rows(t, "A51", "H6")
	t.Parallel()
	s := webtest.Loaded(t)
	s.AddUser(t, "Olga.Owner", "Ottilie Owens", accounts.Grant{Role: accounts.RoleAccountOwner, Account: s.Account})
	s.AddUser(t, "Finn.Files", "Finnegan Files", accounts.Grant{Role: accounts.RoleOperator, Operator: s.Operator})
	s.AddUser(t, "Seth.Sets", "Seth Sets", accounts.Grant{Role: accounts.RoleOperator, Operator: s.Operator})
	s.AddUser(t, "Una.Unit", "Una Unitt", accounts.Grant{Role: accounts.RoleViewer, Account: s.Other})
	row := patientIn(t, s, s.Files[sharedFile], s.Account)
	ids := s.DB.PublicIDs()
	file, set := ids.Format(storage.PublicFile, row.File), ids.Format(storage.PublicSet, row.Set)
	for login, path := range map[string]string{
		"Finn.Files": "/files/" + file + "/x12", "Seth.Sets": "/sets/" + set + "/x12", s.OtherBiller: "/files/" + file + "/x12",
	} {
		mustShow(t, s.SignedIn(t, login), path)
	}
	giveUnit(t, s, row.Unit, s.Other) // by mistake, and back again
	mustShow(t, s.SignedIn(t, "Una.Unit"), "/files/"+file+"/x12")
	giveUnit(t, s, row.Unit, s.Account)

	owner := s.SignedIn(t, "Olga.Owner")
	account := ids.Format(storage.PublicAccount, int64(s.Account))
	for name, page := range map[string]webtest.Answer{
		"by row":       owner.Get("/audit/seen/" + ids.Format(storage.PublicStatus, row.ID)),
		"by member id": owner.Post("/audit/patients", "member", row.Member, "account", account),
	} {
		for _, want := range []string{"Finnegan Files", "Opened the whole file", "Seth Sets", "Opened a whole transaction set", "Una Unitt"} {
			if page.Status != http.StatusOK || !strings.Contains(page.Body, want) {
				t.Errorf("%s: status %d, does not show %q", name, page.Status, want)
			}
		}
		if strings.Contains(page.Body, "Olga Brandvold") {
			t.Errorf("%s: names somebody who saw another account’s part only", name)
		}
	}
}

// giveUnit routes a part of a file to an account.
func giveUnit(t *testing.T, s *webtest.Site, unit int64, to storage.AccountID) {
	t.Helper()
	scope := storage.Scope{Operator: s.Operator, Accounts: []storage.AccountID{s.Account, s.Other}, Actor: accountstest.Actor}
	if err := s.DB.RerouteUnit(t.Context(), scope, unit, to); err != nil {
		t.Fatal(err)
	}
}

func mustShow(t *testing.T, c *webtest.Client, path string) {
	t.Helper()
	if a := c.Get(path); a.Status != http.StatusOK {
		t.Fatalf("%s: status %d", strings.SplitN(path, "_", 2)[0], a.Status)
	}
}

// The values that a file's findings show are seen by who opens them: the file stands in the event.
func TestFindingsNameTheirFile(t *testing.T) {
	covers.Rows(t, "A51")
	t.Parallel()
	s := webtest.Loaded(t)
	s.AddUser(t, "Olga.Owner", "Ottilie Owens", accounts.Grant{Role: accounts.RoleAccountOwner, Account: s.Account})
	db, err := sqlx.Open("postgres", s.LoaderDSN)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // the site's own is closed by it
	row := patientIn(t, s, s.Files[sharedFile], s.Account)
	_, err = db.ExecContext(t.Context(), `
INSERT INTO finding (operator_id, file_id, no, interchange_ordinal, group_ordinal, set_ordinal, set_id, unit_id, account_id, severity, snip, code_kind,
	code_value, loop, segment, position, element, component, repetition, byte_offset, line, message, value)
VALUES ($1, $2, 9999, 1, 1, 1, $3, $4, $5, 'error', 1, 'IK4', '7', '2100D', 'NM1', 20, 9, 0, 0, 900, 30, 'not in the list', 'SEEN-VALUE')`,
		int64(s.Operator), row.File, row.Set, row.Unit, int64(s.Account))
	if err != nil {
		t.Fatal(err)
	}
	ids := s.DB.PublicIDs()
	path := "/files/" + ids.Format(storage.PublicFile, row.File)
	if a := s.SignedIn(t, s.Biller).Get(path + "/findings"); !strings.Contains(a.Body, "SEEN-VALUE") {
		t.Fatalf("the findings: status %d, or without the value", a.Status)
	}
	page := s.SignedIn(t, "Olga.Owner").Get("/audit/seen/" + ids.Format(storage.PublicStatus, row.ID))
	if !strings.Contains(page.Body, "Beatrix Lindqvist") || !strings.Contains(page.Body, "Saw findings of the file") {
		t.Errorf("who saw the findings is not named: status %d", page.Status)
	}
}

// By member id only those ask who see the account's patients; what they are limited to, limits the answer.
func TestWhoMayAskByMemberID(t *testing.T) {
	covers.Rows(t, "A47", "H6")
	t.Parallel()
	s := webtest.Loaded(t)
	s.AddUser(t, "Olga.Owner", "Ottilie Owens", accounts.Grant{Role: accounts.RoleAccountOwner, Account: s.Account})
	s.AddUser(t, "Acc.Itor", "Accalia Ito", accounts.Grant{Role: accounts.RoleAccountAuditor, Account: s.Account})
	s.AddUser(t, "Aud.Itor", "Audra Iverson", accounts.Grant{Role: accounts.RoleAuditor, Operator: s.Operator})
	row := patientIn(t, s, s.Files[sharedFile], s.Account)
	for login, npi := range map[string]string{"Lia.Elsewhere": "1234567893", "Liv.Here": row.NPI} {
		s.AddUser(t, login, login, accounts.Grant{Role: accounts.RoleAccountAdministrator, Account: s.Account})
		user, err := s.Accounts.UserByLogin(t.Context(), login)
		if err != nil {
			t.Fatal(err)
		}
		limited := accounts.RoleGrant{Role: accounts.RoleBiller, Account: s.Account, Limit: storage.RowLimit{NPIs: []string{npi}}}
		if _, err := s.Accounts.GiveRole(t.Context(), s.Principal(t, "Olga.Owner"), user, limited); err != nil {
			t.Fatal(err)
		}
	}
	ids := s.DB.PublicIDs()
	account, answer := ids.Format(storage.PublicAccount, int64(s.Account)), "/audit/seen/"+ids.Format(storage.PublicStatus, row.ID)
	mustShow(t, s.SignedIn(t, s.Biller), "/claim-status/"+ids.Format(storage.PublicStatus, row.ID))
	ask := func(login string) webtest.Answer {
		return s.SignedIn(t, login).Post("/audit/patients", "member", row.Member, "account", account)
	}
	for _, login := range []string{"Acc.Itor", "Aud.Itor"} {
		a := ask(login)
		if a.Status != http.StatusForbidden || !strings.Contains(a.Body, "patients.view") || strings.Contains(a.Body, "Beatrix Lindqvist") {
			t.Errorf("%s sees no patients, and asks by member id: status %d", login, a.Status)
		}
		form := s.SignedIn(t, login).Get("/audit/patients").Body
		if strings.Contains(form, account) || !strings.Contains(form, "patients.view") {
			t.Errorf("%s is offered the account, or isn't told why not", login)
		}
		if a := s.SignedIn(t, login).Get(answer); a.Status != http.StatusOK || !strings.Contains(a.Body, "Beatrix Lindqvist") {
			t.Errorf("%s asks about a row: status %d", login, a.Status)
		}
	}
	if a := ask("Lia.Elsewhere"); a.Status != http.StatusOK || !strings.Contains(a.Body, "No row that names this member") || strings.Contains(a.Body, "Beatrix Lindqvist") {
		t.Errorf("a member of another provider: status %d, or it says that there is one", a.Status)
	}
	if a := s.SignedIn(t, "Lia.Elsewhere").Get(answer); a.Status != http.StatusNotFound {
		t.Errorf("a row of another provider: status %d, want 404", a.Status)
	}
	if a := ask("Liv.Here"); !strings.Contains(a.Body, "Beatrix Lindqvist") {
		t.Errorf("a member of the own provider: status %d, names nobody", a.Status)
	}
	if a := ask("Olga.Owner"); !strings.Contains(a.Body, "Beatrix Lindqvist") {
		t.Errorf("an owner: status %d, names nobody", a.Status)
	}
}
