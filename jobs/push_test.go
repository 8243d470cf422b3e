package jobs

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/jobs/transfer/sshdtest"
	"github.com/ediport/ediport/storage"
)

// pushing is the change of a connection that delivers to the server's folder inbound, which is made.
func pushing(server *sshdtest.Server, change ...func(*Push)) func(*storage.Connection) {
	folder := server.Path("inbound")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		panic(err) // the test's own folder
	}
	p := Push{Folder: folder}
	for _, fn := range change {
		fn(&p)
	}
	return func(c *storage.Connection) { SetPush(c, p) }
}

// question is a small X12 file with control numbers of its own.
func question(number int) []byte {
	return fmt.Appendf(nil, "ISA*00*          *00*          *ZZ*EDIPORTDEMO    *ZZ*TAMARIND       *261122*0300*^*00501*%09d*0*P*:~"+
		"GS*HS*EDIPORTDEMO*TAMARIND*20261122*0300*%d*X*005010X279A1~ST*270*0001*005010X279A1~"+
		"BHT*0022*13*N%d*20261122*0300~HL*1**20*1~NM1*PR*2*TAMARIND*****PI*TAM01~HL*2*1*21*1~NM1*1P*2*CEDAR*****XX*2990000002~"+
		"HL*3*2*22*0~TRN*1*T%d*9000000001~NM1*IL*1*GLIMMERFORD*ANN****MI*M1~EQ*30~SE*11*0001~GE*1*%d~IEA*1*%09d~", number, number, number, number, number, number)
}

