package storage

import (
	"context"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
)

// ask makes a question of ours with the trace.
func (w *outWorld) ask(t *testing.T, account AccountID, trace, state string) int64 {
	t.Helper()
	var id int64
	load(t, w.db, w.operator, func(ctx context.Context, tx *LoadTx, l *Loader) (err error) {
		if id, err = l.NewID(ctx, IDInquiry); err != nil {
			return err
		}
		return l.Inquiry(ctx, &InquiryRow{
			AccountID: account, ID: id, OperatorID: w.operator, Direction: "out", Kind: "270", Usage: "P", CreatedAt: tx.Now(), TraceNumber: edi.Text(trace),
			TraceOriginator: edi.Text("9US"), Person: "subscriber", State: state,
		})
	})
	return id
}

// leaves links questions with sets of a file, by "set trace".
func (w *outWorld) leaves(t *testing.T, file FileID, questions ...string) {
	t.Helper()
	w.must(t, func(tx *LoadTx) error {
		accounts, err := tx.AskingAccounts(t.Context())
		if err != nil {
			return err
		}
		var all []SentQuestion
		for _, q := range questions {
			set, trace, _ := strings.Cut(q, " ")
			all = append(all, SentQuestion{Interchange: 1, Group: 1, Set: int(set[0] - '0'), Kind: "270", Usage: "P", Trace: trace, Originator: "9US"})
		}
		return tx.LinkSentQuestions(t.Context(), file, accounts, all)
	})
}

func (w *outWorld) state(t *testing.T, question int64) string {
	t.Helper()
	return ownerRows[string](t, w.db, `SELECT state FROM inquiry WHERE id = $1`, question)[0]
}

// TestQuestionsFollowTheirSets: a question is acknowledged or rejected with the set in which it left, whatever the order, and never goes
// back from an answer.
func TestQuestionsFollowTheirSets(t *testing.T) {
	t.Parallel()
	w := newOutWorld(t)
	for n, c := range []struct {
		name    string
		state   string // before
		answers []answer
		want    string
	}{
		{"accepted", "sent", []answer{"A 2 2 2"}, "acknowledged"},
		{"accepted with errors", "sent", []answer{"E 2 2 2: 0002 E"}, "acknowledged"},
		{"rejected", "sent", []answer{"P 2 2 1: 0002 R"}, "rejected"},
		{"the other set is rejected", "sent", []answer{"P 2 2 1: 0001 R"}, "acknowledged"},
		{"rejected as a whole", "sent", []answer{"R 2 2 0"}, "rejected"},
		{"the interchange is rejected", "sent", []answer{"TA1 R"}, "rejected"},
		{"not clear", "sent", []answer{"P 2 2 1: 0002 A, 0002 R"}, "sent"},
		{"contradicted", "sent", []answer{"A 2 2 2", "P 2 2 1: 0002 R"}, "rejected"},
		{"the same again", "sent", []answer{"P 2 2 1: 0002 R", "P 2 2 1: 0002 R"}, "rejected"},
		{"answered before it is acknowledged", "answered", []answer{"A 2 2 2"}, "answered"},
		{"answered, then rejected", "answered", []answer{"R 2 2 0"}, "answered"},
		{"overdue, then acknowledged", "overdue", []answer{"A 2 2 2"}, "overdue"},
		{"overdue, then rejected", "overdue", []answer{"R 2 2 0"}, "rejected"},
		{"taken back", "cancelled", []answer{"R 2 2 0"}, "cancelled"},
		{"to be asked again", "queued", []answer{"A 2 2 2"}, "queued"},
	} {
		for k, order := range orders(c.answers) {
			number := int64(100*n + k + 1)
			trace := strings.ReplaceAll(c.name, " ", "") + string(rune('0'+k))
			question := w.ask(t, w.a, trace, "sent")
			file := w.send(t, trace, number, "0001", "0002")
			w.leaves(t, file, "2 "+trace)
			if _, err := w.db.owner.ExecContext(t.Context(), `UPDATE inquiry SET state = $2 WHERE id = $1`, question, c.state); err != nil {
				t.Fatal(err)
			}
			for _, a := range order {
				w.hear(t, number, a)
			}
			if got := w.state(t, question); got != c.want {
				t.Errorf("%s: %q: the question is %s, want %s", c.name, order, got, c.want)
			}
		}
	}
}

