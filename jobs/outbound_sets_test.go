package jobs

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/jobs/ingest"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
	"github.com/ediport/ediport/storage"
)

// questions is a file of ours with a 270 for each of the traces.
func questions(number int, traces ...string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "ISA*00*          *00*          *ZZ*EDIPORTDEMO    *ZZ*TAMARIND       *261122*0300*^*00501*%09d*0*P*:~"+
		"GS*HS*EDIPORTDEMO*TAMARIND*20261122*0300*%d*X*005010X279A1~", number, number)
	for i, trace := range traces {
		fmt.Fprintf(&b, "ST*270*%04d*005010X279A1~BHT*0022*13*N%d*20261122*0300~HL*1**20*1~NM1*PR*2*TAMARIND*****PI*TAM01~HL*2*1*21*1~"+
			"NM1*1P*2*CEDAR*****XX*2990000002~HL*3*2*22*0~TRN*1*%s*9000000001~NM1*IL*1*GLIMMERFORD*ANN****MI*M1~EQ*30~SE*11*%04d~", i+1, number, trace, i+1)
	}
	fmt.Fprintf(&b, "GE*%d*%d~IEA*1*%09d~", len(traces), number, number)
	return b.Bytes()
}

// answering is a file of TAMARIND's with one 999: its segments from AK1 to AK9.
func answering(number int, segments string) []byte {
	return fmt.Appendf(nil, "ISA*00*          *00*          *ZZ*TAMARIND       *ZZ*EDIPORTDEMO    *261122*0300*^*00501*%09d*0*P*:~"+
		"GS*FA*TAMARIND*EDIPORTDEMO*20261122*0300*%d*X*005010X231A1~ST*999*0001*005010X231A1~%sSE*%d*0001~GE*1*%d~IEA*1*%09d~",
		number, number, segments, strings.Count(segments, "~")+2, number, number)
}

