package tabular_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/corpustest"
	"github.com/ediport/ediport/edi/tabular"
	"github.com/ediport/ediport/fixtures"
)

var update = flag.Bool("update", false, "write the golden files anew")

// A collector keeps rows as maps from column to value.
type collector struct{ rows []map[string]string }

func (c *collector) Begin(*tabular.Table) error { return nil }
func (c *collector) End() error                 { return nil }

func (c *collector) Row(r *tabular.Row) error {
	row := map[string]string{"table": r.Table.Name}
	for i, cell := range r.Cells {
		if !cell.Empty() {
			row[r.Table.Columns[i].Name] = string(cell.Text) + string(bytes.Join(cell.Items, []byte("; ")))
		}
	}
	c.rows = append(c.rows, row)
	return nil
}

func collect(t *testing.T, x12 []byte, o tabular.Options) []map[string]string {
	t.Helper()
	var c collector
	if _, err := tabular.Read(bytes.NewReader(x12), o, &c); err != nil {
		t.Fatal(err)
	}
	return c.rows
}

// sum adds up a column.
func sum(t *testing.T, rows []map[string]string, column string) string {
	t.Helper()
	var s edi.Sum
	for _, row := range rows {
		if row[column] == "" {
			continue
		}
		d, err := edi.ParseDecimal([]byte(row[column]))
		if err != nil {
			t.Fatalf("%s: %q is no number", column, row[column])
		}
		s.Add(d)
	}
	return s.String()
}

// The money columns of the remittance rows add up to what the payments say: nothing is left out and nothing counted twice.
func TestRemittanceAddsUp(t *testing.T) {
	t.Parallel()
	n := 0
	for _, e := range fixtures.Catalog() {
		if e.Set != "835" {
			continue
		}
		n++
		x12, err := fixtures.Open(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]*edi.Sum{}
		for _, sums := range e.Want.Sums {
			for name, value := range sums {
				if want[name] == nil {
					want[name] = new(edi.Sum)
				}
				d, err := edi.ParseDecimal([]byte(value))
				if err != nil {
					t.Fatal(err)
				}
				want[name].Add(d)
			}
		}
		rows := collect(t, x12, tabular.Options{})
		for column, name := range map[string]string{"charge": "charge", "paid": "paid", "provider_adjustment": "provider_adjustments"} {
			if got := sum(t, rows, column); want[name] != nil && got != want[name].String() {
				t.Errorf("%s: Σ %s = %s, want %s", e.Name, column, got, want[name])
			}
		}
		reasons := collect(t, x12, tabular.Options{Tables: []*tabular.Table{tabular.Adjustments}})
		var all edi.Sum
		for _, name := range []string{"adjustments", "provider_adjustments"} {
			if want[name] != nil {
				all.AddSum(want[name])
			}
		}
		if got := sum(t, reasons, "amount"); got != all.String() {
			t.Errorf("%s: Σ amount of adjustments = %s, want %s", e.Name, got, &all)
		}
	}
	if n == 0 {
		t.Error("no 835 among the fixtures")
	}
}

// What a claim has beyond its lines is in a row of its own, so that rows add up to the claims whatever the lines say; so are the
// remarks of the claim in all of its rows.
func TestClaimsBeyondTheirLines(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ claim, charge, paid, rows string }{
		"lines say all":               {"CLP*A*1*100*80*0*MC*K~NM1*QC*1*ROE~MOA***MA18~SVC*HC:99213*100*80~CAS*CO*45*20~", "100", "80", "line"},
		"adjustment of the claim":     {"CLP*A*1*100*70*0*MC*K~CAS*CO*45*10~NM1*QC*1*ROE~MOA***MA18~SVC*HC:99213*100*80~CAS*CO*45*20~", "100", "70", "claim_adjustment line"},
		"adjustment of nothing":       {"CLP*A*1*100*80*0*MC*K~CAS*CO*45*0~NM1*QC*1*ROE~MOA***MA18~SVC*HC:99213*100*80~CAS*CO*45*20~", "100", "80", "claim_adjustment line"},
		"lines say more than paid":    {"CLP*A*1*100*0*0*MC*K~NM1*QC*1*ROE~MOA***MA18~SVC*HC:99213*100*80~CAS*CO*45*20~", "100", "0", "claim_adjustment line"},
		"lines say less than charged": {"CLP*A*1*100*80*0*MC*K~NM1*QC*1*ROE~MOA***MA18~SVC*HC:99213*90*80~CAS*CO*45*10~", "100", "80", "claim_adjustment line"},
		"no lines":                    {"CLP*A*1*100*80*0*MC*K~CAS*CO*45*20~NM1*QC*1*ROE~MOA***MA18~", "100", "80", "claim"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x12 := `ISA*00*          *00*          *ZZ*S              *ZZ*R              *261121*0830*^*00501*000000001*0*P*:~` +
				"GS*HP*S*R*20261121*0830*1*X*005010X221A1~ST*835*0001~BPR*I*80*C*NON************20261121~TRN*1*T*1~" +
				"N1*PR*P~N1*PE*Q*XX*1~LX*1~" + c.claim + "SE*9*0001~GE*1*1~IEA*1*000000001~"
			rows := collect(t, []byte(x12), tabular.Options{})
			var kinds []string
			for _, row := range rows {
				kinds = append(kinds, row["row"])
				if row["claim_remarks"] != "MA18" {
					t.Errorf("remarks of the claim are %q in row %s", row["claim_remarks"], row["row"])
				}
			}
			if got := strings.Join(kinds, " "); got != c.rows {
				t.Errorf("rows %s, want %s", got, c.rows)
			}
			for column, want := range map[string]string{"charge": c.charge, "paid": c.paid} {
				w, err := edi.ParseDecimal([]byte(want))
				if err != nil {
					t.Fatal(err)
				}
				if got, err := edi.ParseDecimal([]byte(sum(t, rows, column))); err != nil || got.Cmp(w) != 0 {
					t.Errorf("Σ %s = %s, want %s", column, got, want)
				}
			}
		})
	}
}

