package storage

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ediport/ediport/edi"
)

// send queues a file with one group of sets of the control numbers, and sends it.
func (w *outWorld) send(t *testing.T, name string, number int64, sets ...string) FileID {
	t.Helper()
	file := w.queue(t, name, number, func(f *OutboundFile) {
		f.Envelopes[1].Sets, f.Envelopes[1].Version = len(sets), "005010X279A1"
		w.must(t, func(tx *LoadTx) error {
			id, err := tx.NewID(t.Context(), IDFile)
			if err != nil {
				return err
			}
			f.ID = FileID(id)
			s := tx.OutboundSets(f.ID)
			for i, st02 := range sets {
				err := s.Add(t.Context(), OutboundSet{Interchange: 1, Group: 1, No: i + 1, Code: "270", ControlNumber: st02, Guide: "005010X279A1", ByteOffset: int64(200 * i)})
				if err != nil {
					return err
				}
			}
			return s.Flush(t.Context())
		})
	})
	w.must(t, func(tx *LoadTx) error {
		return errors.Join(w.begin(t.Context(), tx, file, name), tx.MarkSent(t.Context(), file, OutboundReceipt{Run: 7, Certainty: CertaintyConfirmed}, time.Time{}))
	})
	return file
}

// answer is a 999 in short: "P 3 3 2: 0001 A, 0002 R", the group's word, AK902 to AK904, and the words of sets by AK202. A set of another
// kind is 276/0001. "TA1 R" is a TA1.
type answer string

// hear loads answers about the group of the number, as one file, and returns the files that they answer.
func (w *outWorld) hear(t *testing.T, number int64, answers ...answer) []FileID {
	t.Helper()
	heard, err := w.heard(t, number, answers...)
	if err != nil {
		t.Fatal(err)
	}
	return heard
}

func (w *outWorld) heard(t *testing.T, number int64, answers ...answer) (heard []FileID, err error) {
	ctx := t.Context()
	err = w.in(t, func(tx *LoadTx) error {
		sum := sha256.Sum256(fmt.Append(nil, number, answers))
		file, err := tx.InsertFile(ctx, File{Direction: "in", Source: "sftp", Name: "a.999", State: FileDownloaded, Size: 1, SHA256: sum[:]})
		if err != nil {
			return err
		}
		l := tx.Loader()
		id, err := l.NewID(ctx, IDInterchange)
		if err != nil {
			return err
		}
		i := InterchangeRow{
			OperatorID: w.operator, ID: id, FileID: file, Ordinal: 1, SenderQualifier: []byte("ZZ"), SenderID: []byte("THEM"),
			ReceiverQualifier: []byte("ZZ"), ReceiverID: []byte("US"), Usage: "P", ContentHash: sum[:], Disposition: "loaded", ReceivedAt: tx.Now(),
		}
		if err := l.Interchange(ctx, &i); err != nil {
			return err
		}
		for _, a := range answers {
			if err := w.rows(t, l, &i, number, string(a)); err != nil {
				return err
			}
		}
		if err := l.Flush(ctx); err != nil {
			return err
		}
		heard, err = tx.MatchAcknowledgments(ctx, file)
		return err
	})
	return heard, err
}

