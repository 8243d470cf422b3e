package api_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/jobs/ingest"
	"github.com/ediport/ediport/portal/api"
	"github.com/ediport/ediport/storage"
)

// TestSetsOfAnOutboundFile: which set of a file of ours was rejected is told by API, set by set and in figures.
func TestSetsOfAnOutboundFile(t *testing.T) {
	t.Parallel()
	var desk *jobs.Desk
	s := newSite(t, func(o *api.Options) { desk = o.Desk })
	token := s.token(t, s.Administrator)
	con := s.send(t, http.MethodPost, "/api/v1/connections", token, aConnection).value["id"].(string)
	const head = "ISA*00*          *00*          *ZZ*US             *ZZ*THEM           *261122*0300*^*00501*000000007*0*P*:~GS*HS*US*THEM*20261122*0300*7*X*005010X279A1~"
	made := s.send(t, http.MethodPost, "/api/v1/connections/"+con+"/files", token, head+"ST*270*0001*005010X279A1~SE*2*0001~ST*270*0002~SE*2*0002~GE*2*7~IEA*1*000000007~",
		"Content-Type", "application/octet-stream", "Content-Disposition", `attachment; filename="q.270"`)
	file, _ := made.value["file_id"].(string)
	if made.status != http.StatusCreated {
		t.Fatalf("handed in: %d %s", made.status, made.body)
	}
	id, err := s.DB.PublicIDs().Parse(storage.PublicFile, file)
	if err != nil {
		t.Fatal(err)
	}
	err = s.DB.InLoad(t.Context(), s.Operator, accountstest.Actor, func(tx *storage.LoadTx) error {
		item, err := tx.Outbound(t.Context(), storage.FileID(id))
		if err != nil {
			return err
		}
		return tx.BeginSending(t.Context(), &storage.Delivery{File: item.FileID, Connection: item.ConnectionID, Name: item.Name, Temporary: item.Temporary, Folder: item.Folder}, 1, "")
	})
	if err != nil {
		t.Fatal(err)
	}
	said := func() (words string) {
		t.Helper()
		a := s.send(t, http.MethodGet, "/api/v1/outbound/"+file+"/sets", token, "")
		all, _ := a.value["items"].([]any)
		if a.status != http.StatusOK || len(all) != 2 {
			t.Fatalf("sets: %d %s", a.status, a.body)
		}
		for _, one := range all {
			set := one.(map[string]any)
			words += set["control_number"].(string) + " " + set["guide"].(string) + " " + set["acknowledgment"].(string) + " "
		}
		return strings.TrimSpace(words)
	}
	if got := said(); got != "0001 005010X279A1 none 0002 005010X279A1 none" {
		t.Errorf("before an acknowledgment: %s", got)
	}
	answer, err := desk.TakeIn(t.Context(), storage.Scope{Operator: s.Operator, Actor: accountstest.Actor}, "a.999", strings.NewReader(
		"ISA*00*          *00*          *ZZ*THEM           *ZZ*US             *261122*0300*^*00501*000000009*0*P*:~GS*FA*THEM*US*20261122*0300*9*X*005010X231A1~"+
			"ST*999*0001*005010X231A1~AK1*HS*7*005010X279A1~AK2*270*0002~IK3*NM1*4*2100*8~IK4*3*1035*7*SECRET~IK5*R*5~AK9*P*2*2*1~SE*7*0001~GE*1*9~IEA*1*000000009~"))
	if err != nil {
		t.Fatal(err)
	}
	in := &ingest.Ingester{DB: s.DB, Archive: desk.Archive, Log: slog.New(slog.DiscardHandler)}
	if err := in.Load(t.Context(), s.Operator, answer); err != nil {
		t.Fatal(err)
	}
	if got := said(); got != "0001 005010X279A1 A 0002 005010X279A1 R" {
		t.Errorf("after it: %s", got)
	}
	a := s.send(t, http.MethodGet, "/api/v1/outbound/"+file, token, "")
	group := a.value["envelopes"].([]any)[1].(map[string]any)
	if group["sets_accepted"] != 1.0 || group["sets_rejected"] != 1.0 || group["sets_unclear"] != 0.0 || group["acknowledgment"] != "P" {
		t.Errorf("the group: %v", group)
	}
	rejected := s.send(t, http.MethodGet, "/api/v1/outbound/"+file+"/sets?acknowledgment=R", token, "")
	set := rejected.value["items"].([]any)[0].(map[string]any)
	if codes, _ := set["error_codes"].([]any); len(codes) != 1 || codes[0] != "5" || set["acknowledgment_set_no"] != 1.0 {
		t.Errorf("the rejected set: %v", set)
	}
	detail := s.send(t, http.MethodGet, "/api/v1/acknowledgments/"+set["acknowledgment_id"].(string), token, "")
	named := detail.value["sets"].([]any)[0].(map[string]any)
	if named["matched_set_id"] != set["id"] || named["matched_file_id"] != file || named["matched_byte_offset"] != set["byte_offset"] || named["matched_acknowledgment"] != "R" {
		t.Errorf("what the acknowledgment says: %v", named)
	}
	if a := s.send(t, http.MethodGet, "/api/v1/outbound/"+file+"/sets?acknowledgment=sleepy", token, ""); a.status != http.StatusBadRequest {
		t.Errorf("sets by a word that there isn't: %d", a.status)
	}
	received := s.DB.PublicIDs().Format(storage.PublicFile, int64(answer))
	if a := s.send(t, http.MethodGet, "/api/v1/outbound/"+received+"/sets", token, ""); a.status != http.StatusNotFound {
		t.Errorf("the sets of a file that came in: %d", a.status)
	}
}
