package storage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// An outWorld is an operator with a connection to deliver over.
type outWorld struct {
	testWorld
	db    *DB
	scope Scope
	conn  ConnectionID

	partner PartnerID // whose interchanges hold what is heard
}

func newOutWorld(t *testing.T) outWorld {
	t.Helper()
	db := openTestDB(t)
	w := outWorld{testWorld: newTestWorld(t, db), db: db}
	w.scope = Scope{Operator: w.operator, Actor: testActor}
	err := db.InScope(t.Context(), w.scope, func(tx *Tx) error {
		id, err := tx.NewID(t.Context(), IDConnection)
		if err != nil {
			return err
		}
		w.conn = ConnectionID(id)
		return tx.AddConnection(t.Context(), &Connection{
			ID: w.conn, Name: "partner", Protocol: "sftp", Host: "h", Port: 22, Username: "u", Auth: "password", HostKeys: []string{},
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *outWorld) in(t *testing.T, fn func(*LoadTx) error) error {
	t.Helper()
	return w.db.InLoad(t.Context(), w.operator, testActor, fn)
}

func (w *outWorld) must(t *testing.T, fn func(*LoadTx) error) {
	t.Helper()
	if err := w.in(t, fn); err != nil {
		t.Fatal(err)
	}
}

// queue queues a file with an interchange and a group of the numbers.
func (w *outWorld) queue(t *testing.T, name string, number int64, change ...func(*OutboundFile)) FileID {
	t.Helper()
	sum := sha256.Sum256([]byte(name))
	f := &OutboundFile{
		File:    File{Name: name, Source: "api", Connection: w.conn, Size: 10, SHA256: sum[:], BlobName: "b" + name, WrappedKey: []byte{1}, KeyID: "00000001", StoredSize: 50},
		Purpose: PurposeHandIn, Folder: "/in", Temporary: name + ".tmp",
		Envelopes: []OutboundEnvelope{
			{Interchange: 1, SenderQualifier: "ZZ", SenderID: "US", ReceiverQualifier: "ZZ", ReceiverID: "THEM", Usage: "P", Date: "261122", Time: "0300", ControlNumber: number},
			{Interchange: 1, Group: 1, SenderQualifier: "ZZ", SenderID: "US", ReceiverQualifier: "ZZ", ReceiverID: "THEM", Usage: "P", Date: "261122", Time: "0300", ControlNumber: number, FunctionalID: "HS", Sets: 1, SetCode: "270"},
		},
	}
	for _, fn := range change {
		fn(f)
	}
	w.must(t, func(tx *LoadTx) error { _, err := tx.QueueOutbound(t.Context(), f); return err })
	return f.ID
}

// begin begins with a file as it is now.
func (w *outWorld) begin(ctx context.Context, tx *LoadTx, file FileID, name string) error {
	item, err := tx.Outbound(ctx, file)
	if err != nil {
		return err
	}
	d := &Delivery{File: file, Connection: item.ConnectionID, Attempt: item.Attempt, Name: name, Temporary: name + ".tmp", Folder: "/in"}
	return tx.BeginSending(ctx, d, 7, "")
}

// TestBeginningWithWhatWasRead: who read a file before it was begun with, or queued elsewhere, does not begin.
func TestBeginningWithWhatWasRead(t *testing.T) {
	t.Parallel()
	w := newOutWorld(t)
	ctx := t.Context()
	file := w.queue(t, "a", 1)
	for name, d := range map[string]*Delivery{
		"another connection": {File: file, Connection: w.conn + 1},
		"another attempt":    {File: file, Connection: w.conn, Attempt: 1},
	} {
		if err := w.in(t, func(tx *LoadTx) error { return tx.BeginSending(ctx, d, 7, "") }); !errors.Is(err, ErrConflict) {
			t.Errorf("%s: %v, want a conflict", name, err)
		}
	}
	d := &Delivery{File: file, Connection: w.conn, Name: "a", Temporary: "a.tmp", Folder: "/in"}
	w.must(t, func(tx *LoadTx) error { return tx.BeginSending(ctx, d, 7, "") })
	if d.Attempt != 1 {
		t.Errorf("attempt %d, want 1", d.Attempt)
	}
}

func (w *outWorld) item(t *testing.T, file FileID) (item OutboundItem) {
	t.Helper()
	err := w.db.InScopeRead(t.Context(), w.scope, func(tx *Tx) (err error) {
		item, err = tx.Outbound(t.Context(), file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return item
}

func (w *outWorld) waiting(t *testing.T) (names []string) {
	t.Helper()
	var last *Delivery
	for {
		var page []Delivery
		err := w.db.InScopeRead(t.Context(), w.scope, func(tx *Tx) (err error) {
			page, err = tx.Deliveries(t.Context(), w.conn, last, 2)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			return names
		}
		for i := range page {
			names = append(names, page[i].Name)
		}
		last = &page[len(page)-1]
	}
}

// TestOutboundStates walks through every state of an outbound file, and tries every step that its state forbids.
func TestOutboundStates(t *testing.T) {
	t.Parallel()
	w := newOutWorld(t)
	ctx := t.Context()
	steps := map[string]func(*LoadTx, FileID) error{
		"begin": func(tx *LoadTx, f FileID) error {
			return w.begin(ctx, tx, f, "n")
		},
		"sent": func(tx *LoadTx, f FileID) error {
			return tx.MarkSent(ctx, f, OutboundReceipt{Run: 7, Certainty: CertaintyConfirmed}, time.Time{})
		},
		"uncertain": func(tx *LoadTx, f FileID) error { return tx.MarkUncertain(ctx, f, 7) },
		"back":      func(tx *LoadTx, f FileID) error { return tx.PutBack(ctx, f, 7, "transfer.timeout") },
		"fail":      func(tx *LoadTx, f FileID) error { return tx.FailOutbound(ctx, f, 7, "transfer.name_taken") },
		"void":      func(tx *LoadTx, f FileID) error { return tx.VoidOutbound(ctx, f, "a mistake") },
		"again": func(tx *LoadTx, f FileID) error {
			return tx.RequeueOutbound(ctx, w.conn, &Delivery{File: f, Name: "m", Temporary: "m.tmp", Folder: "/in", Priority: 1})
		},
	}
	for _, c := range []struct {
		walk    string // the steps that lead to the state
		state   FileState
		open    bool
		allowed string
	}{
		{"", FileGenerated, true, "begin fail void"},
		{"begin", FileSending, true, "back begin fail sent uncertain"},
		{"begin sent", FileSent, false, "again"},
		{"begin uncertain", FileUncertain, false, "again begin sent void"},
		{"begin back", FileGenerated, true, "begin fail void"},
		{"begin fail", FileFailed, false, "again void"},
		{"void", FileVoid, false, "again"},
		{"begin sent again begin sent", FileSent, false, "again"},
	} {
		var allowed []string
		for name, step := range steps {
			file := w.queue(t, c.walk+" then "+name, 1)
			for _, s := range strings.Fields(c.walk) {
				w.must(t, func(tx *LoadTx) error { return steps[s](tx, file) })
			}
			if item := w.item(t, file); item.State != string(c.state) {
				t.Fatalf("after %q the file is %s, want %s", c.walk, item.State, c.state)
			}
			if open := slices.Contains(w.openFiles(t), file); open != c.open {
				t.Errorf("after %q open is %v, want %v", c.walk, open, c.open)
			}
			switch err := w.in(t, func(tx *LoadTx) error { return step(tx, file) }); {
			case err == nil:
				allowed = append(allowed, name)
			case !errors.Is(err, ErrConflict):
				t.Errorf("after %q, %s: %v, want a conflict", c.walk, name, err)
			}
		}
		if slices.Sort(allowed); strings.Join(allowed, " ") != c.allowed {
			t.Errorf("after %q allowed: %v, want %s", c.walk, allowed, c.allowed)
		}
	}
}

func (w *outWorld) openFiles(t *testing.T) (ids []FileID) {
	t.Helper()
	w.must(t, func(tx *LoadTx) error {
		return tx.list(t.Context(), &ids, `SELECT file_id FROM outbound WHERE operator_id = $1 AND open`, w.operator)
	})
	return ids
}

func TestDeliveriesGoByPriorityThenAge(t *testing.T) {
	t.Parallel()
	w := newOutWorld(t)
	for i, priority := range []int{3, 2, 1, 2, 1} {
		w.queue(t, string(rune('a'+i)), int64(i), func(f *OutboundFile) { f.Priority = priority })
	}
	if got := strings.Join(w.waiting(t), ""); got != "cebda" {
		t.Errorf("order %s, want cebda", got)
	}
}

func TestReceiptsAndTimeLine(t *testing.T) {
	t.Parallel()
	w := newOutWorld(t)
	ctx := t.Context()
	file := w.queue(t, "a.x12", 1)
	for range 2 {
		w.must(t, func(tx *LoadTx) error {
			return errors.Join(
				w.begin(ctx, tx, file, "b.x12"),
				tx.MarkSent(ctx, file, OutboundReceipt{Run: 7, RemotePath: "/in/b.x12", Size: 10, SHA256: bytes.Repeat([]byte{9}, 32), Certainty: CertaintyFound}, time.Time{}),
				tx.RequeueOutbound(ctx, w.conn, &Delivery{File: file, Name: "c.x12", Temporary: "c.x12.tmp", Folder: "/in", Priority: 2}))
		})
	}
	err := w.db.InScopeRead(ctx, w.scope, func(tx *Tx) error {
		receipts, err := tx.OutboundReceipts(ctx, file)
		if err != nil || len(receipts) != 2 || receipts[1].No != 2 || receipts[1].Certainty != CertaintyFound {
			t.Errorf("receipts %+v, %v", receipts, err)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	detail, err := w.db.FileDetail(ctx, w.scope, file)
	if err != nil {
		t.Fatal(err)
	}
	var line []string
	for _, e := range detail.Events {
		line = append(line, strings.TrimSpace(e.State+" "+e.Reason))
	}
	want := "generated, sending, sent outbound.found, generated outbound.again, sending, sent outbound.found, generated outbound.again"
	if got := strings.Join(line, ", "); got != want {
		t.Errorf("time line\n%s, want\n%s", got, want)
	}
	if detail.Name != "c.x12" || detail.RemotePath != "/in/b.x12" || detail.RunID != 7 {
		t.Errorf("file %q at %q by run %d", detail.Name, detail.RemotePath, detail.RunID)
	}
	items, _, err := w.db.Outbounds(ctx, w.scope, OutboundFilter{Open: true, States: []string{"generated"}}, Page{})
	if err != nil || len(items) != 1 || items[0].Sent != 2 || items[0].ConnectionName != "partner" {
		t.Errorf("outbound files %+v, %v", items, err)
	}
}

// TestNumbersHaveNoGapAndNoTwin: many transactions take numbers at once, some of them fail.
func TestNumbersHaveNoGapAndNoTwin(t *testing.T) {
	t.Parallel()
	w := newOutWorld(t)
	var mu sync.Mutex
	var got []int
	var takers sync.WaitGroup
	failed := errors.New("the transaction ends badly")
	for i := range 12 {
		takers.Go(func() {
			var n int
			err := w.in(t, func(tx *LoadTx) (err error) {
				if n, err = tx.NextNumber(context.WithoutCancel(t.Context()), NumberInterchange, "ZZ|US|"); err == nil && i%3 == 0 {
					return failed
				}
				return err
			})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				got = append(got, n)
			} else if !errors.Is(err, failed) {
				t.Error(err)
			}
		})
	}
	takers.Wait()
	slices.Sort(got)
	if want := []int{1, 2, 3, 4, 5, 6, 7, 8}; !slices.Equal(got, want) {
		t.Errorf("numbers %v, want %v", got, want)
	}
	w.must(t, func(tx *LoadTx) error {
		if err := tx.SetNextNumber(t.Context(), NumberInterchange, "ZZ|US|", 999_999_999); err != nil {
			return err
		}
		for _, want := range []int{999_999_999, 1, 2} {
			if n, err := tx.NextNumber(t.Context(), NumberInterchange, "ZZ|US|"); err != nil || n != want {
				t.Errorf("number %d (%v), want %d", n, err, want)
			}
		}
		return nil
	})
}

// TestAcknowledgmentsFindWhatTheyAnswer: by numbers, swapped identities and usage; the worst that was said stands.
func TestAcknowledgmentsFindWhatTheyAnswer(t *testing.T) {
	t.Parallel()
	w := newOutWorld(t)
	ctx := t.Context()
	old := w.queue(t, "old", 17)
	newer := w.queue(t, "newer", 17)
	test := w.queue(t, "test", 17, func(f *OutboundFile) { f.Envelopes[0].Usage, f.Envelopes[1].Usage = "T", "T" })
	uncertain := w.queue(t, "uncertain", 18)
	sending, void, waits := w.queue(t, "sending", 19), w.queue(t, "void", 19), w.queue(t, "waits", 19)
	w.must(t, func(tx *LoadTx) error {
		for _, f := range []FileID{old, newer, test} {
			if err := errors.Join(w.begin(ctx, tx, f, "n"), tx.MarkSent(ctx, f, OutboundReceipt{Run: 7, Certainty: CertaintyConfirmed}, time.Time{})); err != nil {
				return err
			}
		}
		if err := errors.Join(w.begin(ctx, tx, waits, "n"), tx.PutBack(ctx, waits, 7, "transfer.timeout")); err != nil {
			return err
		}
		if err := errors.Join(tx.VoidOutbound(ctx, void, "a mistake"), w.begin(ctx, tx, sending, "n")); err != nil {
			return err
		}
		return errors.Join(w.begin(ctx, tx, uncertain, "n"), tx.MarkUncertain(ctx, uncertain, 7))
	})
	answer := func(kind, number, code, usage string, change ...func(*InterchangeRow, *AcknowledgmentRow)) (answered []FileID) {
		t.Helper()
		w.must(t, func(tx *LoadTx) error {
			sum := sha256.Sum256([]byte(number))
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
				ReceiverQualifier: []byte("ZZ"), ReceiverID: []byte("US"), Usage: usage, ContentHash: sum[:], Disposition: "loaded", ReceivedAt: tx.Now(),
			}
			a := AcknowledgmentRow{OperatorID: w.operator, FileID: file, InterchangeID: id, Ordinal: 1, Kind: kind, Usage: usage, Code: []byte(code), ReceivedAt: tx.Now()}
			if kind == "TA1" {
				a.InterchangeControlNumber, a.InterchangeDate, a.InterchangeTime = []byte(number), []byte("261122"), []byte("0300")
			} else {
				a.FunctionalID, a.GroupControlNumber = []byte("HS"), []byte(number)
			}
			for _, fn := range change {
				fn(&i, &a)
			}
			if a.ID, err = l.NewID(ctx, IDAcknowledgment); err != nil {
				return err
			}
			if err := errors.Join(l.Interchange(ctx, &i), l.Acknowledgment(ctx, &a), l.Flush(ctx)); err != nil {
				return err
			}
			answered, err = tx.MatchAcknowledgments(ctx, file)
			return err
		})
		return answered
	}
	for _, c := range []struct {
		name               string
		kind, number, code string
		usage              string
		change             func(*InterchangeRow, *AcknowledgmentRow)
		want               []FileID
		said               string
	}{
		{name: "the newest group nobody answered", kind: "999", number: "17", code: "A", usage: "P", want: []FileID{newer}, said: "A"},
		{name: "numbers are numbers", kind: "999", number: "000017", code: "A", usage: "P", want: []FileID{old}, said: "A"},
		{name: "then the newest of all, and the worst stands", kind: "997", number: "17", code: "R", usage: "P", want: []FileID{newer}, said: "R"},
		{name: "a better word afterwards", kind: "999", number: "17", code: "A", usage: "P", want: []FileID{newer}, said: "R"},
		{name: "test is answered as test", kind: "999", number: "17", code: "P", usage: "T", want: []FileID{test}, said: "P"},
		{name: "another kind of group", kind: "999", number: "17", code: "A", usage: "P", change: func(_ *InterchangeRow, a *AcknowledgmentRow) { a.FunctionalID = []byte("HR") }},
		{name: "somebody else", kind: "999", number: "17", code: "A", usage: "P", change: func(i *InterchangeRow, _ *AcknowledgmentRow) { i.SenderID = []byte("OTHER") }},
		{name: "no number", kind: "999", number: "x", code: "A", usage: "P"},
		{name: "an interchange", kind: "TA1", number: "000000018", code: "E", usage: "P", want: []FileID{uncertain}, said: "E"},
		{name: "an interchange of another time", kind: "TA1", number: "000000018", code: "R", usage: "P", change: func(_ *InterchangeRow, a *AcknowledgmentRow) { a.InterchangeTime = []byte("0301") }},
		{name: "what never left is not answered", kind: "999", number: "19", code: "A", usage: "P", want: []FileID{sending}, said: "A"},
		{name: "nor by its interchange", kind: "TA1", number: "000000019", code: "A", usage: "P", want: []FileID{sending}, said: "A"},
		{name: "no code", kind: "999", number: "18", code: "", usage: "P", want: []FileID{uncertain}, said: "unclear"},
	} {
		change := c.change
		if change == nil {
			change = func(*InterchangeRow, *AcknowledgmentRow) {}
		}
		got := answer(c.kind, c.number, c.code, c.usage, change)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: answered %v, want %v", c.name, got, c.want)
			continue
		}
		if len(got) == 1 {
			if item := w.item(t, got[0]); item.Acknowledgment != c.said || item.AcknowledgedAt == nil {
				t.Errorf("%s: the file is %s, want %s", c.name, item.Acknowledgment, c.said)
			}
		}
	}
	if item := w.item(t, uncertain); item.State != "sent" || item.StateReason != "outbound.acknowledged" {
		t.Errorf("a file of which nobody knew whether it arrived, answered: %s %s", item.State, item.StateReason)
	}
}

// TestOneAcknowledgmentOfAnInterchange: the second can't be queued.
func TestOneAcknowledgmentOfAnInterchange(t *testing.T) {
	t.Parallel()
	w := newOutWorld(t)
	answers := func(kind string) func(*OutboundFile) {
		return func(f *OutboundFile) {
			f.Purpose, f.Answers = PurposeAcknowledgment, &Answers{File: 5, Interchange: 6, Kind: kind}
		}
	}
	first := w.queue(t, "first", 1, answers("999"))
	w.queue(t, "beside it", 1, answers("TA1"))
	f := &OutboundFile{File: File{Name: "second", Source: "generated", Connection: w.conn, SHA256: make([]byte, 32)}, Purpose: PurposeAcknowledgment}
	answers("999")(f)
	if err := w.in(t, func(tx *LoadTx) error { _, err := tx.QueueOutbound(t.Context(), f); return err }); !errors.Is(err, ErrConflict) {
		t.Errorf("a second acknowledgment: %v, want a conflict", err)
	}
	err := w.db.InScopeRead(t.Context(), w.scope, func(tx *Tx) error {
		made, err := tx.AnswersTo(t.Context(), 5)
		if err != nil || len(made) != 2 || made[0].FileID != first {
			t.Errorf("acknowledgments of the file: %+v, %v", made, err)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestPartnerSettings(t *testing.T) {
	t.Parallel()
	w := newOutWorld(t)
	ctx := t.Context()
	p := &PartnerSettings{
		Name: "Plan", TimeZone: "America/Chicago", Usage: "P", RequestPolicy: "strict", AnswerPolicy: "receive", ReusePolicy: "warn", ReuseWindowDays: 400,
		SetsPerInterchange: 10, PatientsPerSet: 1, Rules: []byte(`{"rules": []}`),
	}
	err := w.db.InScope(ctx, w.scope, func(tx *Tx) error {
		if err := tx.AddPartner(ctx, p); err != nil {
			return err
		}
		p.AcknowledgeAnswers, p.Rules, p.AcknowledgmentPolicy = true, nil, []byte(`{"reject": [1]}`)
		if err := tx.ChangePartner(ctx, p); err != nil {
			return err
		}
		read, err := tx.PartnerSettings(ctx, p.ID)
		if err != nil {
			return err
		}
		if !read.AcknowledgeAnswers || read.Rules != nil || string(read.AcknowledgmentPolicy) != `{"reject": [1]}` {
			t.Errorf("read back %+v", read)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