// asked makes a question of an account, as it is when its file is made.
func (h *house) asked(trace string) int64 {
	h.t.Helper()
	var id int64
	err := h.db.InLoadFor(h.t.Context(), h.scope, func(tx *storage.LoadTx) (err error) {
		l := tx.Loader()
		if id, err = l.NewID(h.t.Context(), storage.IDInquiry); err != nil {
			return err
		}
		err = l.Inquiry(h.t.Context(), &storage.InquiryRow{
			AccountID: storage.AccountID(h.number(`SELECT min(id) FROM account WHERE operator_id = $1`, int64(h.operator))), ID: id, OperatorID: h.operator,
			Direction: "out", Kind: "270", Usage: "P", CreatedAt: tx.Now(), TraceNumber: []byte(trace), Person: "subscriber", State: "in_batch",
		})
		return errors.Join(err, l.Flush(h.t.Context()))
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

func (h *house) sets(file storage.FileID) (words string) {
	h.t.Helper()
	all, _, err := h.db.OutboundSets(h.t.Context(), h.scope, storage.OutboundSetFilter{File: file}, storage.Page{})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, s := range all {
		words += s.ControlNumber + s.Acknowledgment + " "
	}
	return strings.TrimSpace(words)
}

// TestOneOfThreeSetsIsRejected, from end to end: three questions leave in one file; the receiver's 999 rejects one of them, comes once
// more, and a damaged one comes as well.
func TestOneOfThreeSetsIsRejected(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	c := h.connect(server, with(func(f *PullFolder) { f.Globs = []string{"*"} }), pushing(server))
	var asked []int64
	for _, trace := range []string{"T1", "T2", "T3"} {
		asked = append(asked, h.asked(trace))
	}
	content := questions(77, "T1", "T2", "T3")
	ours := h.handIn(c, "ours.270", content)
	h.start(h.loading)
	h.becomes(ours, storage.FileSent)
	for i, offset := range []int{bytes.Index(content, []byte("ST*270*0001")), bytes.Index(content, []byte("ST*270*0002")), bytes.Index(content, []byte("ST*270*0003"))} {
		if got := h.number(`SELECT byte_offset FROM outbound_set WHERE file_id = $1 AND set_no = $2`, int64(ours), i+1); got != offset {
			t.Errorf("set %d stands at %d, want %d", i+1, got, offset)
		}
	}
	const rejecting = "AK1*HS*77*005010X279A1~AK2*270*0001*005010X279A1~IK5*A~AK2*270*0002*005010X279A1~IK3*NM1*9*2100*8~CTX*TRN02:T2~IK4*3*1035*7*X~IK5*R*5~" +
		"AK2*270*0003*005010X279A1~IK5*E*5~AK9*P*3*3*2~"
	loaded := func(n int) {
		t.Helper()
		if run := h.pull(c); run.State != storage.RunSucceeded {
			t.Fatalf("pull: %s %s", run.State, run.ErrorCode)
		}
		h.eventually("what came is loaded", func() bool {
			return h.number(`SELECT count(*) FROM file WHERE direction = 'in' AND state IN ('loaded', 'partly_loaded', 'held', 'stored', 'duplicate')`) == n
		})
	}
	server.WriteFile("outbound/a.999", answering(501, rejecting))
	loaded(1)
	for range 2 {
		if got := h.sets(ours); got != "0001A 0002R 0003E" {
			t.Errorf("sets %s", got)
		}
		if got := h.outbound(ours).Acknowledgment; got != "P" {
			t.Errorf("the file is %s, want P", got)
		}
		for i, want := range []string{"acknowledged", "rejected", "acknowledged"} {
			if n := h.number(`SELECT count(*) FROM inquiry WHERE id = $1 AND state = $2`, asked[i], want); n != 1 {
				t.Errorf("question %d is not %s", i+1, want)
			}
		}
		if n := h.number(`SELECT count(*) FROM inquiry_set WHERE inquiry_id = $1 AND rejected_for = '{NM103 2100 IK403 7}'`, asked[1]); n != 1 {
			t.Error("the rejected question doesn't say why")
		}
		if n := h.number(`SELECT count(*) FROM acknowledgment`); n > 1 {
			break
		}
		// The same in another envelope; the same bytes; and one that breaks off in the middle of its sets.
		server.WriteFile("outbound/b.999", answering(502, rejecting))
		server.WriteFile("outbound/c.999", append(answering(501, rejecting), '\n'))
		broken := answering(503, rejecting)
		server.WriteFile("outbound/d.999", broken[:bytes.Index(broken, []byte("AK2*270*0003"))])
		loaded(4)
	}
	if n := h.number(`SELECT count(*) FROM incident WHERE code = 'outbound.partly_accepted' AND resolved_at IS NULL`); n != 1 {
		t.Errorf("%d incidents of the file, want 1", n)
	}
}

// TestOthersQuestionsDoNotLeave: a connection that delivers for one account asks no other's questions, whatever traces stand in a file.
func TestOthersQuestionsDoNotLeave(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	own := storage.AccountID(h.number(`SELECT min(id) FROM account WHERE operator_id = $1`, int64(h.operator)))
	h.asked("T1")
	for account, want := range map[storage.AccountID]int{own: 1, own + 1: 0, 0: 1} {
		c := h.connect(server, pushing(server), func(c *storage.Connection) { c.Name, c.Account = fmt.Sprint("of ", account), account })
		file := h.handIn(c, "ours.270", questions(int(account)+10, "T1"))
		if n := h.number(`SELECT count(*) FROM inquiry_set WHERE file_id = $1`, int64(file)); n != want {
			t.Errorf("over the connection of account %d leave %d questions, want %d", account, n, want)
		}
	}
}

// TestManySets: a file of many sets is queued in batches, and its 999 finds each of them.
func TestManySets(t *testing.T) {
	t.Parallel()
	const sets = 20_000
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	c := h.connect(server, pushing(server))
	var content, answer bytes.Buffer
	content.WriteString("ISA*00*          *00*          *ZZ*EDIPORTDEMO    *ZZ*TAMARIND       *261122*0300*^*00501*000000001*0*P*:~GS*HS*EDIPORTDEMO*TAMARIND*20261122*0300*1*X*005010X279A1~")
	answer.WriteString("AK1*HS*1*005010X279A1~")
	for i := range sets {
		fmt.Fprintf(&content, "ST*270*%06d*005010X279A1~BHT*0022*13*N1*20261122*0300~SE*3*%06d~", i, i)
		fmt.Fprintf(&answer, "AK2*270*%06d*005010X279A1~IK5*%c~", i, "AR"[i%2])
	}
	fmt.Fprintf(&content, "GE*%d*1~IEA*1*000000001~", sets)
	fmt.Fprintf(&answer, "AK9*P*%d*%d*%d~", sets, sets, sets/2)
	begun := time.Now()
	file := h.handIn(c, "many.270", content.Bytes())
	t.Logf("queued in %v", time.Since(begun))
	if n := h.number(`SELECT count(*) FROM outbound_set WHERE file_id = $1`, int64(file)); n != sets {
		t.Fatalf("%d sets, want %d", n, sets)
	}
	h.exec(`UPDATE file SET state = 'sent' WHERE id = $1`, int64(file))
	received, err := h.desk.TakeIn(t.Context(), h.scope, "many.999", bytes.NewReader(answering(2, answer.String())))
	if err != nil {
		t.Fatal(err)
	}
	in := &ingest.Ingester{DB: h.db, Archive: h.archive, Log: slog.New(slog.DiscardHandler), Outbox: &Outbox{Archive: h.archive}}
	begun = time.Now()
	if err := in.Load(t.Context(), h.operator, received); err != nil {
		t.Fatal(err)
	}
	t.Logf("answered in %v", time.Since(begun))
	for word, want := range map[string]int{"A": sets / 2, "R": sets / 2, "none": 0} {
		if n := h.number(`SELECT count(*) FROM outbound_set s WHERE file_id = $1 AND acknowledgment = $2
			AND (acknowledgment = 'R') = (control_number::int % 2 = 1)`, int64(file), word); n != want {
			t.Errorf("%d sets are %s, want %d", n, word, want)
		}
	}
}