func (h *house) handIn(c *storage.Connection, name string, content []byte, change ...func(*HandIn)) storage.FileID {
	h.t.Helper()
	in := HandIn{Name: name, Content: bytes.NewReader(content), Source: "cli"}
	for _, fn := range change {
		fn(&in)
	}
	id, err := h.desk.HandIn(h.t.Context(), h.scope, c.ID, in)
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

func templated(in *HandIn) { in.Template = true }

func (h *house) outbound(file storage.FileID) (item storage.OutboundItem) {
	h.t.Helper()
	err := h.db.InScopeRead(h.t.Context(), h.scope, func(tx *storage.Tx) (err error) {
		item, err = tx.Outbound(h.t.Context(), file)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return item
}

// becomes waits until a file has a state.
func (h *house) becomes(file storage.FileID, state storage.FileState) storage.OutboundItem {
	h.t.Helper()
	h.eventually("the file is "+string(state), func() bool { return h.outbound(file).State == string(state) })
	return h.outbound(file)
}

// delivered are the files in a folder of the server, by name.
func delivered(t *testing.T, server *sshdtest.Server, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(server.Path(folder))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(server.Path(folder), e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(content)
	}
	return files
}

func names(files map[string]string) string {
	var all []string
	for name := range files {
		all = append(all, name)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func (h *house) receipts(file storage.FileID) (receipts []storage.OutboundReceipt) {
	h.t.Helper()
	err := h.db.InScopeRead(h.t.Context(), h.scope, func(tx *storage.Tx) (err error) {
		receipts, err = tx.OutboundReceipts(h.t.Context(), file)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return receipts
}

// eventCodes are the steps of a file's time line.
func (h *house) eventCodes(file storage.FileID) string {
	h.t.Helper()
	detail, err := h.db.FileDetail(h.t.Context(), h.scope, file)
	if err != nil {
		h.t.Fatal(err)
	}
	var line []string
	for _, e := range detail.Events {
		line = append(line, strings.TrimSpace(e.State+" "+e.Reason))
	}
	return strings.Join(line, ", ")
}

// TestPushDelivers: what is handed in arrives by itself, whole, under its name, with a receipt.
func TestPushDelivers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	c := h.connect(server, pushing(server, func(p *Push) { p.Checksum, p.Mode = true, "0640" }), func(c *storage.Connection) {
		SetNetwork(c, Network{Concurrency: 3})
	})
	h.start()
	want := map[string]string{}
	var files []storage.FileID
	for i := range 7 {
		name := fmt.Sprintf("q%d.270", i)
		want[name] = string(question(i))
		files = append(files, h.handIn(c, name, question(i)))
	}
	for _, f := range files {
		item := h.becomes(f, storage.FileSent)
		if item.Sent != 1 || item.SentAt == nil || item.SendingRunID == 0 {
			t.Errorf("sent file: %+v", item)
		}
		if r := h.receipts(f); len(r) != 1 || r[0].Certainty != storage.CertaintyConfirmed || r[0].RemotePath != server.Path("inbound", item.Name) || r[0].Size != item.Size {
			t.Errorf("receipts %+v", r)
		}
		if line := h.eventCodes(f); line != "generated, sending, sent" {
			t.Errorf("time line: %s", line)
		}
	}
	h.eventually("each file has its checksum beside it", func() bool {
		all := names(delivered(t, server, "inbound"))
		return strings.Count(all, ".sha256") == 7 && !strings.Contains(all, ".tmp")
	})
	got := delivered(t, server, "inbound")
	if len(got) != 14 {
		t.Errorf("at the server: %s", names(got))
	}
	for name, content := range want {
		if got[name] != content {
			t.Errorf("%s is not what was handed in", name)
		}
		if sum := got[name+".sha256"]; len(sum) != 64+2+len(name)+1 {
			t.Errorf("checksum of %s: %q", name, sum)
		}
	}
	if info, err := os.Stat(server.Path("inbound", "q0.270")); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("permissions %v, %v", info.Mode(), err)
	}
	h.eventually("all runs ended well", func() bool {
		return h.number(`SELECT count(*) FROM run WHERE kind = 'push' AND state <> 'succeeded'`) == 0
	})
	if n := h.number(`SELECT sum((counts->>'sent')::int) FROM run WHERE kind = 'push'`); n != 7 {
		t.Errorf("the runs count %d files, want 7", n)
	}
}

// TestHandInIsChecked: what can't be meant is refused, and leaves nothing behind.
func TestHandInIsChecked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	c := h.connect(server, pushing(server), func(c *storage.Connection) { SetNetwork(c, Network{MaxFileBytes: 5000}) })
	whole := string(question(1))
	for _, bad := range []struct {
		name string
		in   HandIn
		want error
	}{
		{"no X12", HandIn{Name: "a.txt", Content: strings.NewReader("hello")}, ErrNotX12},
		{"nothing", HandIn{Name: "a.txt", Content: strings.NewReader("")}, ErrNotX12},
		{"breaks off", HandIn{Name: "a.270", Content: strings.NewReader(whole[:len(whole)-20])}, ErrNotX12},
		{"no trailer of a group", HandIn{Name: "a.270", Content: strings.NewReader(strings.Replace(whole, "GE*1*1~", "", 1))}, ErrNotX12},
		{"too large", HandIn{Name: "a.270", Content: strings.NewReader(strings.Repeat(whole, 100))}, ErrTooLarge},
		{"a path", HandIn{Name: "../a.270", Content: strings.NewReader(whole)}, ErrHandInName},
		{"no name", HandIn{Name: "", Content: strings.NewReader(whole)}, ErrHandInName},
		{"control characters", HandIn{Name: "a\n.270", Content: strings.NewReader(whole)}, ErrHandInName},
	} {
		if _, err := h.desk.HandIn(t.Context(), h.scope, c.ID, bad.in); !errors.Is(err, bad.want) {
			t.Errorf("%s: %v, want %v", bad.name, err, bad.want)
		}
	}
	blobs := 0
	err := filepath.WalkDir(filepath.Join(h.dir, "archive"), func(_ string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			blobs++
		}
		return err
	})
	if err != nil || blobs != 0 {
		t.Errorf("%d blobs of refused files are left (%v)", blobs, err)
	}
	first := h.handIn(c, "a.270", question(1), func(in *HandIn) { in.Source = "api" })
	_, err = h.desk.HandIn(t.Context(), h.scope, c.ID, HandIn{Name: "b.270", Content: strings.NewReader(whole), Source: "api"})
	if before, ok := errors.AsType[*SentBeforeError](err); !ok || !errors.Is(err, ErrSentBefore) || before.File != first {
		t.Errorf("the same bytes again: %v", err)
	}
	h.handIn(c, "b.270", question(1), func(in *HandIn) { in.Again, in.Source = true, "upload" })
	note := h.handIn(c, "note.txt", []byte("not X12, and meant so"), func(in *HandIn) { in.AsIs = true })
	if kind := h.number(`SELECT count(*) FROM file WHERE id = $1 AND kind = 'not_x12'`, int64(note)); kind != 1 {
		t.Error("a file that is no X12 is not marked so")
	}
	if n := h.number(`SELECT count(*) FROM audit_event WHERE action = 'file.handed_in'`); n != 3 {
		t.Errorf("%d events of files handed in, want 3", n)
	}
	if n := h.number(`SELECT count(*) FROM run WHERE kind = 'push' AND state = 'queued'`); n != 1 {
		t.Errorf("%d pushes wait, want 1 for all files", n)
	}
}

// TestKilledWhileSending kills a node at each moment between two steps of a delivery. Another goes on: the file arrives, once.
func TestKilledWhileSending(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		at, line, certainty string
	}{
		{"push.sending", "generated, sending, sending push.resent, sent", storage.CertaintyConfirmed},
		{"push.uploaded", "generated, sending, sending push.started_again, sent", storage.CertaintyConfirmed},
		{"push.renamed", "generated, sending, sent outbound.found", storage.CertaintyFound},
		{"push.sent", "generated, sending, sent", storage.CertaintyConfirmed},
	} {
		t.Run(c.at, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			server := sshdtest.Start(t, sshdtest.Options{})
			connection := h.connect(server, pushing(server))
			dying := h.startChild(func(child *childConfig) { child.DieAt = c.at })
			file := h.handIn(connection, "q.270", question(1))
			waitFor(t, "the node dies at "+c.at, dying.exited)

			h.start()
			h.becomes(file, storage.FileSent)
			h.eventually("the run ends well", func() bool {
				return h.number(`SELECT count(*) FROM run WHERE kind = 'push' AND state = 'succeeded' AND epoch >= 3`) == 1
			})
			if got := delivered(t, server, "inbound"); len(got) != 1 || got["q.270"] != string(question(1)) {
				t.Errorf("at the server: %s", names(got))
			}
			if line := h.eventCodes(file); line != c.line {
				t.Errorf("time line: %s, want %s", line, c.line)
			}
			if r := h.receipts(file); len(r) != 1 || r[0].Certainty != c.certainty {
				t.Errorf("receipts %+v", r)
			}
		})
	}
}

// TestUncertainIsAPersonsMatter: where the partner wants to be asked, nothing is sent twice by itself.
func TestUncertainIsAPersonsMatter(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	connection := h.connect(server, pushing(server, func(p *Push) { p.Uncertain = UncertainAsk }))
	dying := h.startChild(func(child *childConfig) { child.DieAt = "push.renamed" })
	file := h.handIn(connection, "q.270", question(1))
	waitFor(t, "the node dies", dying.exited)
	if err := os.Remove(server.Path("inbound", "q.270")); err != nil { // the partner was quick
		t.Fatal(err)
	}
	h.start()
	item := h.becomes(file, storage.FileUncertain)
	if item.UncertainAt == nil || item.StateReason != "outbound.uncertain" {
		t.Errorf("uncertain file: %+v", item)
	}
	if n := h.number(`SELECT count(*) FROM incident WHERE code = 'outbound.uncertain' AND resolved_at IS NULL`); n != 1 {
		t.Errorf("%d incidents, want 1", n)
	}
	if got := delivered(t, server, "inbound"); len(got) != 0 {
		t.Errorf("it was sent again: %s", names(got))
	}
	if err := h.desk.ConfirmSent(t.Context(), h.scope, file); err != nil {
		t.Fatal(err)
	}
	if err := h.desk.ConfirmSent(t.Context(), h.scope, file); !errors.Is(err, storage.ErrConflict) {
		t.Errorf("confirmed again: %v", err)
	}
	if r := h.receipts(file); len(r) != 1 || r[0].Certainty != storage.CertaintyPerson {
		t.Errorf("receipts %+v", r)
	}
	if n := h.number(`SELECT count(*) FROM incident WHERE resolved_at IS NULL`); n != 0 {
		t.Errorf("%d incidents are open, want none", n)
	}
	if err := h.desk.SendAgain(t.Context(), h.scope, file); err != nil { // the partner lost it
		t.Fatal(err)
	}
	h.eventually("it arrives again", func() bool { return h.outbound(file).Sent == 2 })
	if got := delivered(t, server, "inbound"); len(got) != 1 {
		t.Errorf("at the server: %s", names(got))
	}
	if err := h.desk.VoidOutbound(t.Context(), h.scope, file, "too late"); !errors.Is(err, storage.ErrConflict) {
		t.Errorf("a file that left was made void: %v", err)
	}
}

// TestAnsweredWhileSending: a file whose delivery nobody saw the end of, and which its receiver answered, arrived.
func TestAnsweredWhileSending(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	connection := h.connect(server, pushing(server))
	dying := h.startChild(func(child *childConfig) { child.DieAt = "push.renamed" })
	file := h.handIn(connection, "q.270", question(1))
	waitFor(t, "the node dies", dying.exited)
	if err := os.Remove(server.Path("inbound", "q.270")); err != nil { // the partner took it
		t.Fatal(err)
	}
	h.exec(`UPDATE outbound SET acknowledgment = 'A', acknowledged_at = now()`)
	h.start()
	h.becomes(file, storage.FileSent)
	if r := h.receipts(file); len(r) != 1 || r[0].Certainty != storage.CertaintyAcknowledged {
		t.Errorf("receipts %+v", r)
	}
	if got := delivered(t, server, "inbound"); len(got) != 0 {
		t.Errorf("it was sent again: %s", names(got))
	}
}

// TestNothingIsOverwritten: a name that is taken is left to whom it belongs.
func TestNothingIsOverwritten(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	c := h.connect(server, pushing(server, func(p *Push) { p.NameTemplate = "{set}-{icn}-{seq:3}.x12" }))
	server.WriteFile("inbound/270-000000001-001.x12", []byte("theirs"))
	server.WriteFile("inbound/chosen.x12", []byte("theirs too"))
	chosen := h.handIn(c, "chosen.x12", question(2))
	free := h.handIn(c, "named by the template", question(1), templated)
	h.start()
	h.becomes(free, storage.FileSent)
	h.eventually("the file with the chosen name waits", func() bool {
		item := h.outbound(chosen)
		return item.State == "generated" && item.StateReason == "transfer.name_taken" && item.DueAt != nil
	})
	got := delivered(t, server, "inbound")
	if names(got) != "270-000000001-001.x12 270-000000001-002.x12 chosen.x12" || got["chosen.x12"] != "theirs too" || got["270-000000001-001.x12"] != "theirs" {
		t.Fatalf("at the server: %s", names(got))
	}
	if got["270-000000001-002.x12"] != string(question(1)) {
		t.Error("the file under the next name is not ours")
	}
	// The partner takes theirs away, and somebody asks for a push.
	if err := os.Remove(server.Path("inbound", "chosen.x12")); err != nil {
		t.Fatal(err)
	}
	var id storage.RunID
	h.eventually("no push is under way any more", func() (begun bool) {
		var err error
		if id, err = h.desk.PushNow(t.Context(), h.scope, c.ID); err != nil && !errors.Is(err, ErrRunOpen) {
			t.Fatal(err)
		}
		return err == nil
	})
	if run := h.ended(id); run.State != storage.RunSucceeded || !run.Manual {
		t.Errorf("run: %s %s", run.State, run.ErrorCode)
	}
	if item := h.outbound(chosen); item.State != "sent" || item.Name != "chosen.x12" {
		t.Errorf("the file with the chosen name: %s %q", item.State, item.Name)
	}
}

// TestCutWhileSending cuts the line in mid-upload: the file arrives whole in the end, and nothing else is left.
func TestCutWhileSending(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	proxy := sshdtest.StartProxy(t, server.Address())
	c := h.connect(server, pushing(server), func(c *storage.Connection) { c.Host, c.Port = proxy.Host, proxy.Port })
	content := randomBytes(8_000_000)
	cut := proxy.CutAfter(7_000) // of what comes back: some hundred writes are confirmed by then
	file := h.handIn(c, "large.270", content, func(in *HandIn) { in.AsIs = true })
	h.start()
	waitFor(t, "the line is cut", cut)
	proxy.Restore()
	h.becomes(file, storage.FileSent)
	if got := delivered(t, server, "inbound"); len(got) != 1 || got["large.270"] != string(content) {
		t.Errorf("at the server: %s", names(got))
	}
	if r := h.receipts(file); len(r) != 1 {
		t.Errorf("%d receipts, want 1", len(r))
	}
}

// TestOvertakenNodeDoesNotSend: a node that was thought dead wakes up before it gives the file its name.
func TestOvertakenNodeDoesNotSend(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	c := h.connect(server, pushing(server))
	sleeper := h.startChild(func(child *childConfig) { child.StopAt = "push.uploaded" })
	file := h.handIn(c, "q.270", question(1))
	h.eventually("the first node sleeps", sleeper.sleeps)
	h.start()
	h.becomes(file, storage.FileSent)
	before := h.eventCodes(file)
	sleeper.wake()
	sleeper.leave() // when it has done with what it had in hand
	if got := delivered(t, server, "inbound"); len(got) != 1 || got["q.270"] != string(question(1)) {
		t.Errorf("at the server: %s", names(got))
	}
	if after := h.eventCodes(file); after != before || len(h.receipts(file)) != 1 {
		t.Errorf("the time line went on: %s", after)
	}
}

// TestMissingFolder: the partner's folder is not there. The file waits, the run says so, and it is not tried every few seconds.
func TestMissingFolder(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	c := h.connect(server, pushing(server), func(c *storage.Connection) { SetNetwork(c, Network{Concurrency: 1}) })
	if err := os.Remove(server.Path("inbound")); err != nil {
		t.Fatal(err)
	}
	first, second := h.handIn(c, "a.270", question(1)), h.handIn(c, "b.270", question(2))
	h.start()
	h.eventually("the push fails and what waits is put off", func() bool {
		return h.number(`SELECT count(*) FROM run WHERE kind = 'push' AND state = 'failed' AND error_code = 'push.files_refused'`) == 1 &&
			h.number(`SELECT count(*) FROM outbound WHERE open AND due_at > now() + interval '10 minutes'`) == 2
	})
	if item := h.outbound(first); item.State != "generated" || item.StateReason != "transfer.folder_missing" {
		t.Errorf("first file: %s %s", item.State, item.StateReason)
	}
	if item := h.outbound(second); item.Attempt != 0 {
		t.Error("the folder was tried for each file")
	}
	if err := os.Mkdir(server.Path("inbound"), 0o755); err != nil {
		t.Fatal(err)
	}
	h.exec(`UPDATE outbound SET due_at = now() WHERE open`) // the time has come
	h.becomes(first, storage.FileSent)
	h.becomes(second, storage.FileSent)
	h.eventually("the incident is over", func() bool {
		return h.number(`SELECT count(*) FROM incident WHERE resolved_at IS NULL`) == 0
	})
}

// TestNothingToPush: without a folder, over a paused connection, and of a file that was taken back.
func TestNothingToPush(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	without := h.connect(server, func(c *storage.Connection) { c.Name = "without" })
	if _, err := h.desk.PushNow(t.Context(), h.scope, without.ID); !errors.Is(err, ErrNothingToPush) {
		t.Errorf("push without a folder: %v", err)
	}
	if _, err := h.desk.HandIn(t.Context(), h.scope, without.ID, HandIn{Name: "a", Content: strings.NewReader("a")}); !errors.Is(err, ErrNothingToPush) {
		t.Errorf("hand in without a folder: %v", err)
	}
	c := h.connect(server, pushing(server))
	if err := h.desk.PauseConnection(t.Context(), h.scope, c.ID, "we wait for the partner"); err != nil {
		t.Fatal(err)
	}
	file := h.handIn(c, "a.270", question(1))
	h.start()
	if _, err := h.desk.PushNow(t.Context(), h.scope, c.ID); !errors.Is(err, ErrConnectionPaused) {
		t.Errorf("push over a paused connection: %v", err)
	}
	if err := h.desk.VoidOutbound(t.Context(), h.scope, file, "a mistake"); err != nil {
		t.Fatal(err)
	}
	if item := h.outbound(file); item.State != "void" || item.Note != "a mistake" {
		t.Errorf("void file: %+v", item)
	}
	again := h.handIn(c, "b.270", question(2))
	if err := h.desk.ResumeConnection(t.Context(), h.scope, c.ID); err != nil {
		t.Fatal(err)
	}
	h.becomes(again, storage.FileSent) // by itself: what waits goes when the pause ends
	if got := delivered(t, server, "inbound"); names(got) != "b.270" {
		t.Errorf("at the server: %s", names(got))
	}
}
