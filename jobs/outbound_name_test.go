package jobs

import (
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/storage"
)

func TestNameTemplates(t *testing.T) {
	t.Parallel()
	facts := nameFacts{
		Partner: "Harbor Health, Inc.", Connection: "Harbor sftp", Account: "Cedar/Hollow", Purpose: "acknowledgment", Set: "999",
		Sender: "EDIPORTDEMO", Receiver: "HARBOR", Usage: "P", Interchange: 42, Group: 7, Original: "roster 7.270", Seq: 13,
		At: time.Date(2026, 11, 2, 6, 5, 4, 0, time.UTC),
	}
	for _, c := range []struct{ template, want string }{
		{DefaultNameTemplate, "Harbor-Health-Inc._999_20261102_0013.x12"},
		{"{sender}.{receiver}.{set}.{icn}", "EDIPORTDEMO.HARBOR.999.000000042"},
		{"{icn:4}-{gcn:3}-{seq:6}", "0042-007-000013"},
		{"{gcn}{usage}", "7P"},
		{"{date}T{time}", "20261102T060504"},
		{"{yyyy}/{mm}", "2026/11"}, // refused when it is entered
		{"{yymmdd}{hhmm}{dd}", "261102060502"},
		{"{stem}_sent.{original}", "roster-7_sent.roster-7.270"},
		{"{account}", "Cedar-Hollow"},
		{"{purpose}-{connection}", "acknowledgment-Harbor-sftp"},
		{"...{set}", "999"},
		{"plain.txt", "plain.txt"},
		{"{account}" + strings.Repeat("x", 400), ("Cedar-Hollow" + strings.Repeat("x", 400))[:maxNameBytes]},
	} {
		if got := facts.render(c.template); got != c.want {
			t.Errorf("%s: %s, want %s", c.template, got, c.want)
		}
	}
	hostile := nameFacts{Partner: "../../etc", Original: "..", Set: "\x00\n*"}
	for template, want := range map[string]string{"{partner}": "etc", "{original}": "file", "{set}x": "x", "{account}": "file"} {
		if got := hostile.render(template); got != want {
			t.Errorf("%s: %q, want %q", template, got, want)
		}
	}
}

func TestTemplatesAreChecked(t *testing.T) {
	t.Parallel()
	for template, ok := range map[string]bool{
		DefaultNameTemplate: true, "{seq:6}": true, "fixed": true, "{stem}": true,
		"{name}": false, "{seq": false, "seq}": false, "{SEQ}": false, "{seq:}": false, "{}": false, "{seq:123}": false, "a/b": false, "a\nb": false,
	} {
		if err := checkTemplate(template); (err == nil) != ok {
			t.Errorf("%q: %v, want it taken: %v", template, err, ok)
		}
	}
}

func TestNumberedNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		n    int
		want string
	}{{"a.x12", 2, "a_2.x12"}, {"a", 3, "a_3"}, {"a.b.c", 2, "a.b_2.c"}} {
		if got := numbered(c.name, c.n); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	p := Push{}.withDefaults()
	if got := p.temporaryName("a.x12", 0) + " " + p.temporaryName("a.x12", 2); got != "a.x12.tmp a.x12-2.tmp" {
		t.Errorf("temporary names %s", got)
	}
	p = Push{TemporaryPrefix: ".part-"}.withDefaults()
	if got := p.temporaryName("a.x12", 0); got != ".part-a.x12" {
		t.Errorf("temporary name %s", got)
	}
	sealed := Push{Gzip: true}
	if got := sealed.packedName("a.x12") + " " + sealed.packedName("a.x12.gz"); got != "a.x12.gz a.x12.gz" {
		t.Errorf("packed names %s", got)
	}
}

// What leaves is scanned as strictly as its receivers would, and numbered without touching anything else.
func TestScanAndRenumber(t *testing.T) {
	t.Parallel()
	two := string(question(3)) + "\n" + string(question(4))
	envelopes, err := scan(strings.NewReader(two))
	if err != nil {
		t.Fatal(err)
	}
	if len(envelopes) != 4 || envelopes[3].Interchange != 2 || envelopes[3].Group != 1 || envelopes[3].Sets != 1 || envelopes[3].SetCode != "270" ||
		envelopes[2].ControlNumber != 4 || envelopes[0].SenderID != "EDIPORTDEMO" || envelopes[1].Version != "005010X279A1" {
		t.Errorf("envelopes %+v", envelopes)
	}
	for i, n := range []int64{123456789, 55, 1, 1000000} {
		envelopes[i].ControlNumber = n
	}
	got, err := renumber([]byte(two), envelopes)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.NewReplacer(
		"*000000003*0*P", "*123456789*0*P", "*0300*3*X", "*0300*55*X", "GE*1*3~", "GE*1*55~", "IEA*1*000000003~", "IEA*1*123456789~",
		"*000000004*0*P", "*000000001*0*P", "*0300*4*X", "*0300*1000000*X", "GE*1*4~", "GE*1*1000000~", "IEA*1*000000004~", "IEA*1*000000001~",
	).Replace(two)
	if string(got) != want {
		t.Errorf("numbered\n%s, want\n%s", got, want)
	}
	if _, err := renumber([]byte(two), envelopes[:3]); err == nil {
		t.Error("a group without a number was written")
	}
}

// Everybody takes a partner's numbers from the same sequence, apart by usage.
func TestNumberKeys(t *testing.T) {
	t.Parallel()
	e := storage.OutboundEnvelope{SenderQualifier: "ZZ", SenderID: "US", ReceiverQualifier: "30", ReceiverID: "THEM", Usage: "P"}
	if got := numberKey(&e); got != "ZZ|US|30|THEM|P|" {
		t.Errorf("key %s", got)
	}
}
