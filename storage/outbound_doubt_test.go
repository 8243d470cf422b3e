package storage

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
)

// sendFrom is send, by another sender of ours to the partner 5.
func (w *outWorld) sendFrom(t *testing.T, sender, name string, number int64, sets ...string) FileID {
	t.Helper()
	file := w.send(t, name, number, sets...)
	_, err := w.db.owner.ExecContext(t.Context(), `UPDATE outbound_envelope SET sender_id = $2, partner_id = 5 WHERE file_id = $1`, int64(file), sender)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// TestTwoSendersOfOnePartner: control numbers are counted for each pair of sender and receiver, so two clients of a billing service have
// the same ones. Whom an acknowledgment is addressed to says which of them is meant.
func TestTwoSendersOfOnePartner(t *testing.T) {
	t.Parallel()
	w := newOutWorld(t)
	w.partner = 5
	for n, c := range []struct {
		name         string
		ours, theirs string // who sent first and then
		answers      []answer
		want         [2]string
	}{
		{"the other is newer", "US", "OTHER", []answer{"P 2 2 1: 0002 R"}, [2]string{"AR P", "-- none"}},
		{"the other is older", "OTHER", "US", []answer{"P 2 2 1: 0002 R"}, [2]string{"-- none", "AR P"}},
		{"the same again", "US", "OTHER", []answer{"P 2 2 1: 0002 R", "P 2 2 1: 0002 R"}, [2]string{"AR P", "-- none"}},
		{"something else, after it was answered", "US", "OTHER", []answer{"A 2 2 2", "P 2 2 1: 0002 R"}, [2]string{"A? unclear", "-- none"}},
		{"it is addressed to neither", "THIRD", "OTHER", []answer{"P 2 2 1: 0002 R"}, [2]string{"-- none", "?? unclear"}},
	} {
		number := int64(n + 1)
		files := [2]FileID{
			w.sendFrom(t, c.ours, fmt.Sprint(c.name, 1), number, "0001", "0002"), w.sendFrom(t, c.theirs, fmt.Sprint(c.name, 2), number, "0001", "0002"),
		}
		for _, a := range c.answers {
			w.hear(t, number, a)
		}
		for k, file := range files {
			if got := w.words(t, file); got != c.want[k] {
				t.Errorf("%s: file %d: %s, want %s", c.name, k+1, got, c.want[k])
			}
		}
	}
}

// TestAQuestionInTwoSets: of two sets of one file the later one counts.
func TestAQuestionInTwoSets(t *testing.T) {
	t.Parallel()
	w := newOutWorld(t)
	for n, c := range []struct {
		said answer
		want string
	}{{"P 2 2 1: 0001 R", "acknowledged"}, {"P 2 2 1: 0002 R", "rejected"}} {
		number := int64(n + 1)
		trace := fmt.Sprint("T", number)
		question := w.ask(t, w.a, trace, "sent")
		file := w.send(t, trace, number, "0001", "0002")
		w.leaves(t, file, "1 "+trace, "2 "+trace)
		w.hear(t, number, c.said)
		if got := w.state(t, question); got != c.want {
			t.Errorf("after %s the question is %s, want %s", c.said, got, c.want)
		}
	}
}

// TestATraceWithinAnother: errors of the question T1 are not those of T, nor of 1.
func TestATraceWithinAnother(t *testing.T) {
	t.Parallel()
	w := newOutWorld(t)
	file := w.send(t, "file", 1, "0001")
	var questions []int64
	for _, trace := range []string{"T1", "T", "1", "TRN02:T1"} {
		questions = append(questions, w.ask(t, w.a, trace, "sent"))
		w.leaves(t, file, "1 "+trace)
	}
	w.hear(t, 1, "R 1 1 0: 0001 R/errors")
	for i, question := range questions {
		want := "BHT IK304 3"
		if i == 0 {
			want += "; DMG02 2100C IK403 8"
		}
		got := ownerRows[string](t, w.db, `SELECT array_to_string(rejected_for, '; ') FROM inquiry_set WHERE inquiry_id = $1`, question)
		if len(got) != 1 || got[0] != want {
			t.Errorf("question %d was rejected for %q, want %q", i+1, got, want)
		}
	}
}

// TestTwoInterchangesOfOneNumber: a TA1 that may mean another interchange that waits rejects nothing.
func TestTwoInterchangesOfOneNumber(t *testing.T) {
	t.Parallel()
	w := newOutWorld(t)
	first, second := w.send(t, "first", 1, "0001"), w.send(t, "second", 1, "0001")
	w.hear(t, 1, "TA1 R")
	if got, want := w.words(t, first)+", "+w.words(t, second), "- none, ? unclear"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestLimitedReadersSeeNoLinks: whom an account shows some providers' rows only does not see its questions, nor where they left.
func TestLimitedReadersSeeNoLinks(t *testing.T) {
	t.Parallel()
	w := newOutWorld(t)
	w.ask(t, w.a, "T1", "sent")
	w.leaves(t, w.send(t, "file", 1, "0001"), "1 T1")
	scope := Scope{Accounts: []AccountID{w.a}, Home: w.operator}
	if got := countIn(t, w.db, scope, "inquiry_set"); got != 1 {
		t.Errorf("who sees all of the account sees %d links, want 1", got)
	}
	scope.Limits = map[AccountID]RowLimit{w.a: {NPIs: []string{"2990000002"}}}
	for _, table := range []string{"inquiry", "inquiry_set"} {
		if got := countIn(t, w.db, scope, table); got != 0 {
			t.Errorf("a limited reader sees %d rows of %s, want none", got, table)
		}
	}
}

// TestManyQuestionsFollow: thousands of questions in one file are looked up together, not each among all. One by one this takes minutes.
func TestManyQuestionsFollow(t *testing.T) {
	t.Parallel()
	const many = 5_000
	w := newOutWorld(t)
	sets, questions := make([]string, many), make([]SentQuestion, many)
	words := make([]string, many)
	load(t, w.db, w.operator, func(ctx context.Context, tx *LoadTx, l *Loader) error {
		for i := range many {
			id, err := l.NewID(ctx, IDInquiry)
			if err != nil {
				return err
			}
			sets[i], questions[i] = fmt.Sprintf("%06d", i+1), SentQuestion{Interchange: 1, Group: 1, Set: i + 1, Kind: "270", Usage: "P", Trace: fmt.Sprint("T", i+1)}
			words[i] = sets[i] + " " + []string{"A", "R/errors"}[i%2]
			err = l.Inquiry(ctx, &InquiryRow{
				AccountID: w.a, ID: id, OperatorID: w.operator, Direction: "out", Kind: "270", Usage: "P", CreatedAt: tx.Now(),
				TraceNumber: edi.Text(questions[i].Trace), Person: "subscriber", State: "sent",
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	file := w.send(t, "file", 1, sets...)
	w.must(t, func(tx *LoadTx) error { return tx.LinkSentQuestions(t.Context(), file, []AccountID{w.a}, questions) })
	w.hear(t, 1, answer(fmt.Sprintf("P %d %d %d: %s", many, many, many/2, strings.Join(words, ","))))
	got := ownerRows[string](t, w.db, `SELECT q.state || ' ' || array_to_string(l.rejected_for, '; ') || ' ' || count(*)
		FROM inquiry q JOIN inquiry_set l ON l.inquiry_id = q.id GROUP BY q.state, l.rejected_for ORDER BY 1`)
	if want := "[acknowledged  2500 rejected BHT IK304 3 2500]"; fmt.Sprint(got) != want {
		t.Errorf("questions are %v, want %s", got, want)
	}
}