// TestAQuestionThatLeftTwice: what is said of an earlier file does not touch a question that was asked once more.
func TestAQuestionThatLeftTwice(t *testing.T) {
	t.Parallel()
	w := newOutWorld(t)
	question := w.ask(t, w.a, "T1", "sent")
	first, second := w.send(t, "first", 1, "0001"), w.send(t, "second", 2, "0001")
	w.leaves(t, first, "1 T1")
	w.leaves(t, second, "1 T1")
	w.hear(t, 1, "R 1 1 0")
	if got := w.state(t, question); got != "sent" {
		t.Errorf("after a word about the first file the question is %s", got)
	}
	w.hear(t, 2, "A 1 1 1")
	if got := w.state(t, question); got != "acknowledged" {
		t.Errorf("after a word about the second file the question is %s", got)
	}
}

// TestAQuestionWhoseSecondFileIsVoid: what was said of the first file while the second one waited counts, once the second one is made void.
func TestAQuestionWhoseSecondFileIsVoid(t *testing.T) {
	t.Parallel()
	w := newOutWorld(t)
	for n, c := range []struct {
		name, state, said, want string
	}{
		{"rejected", "sent", "R 1 1 0: 0001 R/errors", "rejected"},
		{"accepted", "sent", "A 1 1 1", "acknowledged"},
		{"answered meanwhile", "answered", "R 1 1 0", "answered"},
		{"to be asked a third time", "queued", "R 1 1 0", "queued"},
		{"nothing was said", "sent", "", "sent"},
	} {
		trace, number := "V"+string(rune('0'+n)), int64(100*(n+1))
		question := w.ask(t, w.a, trace, "sent")
		first := w.send(t, "first "+c.name, number+1, "0001")
		w.leaves(t, first, "1 "+trace)
		second := w.queue(t, "second "+c.name, number+2)
		w.leaves(t, second, "1 "+trace)
		if c.said != "" {
			w.hear(t, number+1, answer(c.said))
		}
		if got := w.state(t, question); got != "sent" {
			t.Fatalf("%s: while the second file waits the question is %s", c.name, got)
		}
		if _, err := w.db.owner.ExecContext(t.Context(), `UPDATE inquiry SET state = $2 WHERE id = $1`, question, c.state); err != nil {
			t.Fatal(err)
		}
		w.must(t, func(tx *LoadTx) error { return tx.VoidOutbound(t.Context(), second, "a mistake") })
		if got := w.state(t, question); got != c.want {
			t.Errorf("%s: the question is %s, want %s", c.name, got, c.want)
		}
		why := ownerRows[string](t, w.db, `SELECT array_to_string(rejected_for, '; ') FROM inquiry_set WHERE inquiry_id = $1 AND file_id = $2`, question, int64(first))
		if c.name == "rejected" && (len(why) != 1 || why[0] == "") {
			t.Errorf("it does not say why: %q", why)
		}
	}
}

// TestTracesThatMeanSeveralQuestions mean none.
func TestTracesThatMeanSeveralQuestions(t *testing.T) {
	t.Parallel()
	w := newOutWorld(t)
	w.ask(t, w.a, "T1", "sent")
	w.ask(t, w.b, "T1", "sent")
	w.ask(t, w.b, "T2", "sent")
	file := w.send(t, "file", 1, "0001", "0002")
	w.leaves(t, file, "1 T1", "2 T2", "2 T3")
	if got := ownerRows[string](t, w.db, `SELECT account_id || ' ' || set_no FROM inquiry_set`); len(got) != 1 || !strings.HasSuffix(got[0], " 2") {
		t.Errorf("links %v, want the second question's", got)
	}
}

// TestWhyAQuestionWasRejected: errors that name the trace of another question of the set are not its own.
func TestWhyAQuestionWasRejected(t *testing.T) {
	t.Parallel()
	w := newOutWorld(t)
	guilty, beside := w.ask(t, w.a, "T1", "sent"), w.ask(t, w.a, "T2", "sent")
	file := w.send(t, "file", 1, "0001")
	w.leaves(t, file, "1 T1", "1 T2")
	w.hear(t, 1, "R 1 1 0: 0001 R/errors")
	for question, want := range map[int64]string{guilty: "BHT IK304 3; DMG02 2100C IK403 8", beside: "BHT IK304 3"} {
		got := ownerRows[string](t, w.db, `SELECT array_to_string(rejected_for, '; ') FROM inquiry_set WHERE inquiry_id = $1`, question)
		if len(got) != 1 || got[0] != want {
			t.Errorf("question %d was rejected for %q, want %q", question, got, want)
		}
		if state := w.state(t, question); state != "rejected" {
			t.Errorf("question %d is %s", question, state)
		}
	}
}