// Golden files show one document of each kind, in each format that people read.
func TestGoldenRows(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"01-835-payment-with-denials", "04-835-takeback-carried-forward", "10-270-roster-inquiry", "11-271-active-member", "13-271-dependent-benefits",
		"14-271-not-found-two-receivers", "15-276-status-requests", "16-277-pending-paid-denied", "18-277CA-accepted-and-rejected",
		"19-278-request", "21-278-certified-in-part", "22-999-accepted-and-rejected", "24-TA1-accepted-and-rejected",
	} {
		x12, err := fixtures.Open(name + ".x12")
		if err != nil {
			t.Fatal(err)
		}
		var csv, ndjson bytes.Buffer
		if _, err := tabular.Read(bytes.NewReader(x12), tabular.Options{}, tabular.NewCSV(&csv, false)); err != nil {
			t.Fatal(err)
		}
		if _, err := tabular.Read(bytes.NewReader(x12), tabular.Options{All: true}, tabular.NewNDJSON(&ndjson)); err != nil {
			t.Fatal(err)
		}
		golden(t, name+".csv", csv.Bytes())
		golden(t, name+".ndjson", ndjson.Bytes())
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}

// Each line is JSON on its own, whatever is in it.
func TestNDJSONIsJSON(t *testing.T) {
	t.Parallel()
	x12 := `ISA*00*          *00*          *ZZ*S              *ZZ*R              *261121*0830*^*00501*000000001*0*P*:~` +
		"GS*HP*S*R*20261121*0830*1*X*005010X221A1~ST*835*0001~BPR*I*.5*C*NON************20261121~TRN*1*A\"\\\xd6B*1~" +
		"N1*PR*P\xc3\x96~N1*PE*Q*XX*1~LX*1~CLP*<A>*1*.5*-.25**MC*K~SE*9*0001~GE*1*1~IEA*1*000000001~"
	var out bytes.Buffer
	if _, err := tabular.Read(strings.NewReader(x12), tabular.Options{All: true}, tabular.NewNDJSON(&out)); err != nil {
		t.Fatal(err)
	}
	var row map[string]any
	if err := json.Unmarshal(out.Bytes(), &row); err != nil {
		t.Fatalf("%v: %s", err, out.Bytes())
	}
	for name, want := range map[string]any{
		"payment_number": "A\"\\\ufffdB", "payer_name": "PÖ", "patient_control_number": "<A>", "charge": 0.5, "paid": -0.25,
	} {
		if row[name] != want {
			t.Errorf("%s = %v, want %v", name, row[name], want)
		}
	}
}