func (w *outWorld) rows(t *testing.T, l *Loader, i *InterchangeRow, number int64, a string) error {
	ctx := t.Context()
	id, err := l.NewID(ctx, IDAcknowledgment)
	if err != nil {
		return err
	}
	row := AcknowledgmentRow{OperatorID: w.operator, ID: id, FileID: i.FileID, InterchangeID: i.ID, Ordinal: 1, Kind: "999", Usage: "P", ReceivedAt: i.ReceivedAt, PartnerID: w.partner}
	if code, ta1 := strings.CutPrefix(a, "TA1 "); ta1 {
		row.Kind, row.Code, row.InterchangeControlNumber = "TA1", []byte(code), fmt.Append(nil, number)
		row.InterchangeDate, row.InterchangeTime = []byte("261122"), []byte("0300")
		return l.Acknowledgment(ctx, &row)
	}
	group, sets, _ := strings.Cut(a, ":")
	row.FunctionalID, row.GroupControlNumber = []byte("HS"), fmt.Append(nil, number)
	words := strings.Fields(group)
	if words[0] != "-" {
		row.Code = []byte(words[0])
	}
	for n, to := range []*NullInt{&row.SetsIncluded, &row.SetsReceived, &row.SetsAccepted} {
		if n+1 < len(words) {
			to.Valid = true
			fmt.Sscan(words[n+1], &to.Int)
		}
	}
	if err := l.Acknowledgment(ctx, &row); err != nil {
		return err
	}
	for n, named := range strings.Split(sets, ",") {
		words := strings.Fields(named)
		if len(words) == 0 {
			continue
		}
		kind, st02, other := strings.Cut(words[0], "/")
		if !other {
			kind, st02 = "270", words[0]
		}
		set := AcknowledgmentSetRow{OperatorID: w.operator, AcknowledgmentID: id, No: n + 1, SetCode: edi.Text(kind), ControlNumber: edi.Text(st02)}
		if len(words) > 1 {
			set.Code = edi.Text(words[1])
		}
		code, faulty := strings.CutSuffix(string(set.Code), "/errors")
		set.Code = edi.Text(code)
		if err := l.AcknowledgmentSet(ctx, &set); err != nil {
			return err
		}
		if faulty {
			if err := w.errors(t, l, id, n+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// errors adds two faulty segments of a set: one of all its questions, and one of that with the trace T1.
func (w *outWorld) errors(t *testing.T, l *Loader, id int64, set int) error {
	row := AcknowledgmentErrorRow{
		OperatorID: w.operator, AcknowledgmentID: id, SetNo: set, No: 1, Segment: edi.Text("BHT"), Position: NullInt{Int: 2, Valid: true}, SegmentCode: edi.Text("3"),
	}
	first := l.AcknowledgmentError(t.Context(), &row)
	row.No, row.Segment, row.Position, row.Loop, row.SegmentCode = 2, edi.Text("DMG"), NullInt{Int: 11, Valid: true}, edi.Text("2100C"), edi.Text("8")
	row.Context = []edi.Text{edi.Text("CTX*TRN02:T1")}
	second := l.AcknowledgmentError(t.Context(), &row)
	row.No, row.Element, row.ElementCode, row.Context = 3, NullInt{Int: 2, Valid: true}, edi.Text("8"), nil
	return errors.Join(first, second, l.AcknowledgmentError(t.Context(), &row))
}

// words are what stands for the sets of a file, and for the file.
func (w *outWorld) words(t *testing.T, file FileID) string {
	t.Helper()
	sets, _, err := w.db.OutboundSets(t.Context(), w.scope, OutboundSetFilter{File: file}, Page{})
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, s := range sets {
		if (s.Acknowledgment == "none") != (s.AcknowledgmentID == 0) || (s.AcknowledgmentID == 0) != (s.AcknowledgedAt == nil) {
			t.Errorf("set %s is %s by %d at %v", s.ControlNumber, s.Acknowledgment, s.AcknowledgmentID, s.AcknowledgedAt)
		}
		words = append(words, map[string]string{"unclear": "?", "none": "-"}[s.Acknowledgment]+strings.Trim(s.Acknowledgment, "unclearo"))
	}
	return strings.Join(words, "") + " " + w.item(t, file).Acknowledgment
}

// TestAcknowledgmentsReachSets: what a group's sets are told, by the guide's rules, whatever the order in which it comes.
func TestAcknowledgmentsReachSets(t *testing.T) {
	t.Parallel()
	w := newOutWorld(t)
	three := []string{"0001", "0002", "0003"}
	for n, c := range []struct {
		name    string
		sets    []string
		answers []answer
		want    string // in every order
	}{
		{"all accepted, none named", three, []answer{"A 3 3 3"}, "AAA A"},
		{"all accepted, without counts", three, []answer{"A"}, "AAA A"},
		{"one of three rejected", three, []answer{"P 3 3 2: 0001 A, 0002 R, 0003 A"}, "ARA P"},
		{"only the rejected one named", three, []answer{"P 3 3 2: 0002 R"}, "ARA P"},
		{"accepted with errors", three, []answer{"E 3 3 3: 0001 E"}, "EAA E"},
		{"the counts leave one out", three, []answer{"P 3 3 1: 0002 R"}, "?R? unclear"},
		{"rejected as a whole", three, []answer{"R 3 3 0"}, "RRR R"},
		{"rejected as a whole, whatever is said of sets", three, []answer{"R 3 3 0: 0001 A"}, "RRR R"},
		{"accepted, but for one that is rejected", three, []answer{"A 3 3 3: 0002 R"}, "A?A unclear"},
		{"accepted, of fewer sets than were sent", three, []answer{"A 2 2 2"}, "??? unclear"},
		{"without AK9", three, []answer{"-: 0001 A, 0002 R"}, "AR? unclear"},
		{"a code nobody knows", three, []answer{"P 3 3 2: 0001 Z, 0002 R, 0003 A"}, "?RA unclear"},
		{"a set that was never sent", three, []answer{"P 3 3 2: 0002 R, 0009 A"}, "?R? unclear"},
		{"rejected, with a set that was never sent", three, []answer{"R 3 3 0: 0009 R"}, "??? R"},
		{"a set of another kind", three, []answer{"P 3 3 2: 276/0002 R"}, "??? unclear"},
		{"named twice", three, []answer{"P 3 3 2: 0002 R, 0002 A"}, "??? unclear"},
		{"named twice, counts that fit", three, []answer{"A 3 3 3: 0002 A, 0002 A"}, "A?A unclear"},
		{"numbers are numbers", []string{"1", "A02", "000000003"}, []answer{"P 3 3 2: 0001 A, A02 R, 3 A"}, "ARA P"},
		{"a number that was used twice", []string{"0001", "0001", "0003"}, []answer{"P 3 3 2: 0001 R, 0003 A"}, "??A unclear"},
		{"numbers used twice, all accepted", []string{"0001", "0001"}, []answer{"A 2 2 2"}, "AA A"},
		{"the same again", three, []answer{"P 3 3 2: 0002 R", "P 3 3 2: 0002 R"}, "ARA P"},
		{"the worst stands", three, []answer{"A 3 3 3", "P 3 3 2: 0002 R", "E 3 3 3: 0003 E"}, "ARE P"},
		{"contradicted and mended", three, []answer{"A 3 3 3: 0002 R", "P 3 3 2: 0002 R"}, "ARA unclear"},
		{"in parts", three, []answer{"P: 0001 A", "P: 0002 R", "P: 0003 E"}, "ARE unclear"},
		{"rejected, then why", three, []answer{"R 3 3 0", "P 3 3 2: 0002 R"}, "RRR R"},
		{"the interchange is rejected", three, []answer{"TA1 R"}, "RRR R"},
		{"the interchange is rejected, and its group accepted", three, []answer{"TA1 R", "A 3 3 3"}, "RRR R"},
		{"the interchange arrived", three, []answer{"TA1 A"}, "--- A"},
		{"the interchange arrived, one rejected", three, []answer{"TA1 A", "P 3 3 2: 0002 R"}, "ARA P"},
	} {
		for k, order := range orders(c.answers) {
			number := int64(1000*n + k + 1)
			file := w.send(t, fmt.Sprint(c.name, k), number, c.sets...)
			for _, a := range order {
				if heard := w.hear(t, number, a); !slices.Equal(heard, []FileID{file}) {
					t.Fatalf("%s: %q answers %v, want %v", c.name, a, heard, file)
				}
			}
			if got := w.words(t, file); got != c.want {
				t.Errorf("%s: %q: %s, want %s", c.name, order, got, c.want)
			}
			together := w.send(t, fmt.Sprint(c.name, k, "together"), number+500, c.sets...)
			w.hear(t, number+500, order...)
			if got := w.words(t, together); got != c.want {
				t.Errorf("%s: %q at once: %s, want %s", c.name, order, got, c.want)
			}
		}
	}
}

// orders returns all orders of a few answers.
func orders(all []answer) [][]answer {
	if len(all) < 2 {
		return [][]answer{all}
	}
	var found [][]answer
	for i := range all {
		rest := slices.Delete(slices.Clone(all), i, i+1)
		for _, order := range orders(rest) {
			found = append(found, append([]answer{all[i]}, order...))
		}
	}
	return found
}

// TestReusedGroupNumbers: which of two groups with one number is meant is said by what fits, or by which one waits; else nobody guesses.
func TestReusedGroupNumbers(t *testing.T) {
	t.Parallel()
	w := newOutWorld(t)
	type group struct {
		sets   int
		before answer // what it was told before the next group left
	}
	for n, c := range []struct {
		name   string
		groups []group
		heard  answer
		want   []string
	}{
		{"the one that waits", []group{{2, "A 2 2 2"}, {2, ""}}, "P 2 2 1: 0002 R", []string{"AA A", "AR P"}},
		{"the one that fits", []group{{3, ""}, {2, ""}}, "P 3 3 2: 0002 R", []string{"ARA P", "-- none"}},
		{"two that wait", []group{{2, ""}, {2, ""}}, "P 2 2 1: 0002 R", []string{"-- none", "?? unclear"}},
		{"two that were answered", []group{{2, "A 2 2 2"}, {2, "A 2 2 2"}}, "P 2 2 1: 0002 R", []string{"AA A", "A? unclear"}},
		{"two that were answered, the same again", []group{{2, "A 2 2 2"}, {2, "A 2 2 2"}}, "A 2 2 2", []string{"AA A", "AA A"}},
	} {
		number := int64(n + 1)
		var files []FileID
		for k, g := range c.groups {
			sets := []string{"0001", "0002", "0003"}[:g.sets]
			files = append(files, w.send(t, fmt.Sprint(c.name, k), number, sets...))
			if g.before != "" {
				w.hear(t, number, g.before)
			}
		}
		w.hear(t, number, c.heard)
		for k, file := range files {
			if got := w.words(t, file); got != c.want[k] {
				t.Errorf("%s: group %d: %s, want %s", c.name, k+1, got, c.want[k])
			}
		}
	}
}

// TestTwoLoadsAnswerOneGroup: 999s about the same sets that are loaded at once all count, and the worst stands.
func TestTwoLoadsAnswerOneGroup(t *testing.T) {
	t.Parallel()
	w := newOutWorld(t)
	for round := range int64(4) {
		file := w.send(t, fmt.Sprint("file", round), round+1, "0001", "0002", "0003")
		var loads sync.WaitGroup
		for _, a := range []answer{"A 3 3 3", "P 3 3 2: 0002 R", "E 3 3 3: 0003 E", "A 3 3 3"} {
			loads.Go(func() {
				_, err := w.heard(t, round+1, a)
				for tries := 1; errors.Is(err, ErrRetry) && tries < 8; tries++ {
					_, err = w.heard(t, round+1, a)
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		loads.Wait()
		if got := w.words(t, file); got != "ARE P" {
			t.Errorf("round %d: %s, want ARE P", round, got)
		}
	}
}

// TestRefusedSetsSayWhy: with the errors that the acknowledgment names, the worst first; and the acknowledgment leads back to the set.
func TestRefusedSetsSayWhy(t *testing.T) {
	t.Parallel()
	w := newOutWorld(t)
	file := w.send(t, "file", 1, "0001", "0002", "0003")
	w.hear(t, 1, "P 3 3 2: 0001 E, 0003 R/errors, 0009 A")
	var refused []OutboundSetItem
	var counts []SetCount
	err := w.db.InScopeRead(t.Context(), w.scope, func(tx *Tx) (err error) {
		if refused, err = tx.RefusedSets(t.Context(), file, 2); err == nil {
			counts, err = tx.OutboundSetCounts(t.Context(), file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(refused) != 2 || refused[0].ControlNumber != "0003" || len(refused[0].Errors) != 3 || refused[0].Errors[2].ElementCode != "8" || refused[1].ControlNumber != "0002" {
		t.Errorf("refused: %+v", refused)
	}
	if got := fmt.Sprint(counts); got != "[{1 1 R 1} {1 1 unclear 1} {1 1 E 1}]" {
		t.Errorf("counts: %s", got)
	}
	d, err := w.db.AcknowledgmentDetail(t.Context(), w.scope, refused[0].AcknowledgmentID)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, s := range d.Sets {
		said = append(said, fmt.Sprint(s.ControlNumber, s.MatchedSetID != 0, s.MatchedFileID == file, s.MatchedOffset, s.MatchedWord))
	}
	if got := strings.Join(said, " "); got != "0001true true 0E 0003true true 400R 0009false false 0" {
		t.Errorf("the acknowledgment's sets: %s", got)
	}
	rejected, _, err := w.db.OutboundSets(t.Context(), w.scope, OutboundSetFilter{File: file, Acknowledgment: "R"}, Page{})
	if err != nil || len(rejected) != 1 || rejected[0].ID != refused[0].ID {
		t.Errorf("rejected: %+v, %v", rejected, err)
	}
}

// TestSetsAreTheOperators: nobody else sees them, and the questions' links are their account's.
func TestSetsAreTheOperators(t *testing.T) {
	t.Parallel()
	w := newOutWorld(t)
	w.ask(t, w.a, "T1", "sent")
	file := w.send(t, "file", 1, "0001")
	w.leaves(t, file, "1 T1")
	other := newTestWorld(t, w.db)
	for _, c := range []struct {
		who         string
		scope       Scope
		sets, links int
	}{
		{"the operator", Scope{Operator: w.operator}, 1, 0},
		{"account A", Scope{Accounts: []AccountID{w.a}, Home: w.operator}, 0, 1},
		{"account B", Scope{Accounts: []AccountID{w.b}, Home: w.operator}, 0, 0},
		{"another operator", Scope{Operator: other.operator, Accounts: []AccountID{other.a}}, 0, 0},
	} {
		if got := countIn(t, w.db, c.scope, "outbound_set"); got != c.sets {
			t.Errorf("%s sees %d sets, want %d", c.who, got, c.sets)
		}
		if got := countIn(t, w.db, c.scope, "inquiry_set"); got != c.links {
			t.Errorf("%s sees %d links of questions, want %d", c.who, got, c.links)
		}
	}
}

// TestPurgeTakesSets: with the file that left go its sets and the links of its questions, and no other's.
func TestPurgeTakesSets(t *testing.T) {
	t.Parallel()
	w := newOutWorld(t)
	w.ask(t, w.a, "T1", "sent")
	old, stays := w.send(t, "old", 1, "0001", "0002"), w.send(t, "stays", 2, "0001")
	w.leaves(t, old, "1 T1")
	w.leaves(t, stays, "1 T1")
	if _, err := w.db.owner.ExecContext(t.Context(), `UPDATE file SET received_at = now() - interval '7 years' WHERE id = $1`, int64(old)); err != nil {
		t.Fatal(err)
	}
	f := PurgeFilter{Operator: w.operator, Kinds: []string{"270"}, Before: time.Now().AddDate(-1, 0, 0)}
	p, err := purge(t, w.db, f, old)
	if err != nil || p.Tables["outbound_set"] != 2 || p.Tables["inquiry_set"] != 1 {
		t.Fatalf("purged %+v, %v", p, err)
	}
	for _, table := range []string{"outbound_set", "inquiry_set"} {
		if left := ownerRows[FileID](t, w.db, `SELECT file_id FROM `+table); !slices.Equal(left, []FileID{stays}) {
			t.Errorf("%s has rows of %v, want %d", table, left, stays)
		}
	}
}

// TestSetsBeforeTheyWereKept: a file of which no sets are known is answered as before.
func TestSetsBeforeTheyWereKept(t *testing.T) {
	t.Parallel()
	w := newOutWorld(t)
	file := w.send(t, "old", 1)
	w.hear(t, 1, "P 3 3 2: 0001 A, 0002 R")
	if got := cmp.Or(w.item(t, file).Acknowledgment, "none"); got != "P" {
		t.Errorf("the file is %s, want P", got)
	}
}
