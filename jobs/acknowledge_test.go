package jobs

import (
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/ack"
	"github.com/ediport/ediport/fixtures"
	"github.com/ediport/ediport/jobs/ingest"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
	"github.com/ediport/ediport/storage"
)

// loading makes a node load files for real, and acknowledge them.
func (h *house) loading(c *Config) {
	in := &ingest.Ingester{DB: h.db, Archive: h.archive, Log: slog.New(slog.DiscardHandler), Outbox: &Outbox{Archive: h.archive}}
	c.Ingest = in.Load
}

// TestRequestsAreAcknowledged, from end to end: a partner leaves requests and a remittance at a server; what comes back by itself are the
// acknowledgments of the requests, and what the partner says of a file of ours is known.
func TestRequestsAreAcknowledged(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	c := h.connect(server, with(func(f *PullFolder) { f.Globs = []string{"*"} }), pushing(server, func(p *Push) {
		p.AcknowledgmentFolder, p.NameTemplate = server.Path("acks"), "{set}-{icn}.x12"
	}))
	if err := os.Mkdir(server.Path("acks"), 0o755); err != nil {
		t.Fatal(err)
	}
	partner := &storage.PartnerSettings{Name: "Tamarind", AcknowledgeRequests: true}
	if err := h.desk.AddPartner(t.Context(), h.scope, partner); err != nil {
		t.Fatal(err)
	}
	remittance, err := fixtures.Open("01-835-payment-with-denials.x12")
	if err != nil {
		t.Fatal(err)
	}
	faulty := strings.Replace(string(question(2)), "NM1*PR*2*TAMARIND*****PI*TAM01~", "", 1)
	server.WriteFile("outbound/good.270", question(1))
	server.WriteFile("outbound/faulty.270", []byte(faulty))
	server.WriteFile("outbound/payment.835", remittance)
	h.start(h.loading)
	if run := h.pull(c); run.State != storage.RunSucceeded {
		t.Fatalf("pull: %s %s", run.State, run.ErrorCode)
	}
	h.eventually("two acknowledgments left", func() bool {
		return h.number(`SELECT count(*) FROM outbound o JOIN file f ON f.id = o.file_id WHERE f.state = 'sent'`) == 2
	})
	h.eventually("the remittance is loaded, its acknowledgment kept", func() bool {
		return h.number(`SELECT count(*) FROM outbound o JOIN file f ON f.id = o.file_id WHERE f.state = 'stored' AND f.state_reason = 'outbound.policy'`) == 1
	})
	answers := map[string]string{}
	files := delivered(t, server, "acks")
	for _, content := range files {
		for g, err := range ack.Groups(edi.NewReaderBytes([]byte(content))) {
			if err != nil {
				t.Fatal(err)
			}
			answers[g.ControlNumber.String()] = g.Code.String()
		}
	}
	if len(files) != 2 || answers["1"] != "A" || answers["2"] != "R" {
		t.Errorf("acknowledgments %s say %v, want 1 accepted and 2 rejected", names(files), answers)
	}
	if n := h.number(`SELECT count(*) FROM functional_group WHERE acknowledged_at IS NOT NULL`); n != 2 {
		t.Errorf("%d groups are known as acknowledged, want 2", n)
	}

	// The partner rejects what we hand in.
	ours := h.handIn(c, "ours.270", question(77))
	h.becomes(ours, storage.FileSent)
	server.WriteFile("outbound/answer.999", fmt.Appendf(nil, "ISA*00*          *00*          *ZZ*TAMARIND       *ZZ*EDIPORTDEMO    *261122*0300*^*00501*000000501*0*P*:~"+
		"GS*FA*TAMARIND*EDIPORTDEMO*20261122*0300*501*X*005010X231A1~ST*999*0001*005010X231A1~AK1*HS*77*005010X279A1~AK2*270*0001*005010X279A1~IK5*R*5~"+
		"AK9*R*1*1*0~SE*6*0001~GE*1*501~IEA*1*000000501~"))
	if run := h.pull(c); run.State != storage.RunSucceeded {
		t.Fatalf("second pull: %s %s", run.State, run.ErrorCode)
	}
	h.eventually("the rejection stands with our file", func() bool { return h.outbound(ours).Acknowledgment == "R" })
	if line := h.eventCodes(ours); line != "generated, sending, sent, sent outbound.rejected" {
		t.Errorf("time line: %s", line)
	}
	if n := h.number(`SELECT count(*) FROM incident WHERE code = 'outbound.rejected' AND resolved_at IS NULL`); n != 1 {
		t.Errorf("%d incidents of the rejected file, want 1", n)
	}
	// Nothing acknowledges the acknowledgment.
	if n := h.number(`SELECT count(*) FROM outbound`); n != 4 {
		t.Errorf("%d outbound files, want 4", n)
	}
}

// TestKeptAcknowledgmentIsSentByHand: what was only kept leaves when a person wants it, and is then known as told.
func TestKeptAcknowledgmentIsSentByHand(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	c := h.connect(server, with(func(f *PullFolder) { f.Globs = []string{"*"} }))
	server.WriteFile("outbound/good.270", question(1))
	h.start(h.loading)
	h.pull(c)
	h.eventually("the acknowledgment is kept", func() bool { return h.number(`SELECT count(*) FROM outbound`) == 1 })
	kept := storage.FileID(h.number(`SELECT file_id FROM outbound`))
	if item := h.outbound(kept); item.State != "stored" || item.StateReason != storage.KeptNoFolder || item.ConnectionID != 0 {
		t.Fatalf("kept acknowledgment: %+v", item)
	}
	if err := h.desk.SendAgain(t.Context(), h.scope, kept); err == nil {
		t.Error("it was sent although nothing takes it")
	}
	h.exec(`UPDATE outbound SET partner_id = 5 WHERE file_id = $1`, int64(kept))
	h.connect(server, func(c *storage.Connection) { c.Name, c.Partner = "for acknowledgments", 5 }, pushing(server, func(p *Push) {
		p.Folder, p.AcknowledgmentFolder = "", p.Folder
	}))
	if err := h.desk.SendAgain(t.Context(), h.scope, kept); err != nil {
		t.Fatal(err)
	}
	item := h.becomes(kept, storage.FileSent)
	if got := delivered(t, server, "inbound"); len(got) != 1 || item.ConnectionName != "for acknowledgments" {
		t.Errorf("over %q went %s", item.ConnectionName, names(got))
	}
	if n := h.number(`SELECT count(*) FROM transaction_set WHERE acknowledgment = 'A'`); n != 1 {
		t.Errorf("%d sets are known as acknowledged, want 1", n)
	}
}