func TestCSVHasNoFormulas(t *testing.T) {
	t.Parallel()
	x12 := `ISA*00*          *00*          *ZZ*S              *ZZ*R              *261121*0830*^*00501*000000001*0*P*:~` +
		"GS*HP*S*R*20261121*0830*1*X*005010X221A1~ST*835*0001~BPR*I*-5*C*NON************20261121~TRN*1*@SUM(A1)*1~" +
		"N1*PR*+CMD~N1*PE*-Q*XX*1~LX*1~CLP*=1+1*1*5*-5**MC*＝K\xff~SE*9*0001~GE*1*1~IEA*1*000000001~"
	var out bytes.Buffer
	if _, err := tabular.Read(strings.NewReader(x12), tabular.Options{}, tabular.NewCSV(&out, true)); err != nil {
		t.Fatal(err)
	}
	text, ok := strings.CutPrefix(out.String(), "\ufeff")
	if !ok {
		t.Error("there is no byte order mark")
	}
	for _, want := range []string{",'=1+1,", ",'@SUM(A1),", ",'+CMD,", ",'-Q,", ",5,-5,", ",'＝K\ufffd,"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing in %s", want, text)
		}
	}
}

// What can't be read ends nothing but its interchange, and is told in the end.
func TestReadGoesOnBehindDamage(t *testing.T) {
	t.Parallel()
	good, err := fixtures.Open("01-835-payment-with-denials.x12")
	if err != nil {
		t.Fatal(err)
	}
	var c collector
	_, err = tabular.Read(bytes.NewReader(append([]byte("ISA*00*~~~\nISA*"+strings.Repeat("x", 600)+"\n"), good...)), tabular.Options{}, &c)
	if !errors.As(err, new(*edi.SyntaxError)) {
		t.Errorf("error %v, want a SyntaxError", err)
	}
	if want := len(collect(t, good, tabular.Options{})); len(c.rows) != want {
		t.Errorf("%d rows, want %d", len(c.rows), want)
	}
}

func TestReadTellsWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	x12, err := fixtures.Open("22-999-accepted-and-rejected.x12")
	if err != nil {
		t.Fatal(err)
	}
	var c collector
	report, err := tabular.Read(bytes.NewReader(x12), tabular.Options{Tables: []*tabular.Table{tabular.Benefits}}, &c)
	if err != nil || len(c.rows) > 0 || report.Left["999"] != 1 {
		t.Errorf("%d rows, report %+v, error %v; want one 999 left out", len(c.rows), report, err)
	}
}

// What the rows of published files count is what their segments count.
func TestCorpusCounts(t *testing.T) {
	corpustest.Each(t, func(t *testing.T, in []byte) bool {
		compareCounts(t, in)
		return true
	})
}

func compareCounts(t *testing.T, in []byte) {
	want, err := counted(in)
	if errors.Is(err, edi.ErrNotX12) {
		return
	}
	got := map[string]int{"SVC": 0, "STC": 0, "EB": 0, "AK2": 0}
	var c collector
	report, readErr := tabular.Read(bytes.NewReader(in), tabular.Options{All: true}, &c)
	if report.Strays > 0 {
		return // of these segments no count is promised, but that there are some is told
	}
	if (err == nil) != (readErr == nil) {
		t.Fatalf("error %v, want %v", readErr, err)
	}
	statements := map[string]bool{}
	for _, row := range c.rows {
		place := row["interchange_control_number"] + "/" + row["group_control_number"] + "/" + row["set_control_number"] + "/" + row["position"]
		switch {
		case row["table"] == "remittance" && row["row"] == "line":
			got["SVC"]++
		case row["table"] == "statuses" && row["category"] != "":
			got["STC"]++
		case row["table"] == "benefits" && row["row"] == "benefit" && !statements[place]:
			statements[place] = true
			got["EB"]++
		case row["table"] == "acknowledgments" && row["row"] == "set":
			got["AK2"]++
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("rows (-segments +rows):\n%s", d)
	}
}

// counted counts the segments of the sets whose guide is known.
func counted(in []byte) (map[string]int, error) {
	n := map[string]int{"SVC": 0, "STC": 0, "EB": 0, "AK2": 0}
	sc := guide.NewScanner(edi.NewReader(bytes.NewReader(in)))
	var first error
	places := map[string]bool{}
	for {
		for sc.Next() {
			s := sc.Segment()
			set := sc.Transaction().Set
			if sc.Guide() == nil && set != "997" {
				continue
			}
			switch tag := s.Tag(); {
			case tag == "SVC" && set == "835", tag == "STC" && set == "277" && s.Value(1) != "", tag == "AK2" && (set == "999" || set == "997"):
				n[tag]++
			case tag == "EB":
				p := s.Pos()
				b, _ := json.Marshal([]any{sc.Interchange().ControlNumber, sc.Group().ControlNumber, sc.Transaction().ControlNumber, p.Segment})
				if !places[string(b)] {
					n[tag]++
				}
				places[string(b)] = true
			}
		}
		err := sc.Err()
		if err == nil || errors.Is(err, edi.ErrNotX12) {
			return n, errors.Join(first, err)
		}
		first = err
	}
}
