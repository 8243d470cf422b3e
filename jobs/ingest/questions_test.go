package ingest_test

import (
	"fmt"
	"testing"

	"github.com/ediport/ediport/fixtures"
	"github.com/ediport/ediport/storage"
)

func TestAnswersFindTheirQuestions(t *testing.T) {
	w := newWorld(t)
	ask := func(kind, usage, trace, originator string, account storage.AccountID) (id int64) {
		err := w.DB.InLoad(t.Context(), w.operator, storage.Actor{Kind: storage.ActorSystem}, func(tx *storage.LoadTx) (err error) {
			rows := tx.Loader()
			if id, err = rows.NewID(t.Context(), storage.IDInquiry); err != nil {
				return err
			}
			err = rows.Inquiry(t.Context(), &storage.InquiryRow{
				AccountID: account, ID: id, OperatorID: w.operator, Direction: "out", Kind: kind, Usage: usage, CreatedAt: tx.Now(),
				TraceNumber: []byte(trace), TraceOriginator: []byte(originator), Person: "subscriber", State: "sent",
			})
			if err != nil {
				return err
			}
			return rows.Flush(t.Context())
		})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	// Account B asked what the files answer to account A's NPI: the question decides.
	dependent := ask("270", "P", "CHF261119000002", "9CEDARHOLL", w.b)
	ask("270", "T", "CHF261119000001", "9CEDARHOLL", w.b) // a test
	ask("270", "P", "CHF261119000003", "9SOMEBODY", w.b)  // of somebody else
	claim := ask("276", "P", "CHFS2611170011", "", w.b)   // 277 of two providers
	pended := ask("278", "P", "JSCPA261116001", "", w.b)  // without its originator
	foreign := ask("276", "P", "CHFS2611180001", "", w.a) // two accounts asked about one provider's claims
	ask("276", "P", "CHFS2611180002", "", w.b)
	for _, e := range fixtures.Catalog() {
		if e.Set == "271" || e.Set == "277" || e.Set == "278" {
			w.fixture(t, e.Name)
		}
	}
	for _, c := range []struct{ name, query, want string }{
		{
			"a dependent's answer, with the subscriber", `SELECT string_agg(concat_ws(' ', first_name, account_id, inquiry_id), ', ' ORDER BY id) FROM eligibility_answer
			 WHERE last_name = 'SALTMARROW'`, fmt.Sprintf("ASTER %d, TANSY %d %d", w.b, w.b, dependent),
		},
		{"a question of another usage", `SELECT concat_ws(' ', account_id, inquiry_id) FROM eligibility_answer WHERE last_name = 'QUILLFEATHER'`, fmt.Sprint(w.a)},
		{"a question of another originator", `SELECT concat_ws(' ', account_id, inquiry_id) FROM eligibility_answer WHERE last_name = 'NEVERBELL'`, fmt.Sprint(w.a)},
		{
			"a claim's status", `SELECT concat_ws(' ', account_id, inquiry_id) FROM claim_status_answer WHERE trace_number = 'CHFS2611170011'`,
			fmt.Sprintf("%d %d", w.b, claim),
		},
		{
			"questions of two accounts in one unit go by the provider", `SELECT string_agg(concat_ws(' ', account_id, inquiry_id), ', ' ORDER BY trace_number)
			 FROM claim_status_answer WHERE trace_number IN ('CHFS2611180001', 'CHFS2611180002')`, fmt.Sprintf("%d %d, %d", w.a, foreign, w.a),
		},
		{
			"an authorization", `SELECT concat_ws(' ', account_id, inquiry_id) FROM authorization_event WHERE kind = 'response' AND last_name = 'CANDLEMERE'`,
			fmt.Sprintf("%d %d", w.b, pended),
		},
		{"routed by request", `SELECT count(*) FROM routing_unit WHERE routed_by = 'request'`, "3"},
	} {
		if got := w.text(t, c.query); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
