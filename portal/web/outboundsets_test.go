package web_test

import (
	"fmt"
	"html"
	"strings"
	"testing"

	"github.com/ediport/ediport/portal/web/webtest"
	"github.com/ediport/ediport/storage"
)

// TestWhichSetWasRejectedAndWhy: the page of a file that left says which of its sets the receiver rejected, and why, and leads to them; the
// page of the acknowledgment leads back.
func TestWhichSetWasRejectedAndWhy(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := s.SignedIn(t, s.Administrator)
	connection := path(t, c.Post("/connections", connectionForm("push.folder", "to")...), "/connections/con_")
	_, id, _ := strings.Cut(connection, "/connections/")
	content := "ISA*00*          *00*          *ZZ*US             *ZZ*THEM           *261122*0300*^*00501*000000007*0*P*:~GS*HS*US*THEM*20261122*0300*7*X*005010X279A1~" +
		"ST*270*0001*005010X279A1~SE*2*0001~ST*270*0002*005010X279A1~SE*2*0002~ST*270*0003*005010X279A1~SE*2*0003~GE*3*7~IEA*1*000000007~"
	file := path(t, upload(t, c, "q.270", []byte(content), "target", id), "/files/fil_")
	row, err := s.DB.PublicIDs().Parse(storage.PublicFile, strings.TrimPrefix(file, "/files/"))
	if err != nil {
		t.Fatal(err)
	}
	asOwner(t, s, fmt.Sprintf("UPDATE file SET state = 'sent' WHERE id = %d", row))
	if body := c.Get(file).Body; strings.Contains(body, "did not simply accept") {
		t.Error("sets are shown as refused before anybody said so")
	}
	s.Receive(t, "a.999", []byte("ISA*00*          *00*          *ZZ*THEM           *ZZ*US             *261122*0300*^*00501*000000009*0*P*:~GS*FA*THEM*US*20261122*0300*9*X*005010X231A1~"+
		"ST*999*0001*005010X231A1~AK1*HS*7*005010X279A1~AK2*270*0002~IK3*NM1*4*2100*8~IK4*3*1035*7*SECRET~IK5*R*5~AK2*270*0009~IK5*A~AK9*P*3*3*2~SE*9*0001~GE*1*9~IEA*1*000000009~"))
	body := html.UnescapeString(c.Get(file).Body)
	offset := strings.Index(content, "ST*270*0002")
	link := fmt.Sprintf("%s/x12?from=%d#s%d", file, offset, offset)
	for _, want := range []string{
		"1 rejected, 2 not clear", "Sets the receiver did not simply accept", "270 0002", "rejected (R)", "not clear", "NM103 in loop 2100, segment 4: ",
		"or speaks of sets that we did not send", link,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the file's page lacks %q", want)
		}
	}
	if strings.Contains(body, "SECRET") {
		t.Error("the file's page shows the faulty value")
	}
	if page := c.Get(strings.ReplaceAll(link, "#", "&x=#")).Body; !strings.Contains(page, fmt.Sprintf(`id="s%d"`, offset)) {
		t.Error("the link to the set leads to nothing")
	}
	_, rest, _ := strings.Cut(body, `"/acknowledgments/ack_`)
	acknowledgment, _, _ := strings.Cut(rest, `"`)
	body = html.UnescapeString(c.Get("/acknowledgments/ack_" + acknowledgment).Body)
	for _, want := range []string{link, "We sent no such set in this group"} {
		if !strings.Contains(body, want) {
			t.Errorf("the acknowledgment's page lacks %q", want)
		}
	}
	if strings.Count(body, "We sent no such set") != 1 {
		t.Error("a set that is ours is said not to be")
	}
}
