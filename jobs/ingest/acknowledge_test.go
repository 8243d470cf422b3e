package ingest_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/ack"
	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
	"github.com/ediport/ediport/storage/keys"
)

// inquire is an interchange with a 270 for each of the traces, from PLAN to CLEARING.
func inquire(control int, traces ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "ISA*00*          *00*          *ZZ*PLAN           *ZZ*CLEARING       *260101*0000*^*00501*%09d*0*P*:~"+
		"GS*HS*PLAN*CLEARING*20260101*0000*%d*X*005010X279A1~", control, control)
	for i, trace := range traces {
		fmt.Fprintf(&b, "ST*270*%04d*005010X279A1~BHT*0022*13*N%d*20260101*0000~HL*1**20*1~NM1*PR*2*PAYER*****PI*PAYER1~HL*2*1*21*1~"+
			"NM1*1P*2*PRACTICE*****XX*%s~HL*3*2*22*0~TRN*1*%s*9000000001~NM1*IL*1*GLIMMERFORD*ANN****MI*M1~EQ*30~SE*11*%04d~", i+1, i, npiA, trace, i+1)
	}
	fmt.Fprintf(&b, "GE*%d*%d~IEA*1*%09d~", len(traces), control, control)
	return b.String()
}

// answering makes the world acknowledge, and returns the connection whose partner is PLAN and which has a folder for it.
func (w *world) answering(t *testing.T, change ...string) storage.ConnectionID {
	t.Helper()
	w.Outbox = &jobs.Outbox{Archive: w.Archive}
	c := &storage.Connection{Name: "plan", Partner: 88, Protocol: "sftp", Host: "h", Port: 22, Username: "u", Auth: "password", HostKeys: []string{}}
	jobs.SetPush(c, jobs.Push{Folder: "/in", AcknowledgmentFolder: "/acks", NameTemplate: "{set}_{icn}_{seq}.x12"})
	scope := storage.Scope{Operator: w.operator, Actor: storage.Actor{Kind: storage.ActorSystem}}
	err := w.DB.InScope(t.Context(), scope, func(tx *storage.Tx) error {
		id, err := tx.NewID(t.Context(), storage.IDConnection)
		if err != nil {
			return err
		}
		c.ID = storage.ConnectionID(id)
		return tx.AddConnection(t.Context(), c)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range append([]string{
		fmt.Sprintf(`INSERT INTO partner (operator_id, id, name) VALUES (%d, 88, 'Plan')`, w.operator),
		fmt.Sprintf(`INSERT INTO partner_identity (operator_id, partner_id, id, side, identifier) VALUES (%d, 88, 1, 'theirs', 'PLAN')`, w.operator),
	}, change...) {
		if _, err := w.raw.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	return c.ID
}

// told sums up what was made of a file: kind, state and reason, and what the envelopes' rows say.
func (w *world) told(t *testing.T, file storage.FileID) string {
	t.Helper()
	return w.text(t, `SELECT
		coalesce((SELECT string_agg(o.answers_kind || ' ' || f.state || coalesce(' ' || f.state_reason, ''), ', ' ORDER BY o.answers_interchange, o.answers_kind DESC)
			FROM outbound o JOIN file f ON f.id = o.file_id WHERE o.answers_file_id = $1), 'nothing')
		|| coalesce((SELECT '; interchange ' || string_agg(ta1_code || coalesce(ta1_note, ''), ' ' ORDER BY ordinal) FROM interchange WHERE file_id = $1), '')
		|| coalesce((SELECT '; groups ' || string_agg(acknowledgment, '' ORDER BY interchange_id, ordinal) FROM functional_group WHERE file_id = $1 AND acknowledgment <> 'none'), '')
		|| coalesce((SELECT '; sets ' || string_agg(acknowledgment || '-' || disposition, ' ' ORDER BY file_ordinal) FROM transaction_set WHERE file_id = $1), '')`, int64(file))
}

// content returns the bytes of the acknowledgment of a file.
func (w *world) answer(t *testing.T, file storage.FileID, kind string) []byte {
	t.Helper()
	id := w.text(t, `SELECT file_id FROM outbound WHERE answers_file_id = $1 AND answers_kind = $2`, int64(file), kind)
	var content []byte
	err := w.DB.InLoad(t.Context(), w.operator, storage.Actor{Kind: storage.ActorSystem}, func(tx *storage.LoadTx) error {
		var n int64
		if _, err := fmt.Sscan(id, &n); err != nil {
			return err
		}
		f, err := tx.FileForLoad(t.Context(), storage.FileID(n))
		if err != nil {
			return err
		}
		r, err := w.Archive.Open(archive.Blob{
			Name: f.BlobName, WrappedKey: f.WrappedKey, KeyID: keys.KeyID(f.KeyID), Size: f.Size, SHA256: [32]byte(f.SHA256), StoredSize: f.StoredSize,
		})
		if err != nil {
			return err
		}
		defer r.Close()
		content, err = io.ReadAll(r)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestWhatASenderIsTold(t *testing.T) {
	one, two := inquire(1, "A"), inquire(1, "A", "B")
	faulty := func(s string) string { return strings.Replace(s, "NM1*PR*2*PAYER*****PI*PAYER1~", "", 1) }
	asked := func(s string) string { return strings.Replace(s, "*0*P*:", "*1*P*:", 1) }
	remittance := strings.ReplaceAll(remit(1, npiA), "*PAYER          *", "*PLAN           *")
	for _, c := range []struct {
		name, in, want string
		change         []string
	}{
		{name: "a request", in: one, want: "999 generated; groups A; sets A-loaded"},
		{name: "a faulty request", in: faulty(one), want: "999 generated; groups R; sets R-held"},
		{name: "one of two faulty", in: faulty(two), want: "999 generated; groups P; sets R-held A-loaded"},
		{name: "a TA1 is asked for", in: asked(one), want: "TA1 generated, 999 generated; interchange A000; groups A; sets A-loaded"},
		{name: "the interchange is at fault", in: strings.Replace(one, "IEA*1*", "IEA*2*", 1), want: "TA1 generated; interchange R021; sets none-held"},
		{name: "it breaks off", in: two[:strings.Index(two, "SE*11*0002")], want: "TA1 generated; interchange R023; sets none-held none-held"},
		{name: "a group at fault", in: strings.Replace(one, "GE*1*1~", "GE*2*1~", 1), want: "999 generated; groups R; sets R-held"},
		{
			name: "faults are tolerated", in: faulty(one), want: "999 generated; groups E; sets E-loaded_with_findings",
			change: []string{`UPDATE partner SET request_policy = 'receive'`},
		},
		{name: "a remittance", in: remittance, want: "999 stored outbound.policy; sets none-loaded"},
		{
			name: "a remittance, wanted", in: remittance, want: "999 generated; groups A; sets A-loaded",
			change: []string{`UPDATE partner SET acknowledge_answers = true`},
		},
		{
			name: "a remittance that breaks off", in: remittance[:strings.Index(remittance, "SVC")], want: "nothing; sets none-held",
			change: []string{`UPDATE partner SET acknowledge_answers = true`},
		},
		{name: "not wanted", in: one, want: "999 stored outbound.policy; sets none-loaded", change: []string{`UPDATE partner SET acknowledge_requests = false`}},
		{name: "no folder", in: one, want: "999 stored outbound.no_folder; sets none-loaded", change: []string{`UPDATE connection SET push = '{"folder": "/in"}'`}},
		{name: "test data", in: strings.Replace(one, "*0*P*:", "*0*T*:", 1), want: "999 stored outbound.held; sets none-held"},
		{
			name: "acknowledgments", in: "ISA*00*          *00*          *ZZ*PLAN           *ZZ*CLEARING       *260101*0000*^*00501*000000009*0*P*:~" +
				"GS*FA*PLAN*CLEARING*20260101*0000*9*X*005010X231A1~ST*999*0001*005010X231A1~AK1*HS*1*005010X279A1~AK9*A*1*1*1~SE*4*0001~GE*1*9~IEA*1*000000009~",
			want: "nothing; sets none-loaded",
		},
		{name: "a TA1", in: "ISA*00*          *00*          *ZZ*PLAN           *ZZ*CLEARING       *260101*0000*^*00501*000000009*1*P*:~" +
			"TA1*000000001*260101*0000*A*000~IEA*0*000000009~", want: "nothing"},
		{
			name: "our own file", in: one, want: "nothing; sets none-loaded",
			change: []string{`UPDATE partner_identity SET side = 'ours'`},
		},
		{
			name: "its own policy", in: strings.Replace(one, "BHT*0022*13*", "BHT*0022*14*", 1), want: "999 generated; groups A; sets A-loaded_with_findings",
			change: []string{`UPDATE partner SET acknowledgment_policy = '{"reject": [1], "note": [], "unknown_guide": "accept", "values": "none"}'`},
		},
		{
			name: "its own rules", in: one, want: "999 generated; groups R; sets R-held",
			change: []string{
				`UPDATE partner SET rules = '{"rules": [{"name": "trace", "guide": "270", "loop": "2000C", "segment": "TRN", "element": 2, "pattern": "[0-9]+", "severity": "error"}]}'`,
				`UPDATE partner SET acknowledgment_policy = '{"reject": [1, 2], "note": [], "kinds": {"partner": {"treatment": "reject", "element": "7"}}, "unknown_guide": "accept", "values": "none"}'`,
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.answering(t, c.change...)
			file, _ := w.load(t, c.name, c.in)
			if got := w.told(t, file); got != c.want {
				t.Errorf("told\n%s, want\n%s", got, c.want)
			}
			runs, leaving := w.text(t, `SELECT count(*) FROM run WHERE kind = 'push'`), "0"
			if strings.Contains(c.want, "generated") {
				leaving = "1"
			}
			if runs != leaving {
				t.Errorf("%s pushes wait, want %s", runs, leaving)
			}
			// What becomes of the file agrees with its sets.
			if n := w.text(t, `SELECT count(*) FROM interchange i WHERE (disposition = 'held') <>
				EXISTS (SELECT 1 FROM transaction_set s WHERE s.interchange_id = i.id AND s.disposition = 'held')`); n != "0" {
				t.Errorf("%s interchanges disagree with their sets", n)
			}
			if n := w.text(t, `SELECT count(*) FROM inquiry`); n != fmt.Sprint(strings.Count(c.want, "-loaded")) && strings.Contains(c.in, "ST*270") {
				t.Errorf("%s inquiries", n)
			}
		})
	}
}

// A second acknowledgment never goes out: not of the same interchange again, and not when a file is loaded again.
func TestNoSecondAcknowledgment(t *testing.T) {
	w := newWorld(t)
	w.answering(t, `UPDATE partner SET reuse_policy = 'reject'`)
	first, _ := w.load(t, "first", inquire(7, "A"))
	again, _ := w.load(t, "again", inquire(7, "A"))
	reused, _ := w.load(t, "another under the same number", inquire(7, "B"))
	for file, want := range map[storage.FileID]string{
		first:  "999 generated; groups A; sets A-loaded",
		again:  "nothing; sets none-duplicate",
		reused: "TA1 generated; interchange R025; sets none-held",
	} {
		if got := w.told(t, file); got != want {
			t.Errorf("told %s, want %s", got, want)
		}
	}
	if _, err := w.raw.ExecContext(t.Context(), `UPDATE file SET state = 'failed' WHERE id = $1`, int64(first)); err != nil {
		t.Fatal(err)
	}
	if err := w.Load(t.Context(), w.operator, first); err != nil {
		t.Fatal(err)
	}
	if n := w.text(t, `SELECT count(*) FROM outbound`); n != "2" {
		t.Errorf("%s acknowledgments, want 2", n)
	}
}

// The acknowledgment is a valid 999 for its sender, with numbers of ours that go up by one and are known when it is answered.
func TestAcknowledgmentOfARequest(t *testing.T) {
	w := newWorld(t)
	w.answering(t)
	for n := 1; n <= 3; n++ {
		file, _ := w.load(t, "request", inquire(n, "A", "B"))
		content := w.answer(t, file, "999")
		var groups int
		for g, err := range ack.Groups(edi.NewReaderBytes(content)) {
			if err != nil {
				t.Fatal(err)
			}
			groups++
			if !g.ControlNumber.Is(fmt.Sprint(n)) || !g.FunctionalID.Is("HS") || !g.Code.Is("A") || g.Accepted.Value != 2 {
				t.Errorf("the 999 answers %s %s with %s, %d accepted", g.FunctionalID, g.ControlNumber, g.Code, g.Accepted.Value)
			}
		}
		head := "*ZZ*CLEARING       *ZZ*PLAN           *"
		trailer := fmt.Sprintf("GE*1*%d~IEA*1*%09d~", n, n)
		if groups != 1 || !strings.Contains(string(content), head) || !strings.HasSuffix(strings.TrimSpace(string(content)), trailer) {
			t.Errorf("the 999: %.120s … want its end %s", content, trailer)
		}
		if got := w.text(t, `SELECT final_name || ' ' || folder FROM outbound WHERE answers_file_id = $1`, int64(file)); got != fmt.Sprintf("999_%09d_%04d.x12 /acks", n, n) {
			t.Errorf("it is named %s", got)
		}
		known := w.text(t, `SELECT string_agg(control_number || functional_id, ' ' ORDER BY group_no) FROM outbound_envelope e JOIN outbound o USING (file_id) WHERE answers_file_id = $1`, int64(file))
		if known != fmt.Sprintf("%d %dFA", n, n) {
			t.Errorf("known envelopes: %s", known)
		}
	}
}

// Loads at once take numbers without gap or twin; a load that fails takes none, and leaves nothing in the archive.
func TestNumbersOfAcknowledgments(t *testing.T) {
	w := newWorld(t)
	w.answering(t)
	var loads sync.WaitGroup
	for n := range 6 {
		file := w.receive(t, "request", strings.NewReader(inquire(2*n+1, "A")+inquire(2*n+2, "B")))
		loads.Go(func() {
			if err := w.Load(t.Context(), w.operator, file); err != nil {
				t.Error(err)
			}
		})
	}
	loads.Wait()
	dir := t.TempDir()
	store, err := archive.Open(dir, keys.NewRing())
	if err != nil {
		t.Fatal(err)
	}
	outbox := w.Outbox
	w.Outbox = &jobs.Outbox{Archive: store}
	failing := w.receive(t, "fails", strings.NewReader(inquire(90, "A")+inquire(91, "B")))
	if _, err := w.raw.ExecContext(t.Context(), `ALTER TABLE outbound ADD CONSTRAINT seeded CHECK (answers_kind IS NULL) NOT VALID`); err != nil {
		t.Fatal(err)
	}
	if err := w.Load(t.Context(), w.operator, failing); err == nil {
		t.Fatal("the load did not fail")
	}
	left := 0
	err = filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			left++
		}
		return err
	})
	if err != nil || left != 0 {
		t.Errorf("%d blobs of the failed load are left (%v)", left, err)
	}
	if _, err := w.raw.ExecContext(t.Context(), `ALTER TABLE outbound DROP CONSTRAINT seeded`); err != nil {
		t.Fatal(err)
	}
	w.Outbox = outbox
	if err := w.Load(t.Context(), w.operator, failing); err != nil {
		t.Fatal(err)
	}
	var numbers []int
	for _, field := range strings.Fields(w.text(t, `SELECT string_agg(control_number::text, ' ' ORDER BY control_number) FROM outbound_envelope WHERE group_no = 0`)) {
		var n int
		if _, err := fmt.Sscan(field, &n); err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, n)
	}
	if want := []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}; !slices.Equal(numbers, want) {
		t.Errorf("numbers %v, want 1 to 14", numbers)
	}
}

// What a partner says of a file of ours stands with that file.
func TestReceivedAcknowledgmentsReachTheirFile(t *testing.T) {
	w := newWorld(t)
	w.answering(t)
	file, _ := w.load(t, "request", inquire(1, "A"))
	ours := w.text(t, `SELECT file_id FROM outbound WHERE answers_file_id = $1`, int64(file))
	ta1 := "ISA*00*          *00*          *ZZ*PLAN           *ZZ*CLEARING       *260101*0000*^*00501*000000900*0*P*:~TA1*000000001*" +
		w.text(t, `SELECT date_sent || '*' || time_sent FROM outbound_envelope WHERE group_no = 0`) + "*R*017~IEA*0*000000900~"
	early, _ := w.load(t, "early", strings.ReplaceAll(ta1, "000000900", "000000899"))
	if got := w.text(t, `SELECT coalesce(matched_file_id, 0) FROM acknowledgment WHERE file_id = $1`, int64(early)); got != "0" {
		t.Errorf("a TA1 is matched to file %s, which never left", got)
	}
	if _, err := w.raw.ExecContext(t.Context(), `UPDATE file SET state = 'sent' WHERE id = `+ours); err != nil {
		t.Fatal(err)
	}
	received, _ := w.load(t, "ta1", ta1)
	if got := w.text(t, `SELECT acknowledgment || ' ' || (acknowledged_at IS NOT NULL) FROM outbound WHERE file_id = `+ours); got != "R true" {
		t.Errorf("the file is %s, want R true", got)
	}
	if got := w.text(t, `SELECT matched_file_id FROM acknowledgment WHERE file_id = $1`, int64(received)); got != ours {
		t.Errorf("the TA1 is matched to %q, want %s", got, ours)
	}
}
