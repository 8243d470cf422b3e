package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ediport/ediport/portal/web/webtest"
)

// TestFolderAndPushOptionsByForm: what stays for days, names to look for, copies, times and folders can be set by the
// form; what can't be meant is told beside its field.
func TestFolderAndPushOptionsByForm(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := s.SignedIn(t, s.Administrator)
	deleting := replace(connectionForm("folders[0].delete_after_days", "30"), "folders[0].after", "delete")
	naming := replace(connectionForm("folders[0].names", "{yyyymmdd}.835\nlatest.txt", "folders[0].days", "7"), "folders[0].globs", "")
	for field, form := range map[string][]string{
		"folders[0].delete_after_days": replace(deleting, "folders[0].delete_after_days", "99999"),
		"folders[0].names":             replace(naming, "folders[0].names", "../x"),
		"folders[0].globs":             replace(naming, "folders[0].globs", "*.835"),
		"folders[0].days":              replace(naming, "folders[0].days", "1000"),
		"push.folder_mode":             connectionForm("push.make_folders", "yes", "push.folder_mode", "rwx"),
	} {
		if a := c.Post("/connections", form...); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, `id="`+field+`-error"`) {
			t.Errorf("%s: %d with %q, want 422 with the field marked", field, a.Status, errorsOf(a.Body))
		}
	}
	for name, tc := range map[string]struct {
		form         []string
		shows, form2 []string
	}{
		"deleting": {deleting, []string{"deleted after 30 days"}, []string{`value="30"`}},
		"naming":   {naming, []string{"looked for one by one", "{yyyymmdd}.835", "latest.txt"}, []string{`value="7"`}},
		"copying": {
			replace(connectionForm("folders[0].archive_folder", "old", "folders[0].archive_by", "rename"), "folders[0].after", "archive"),
			[]string{"moved to"},
			[]string{`<option value="rename" selected`},
		},
		"sending": {
			connectionForm("push.folder", "to", "push.keep_time", "yes", "push.make_folders", "yes", "push.folder_mode", "0750"), nil,
			[]string{`value="0750"`, `name="push.keep_time"`},
		},
	} {
		connection := path(t, c.Post("/connections", replace(tc.form, "name", name)...), "/connections/con_")
		for page, wants := range map[string][]string{connection: tc.shows, connection + "/edit": tc.form2} {
			body := c.Get(page).Body
			for _, want := range wants {
				if !strings.Contains(body, want) {
					t.Errorf("%s: the page does not show %s", name, want)
				}
			}
		}
	}
}
