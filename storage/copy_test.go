package storage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/edi"
)

// nasty holds what breaks a careless COPY: its escapes, its NULL and end marks, quotes, braces, line
// ends, control characters and several-byte letters.
const nasty = "a\tb\\N\n\\.\r{\"x\",'y'}\x01\x1f \\\\ ÑÜ 漢 😀 \\x41"

// checked gives the columns that a CHECK constrains a value they allow.
var checked = map[string]string{
	"interchange.disposition": "held", "functional_group.disposition": "loaded", "functional_group.acknowledgment": "E",
	"transaction_set.verdict": "accepted", "transaction_set.disposition": "loaded", "transaction_set.acknowledgment": "A",
	"routing_unit.kind": "patient", "routing_unit.routed_by": "npi", "finding.severity": "error",
	"acknowledgment.kind": "999", "payment.duplicate_kind": "conflict",
	"eligibility_answer.person": "dependent", "eligibility_answer.status": "active", "benefit_detail.kind": "entity",
	"claim_status_answer.kind": "277CA", "claim_status_answer.person": "patient", "claim_status.level": "line",
	"authorization_event.kind": "response", "authorization_event.person": "subscriber", "authorization_event.outcome": "mixed",
	"authorization_decision.source": "response",
	"inquiry.direction":             "out", "inquiry.kind": "276", "inquiry.person": "dependent", "inquiry.state": "sent",
	"person_mention.kind": "status", "person_mention.role": "insured",
}

// Every encoder of every table, filled and empty: what is read back is what was given.
func TestLoaderRoundTrip(t *testing.T) {
	t.Parallel()
	for _, full := range []bool{true, false} {
		db := openTestDB(t)
		w := newTestWorld(t, db)
		for table, name := range loadTableNames {
			row := reflect.New(rowType(t, table))
			want := fillRow(t, name, row.Elem(), full)
			load(t, db, w.operator, func(ctx context.Context, _ *LoadTx, l *Loader) error {
				out := loaderMethod(l, table).Call([]reflect.Value{reflect.ValueOf(ctx), row})
				err, _ := out[0].Interface().(error)
				return err
			})
			got := ownerRows[string](t, db, `SELECT to_jsonb(t)::text FROM `+name+` t`)
			if len(got) != 1 {
				t.Fatalf("%s: %d rows", name, len(got))
			}
			compareRow(t, name, got[0], want)
		}
	}
}

// loaderMethod finds the method of a table by its row type: PaymentRow is loaded by Payment.
func loaderMethod(l *Loader, table int) reflect.Value {
	return reflect.ValueOf(l).MethodByName(loaderMethodName(table))
}

func loaderMethodName(table int) string {
	switch name := loadTableNames[table]; name {
	case "functional_group":
		return "Group"
	case "transaction_set":
		return "Set"
	case "transaction_set_summary":
		return "SetSummary"
	case "transaction_set_account":
		return "SetAccount"
	case "routing_unit":
		return "Unit"
	default:
		parts := strings.Split(name, "_")
		for i, p := range parts {
			parts[i] = strings.ToUpper(p[:1]) + p[1:]
		}
		return strings.Join(parts, "")
	}
}

func rowType(t *testing.T, table int) reflect.Type {
	m, ok := reflect.TypeFor[*Loader]().MethodByName(loaderMethodName(table))
	if !ok {
		t.Fatalf("the loader has no method for %s", loadTableNames[table])
	}
	return m.Type.In(2).Elem()
}

// fillRow gives each field a value of its own, or leaves out all that may be left out, and returns
// what the database should say, by column. A column that is absent from the result must be NULL.
func fillRow(t *testing.T, table string, row reflect.Value, full bool) map[string]string {
	t.Helper()
	want := map[string]string{}
	for i := range row.NumField() {
		f, column := row.Field(i), row.Type().Field(i).Tag.Get("db")
		n := i + 2
		allowed, isChecked := checked[table+"."+column]
		switch f.Interface().(type) {
		case string:
			v := nasty
			if isChecked {
				v = allowed
			} else if !full {
				v = ""
			}
			f.SetString(v)
			want[column] = v
		case edi.Text:
			if full {
				f.SetBytes([]byte(nasty))
				want[column] = nasty
			} else {
				want[column] = ""
			}
		case []edi.Text:
			if full {
				f.Set(reflect.ValueOf([]edi.Text{edi.Text(nasty), edi.Text("NULL"), edi.Text(""), edi.Text(`"\`)}))
				want[column] = fmt.Sprint([]any{nasty, "NULL", "", `"\`})
			} else {
				want[column] = "[]"
			}
		case []int64:
			want[column] = "[]"
			if full {
				f.Set(reflect.ValueOf([]int64{1, int64(n)}))
				want[column] = fmt.Sprint([]any{1, n})
			}
		case []byte:
			fillBytes(table, column, f, full, want)
		case edi.Decimal:
			f.Set(reflect.ValueOf(edi.NewDecimal(int64(-n*10001), 4)))
			want[column] = edi.NewDecimal(int64(-n*10001), 4).String()
		case NullDecimal:
			if full {
				f.Set(reflect.ValueOf(Some(edi.NewDecimal(int64(n*10001), 4))))
				want[column] = edi.NewDecimal(int64(n*10001), 4).String()
			}
		case edi.Date:
			if full {
				d, err := edi.ParseDate([]byte("19520229"))
				if err != nil {
					t.Fatal(err)
				}
				f.Set(reflect.ValueOf(d))
				want[column] = "1952-02-29"
			}
		case time.Time:
			f.Set(reflect.ValueOf(time.Date(2026, 3, 8, 2, 30, n, 123456000, time.FixedZone("", -5*3600))))
			want[column] = fmt.Sprintf("2026-03-08T07:30:%02d.123456+00:00", n)
		case bool:
			f.SetBool(full)
			want[column] = fmt.Sprint(full)
		case NullInt:
			if full {
				f.Set(reflect.ValueOf(NullInt{Int: 0, Valid: true}))
				want[column] = "0"
			}
		default: // ids and counts
			if full || isChecked {
				f.SetInt(int64(n))
			}
			want[column] = fmt.Sprint(f.Int())
		}
	}
	return want
}

func fillBytes(table, column string, f reflect.Value, full bool, want map[string]string) {
	switch {
	case column == "extra" || column == "summary":
		if full {
			f.SetBytes([]byte(`{"k": "tab\t \"quoted\" é"}`))
			want[column] = fmt.Sprint(map[string]any{"k": "tab\t \"quoted\" é"})
		} else if column == "summary" {
			want[column] = "map[]"
		}
	case full:
		f.SetBytes([]byte{0, '\\', 0xff, '\n'})
		want[column] = `\x005cff0a`
	default:
		want[column] = `\x`
	}
}

// compareRow treats the empty value of a nullable column as the NULL it becomes.
func compareRow(t *testing.T, table, got string, want map[string]string) {
	t.Helper()
	var columns map[string]any
	d := json.NewDecoder(strings.NewReader(got))
	d.UseNumber()
	if err := d.Decode(&columns); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for column, w := range want {
		g, ok := columns[column]
		if !ok {
			t.Errorf("%s.%s: no such column", table, column)
			continue
		}
		seen++
		if g == nil && (w == "" || w == "0" || w == "[]") {
			continue
		}
		text := fmt.Sprint(g)
		if strings.HasSuffix(text, "00") && strings.HasPrefix(text, strings.TrimSuffix(w, "00")) && strings.Contains(text, ".") {
			text = w // numeric(18,6) shows zeros behind
		}
		if text != w {
			t.Errorf("%s.%s: read back %q, want %q", table, column, text, w)
		}
	}
	if seen == 0 {
		t.Errorf("%s: no column compared", table)
	}
}

func TestCopyText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"plain", "SMITH", "SMITH"},
		{"escapes", "a\\b\tc\nd\re", `a\\b\tc\nd\re`},
		{"NUL can't be kept", "a\x00b", "a�b"},
		{"UTF-8 stays", "MUÑOZ 漢", "MUÑOZ 漢"},
		{"Latin-1 is read as such", "MU\xd1OZ", "MUÑOZ"},
		{"control of Latin-1", "a\x85b", "a�b"},
		{"broken sequence", "\xe6\xbc", "æ¼"},
		{"encoded surrogate", "\xed\xa0\x80", "í\u00a0�"},
	} {
		if got := string(appendCopyText(nil, []byte(c.in))); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if got := string(appendCopyText(nil, c.in)); got != c.want {
			t.Errorf("%s, as string: %q, want %q", c.name, got, c.want)
		}
	}
}

func FuzzCopyText(f *testing.F) {
	f.Add([]byte(nasty))
	f.Add([]byte("\x00\xff\\"))
	f.Fuzz(func(t *testing.T, in []byte) {
		out := appendCopyText(nil, in)
		if bytes.ContainsAny(out, "\t\n\r\x00") {
			t.Errorf("%q → %q would end the field or the row", in, out)
		}
		if !bytes.Equal(bytes.ToValidUTF8(out, nil), out) {
			t.Errorf("%q → %q is not UTF-8", in, out)
		}
	})
}

func TestFits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text            string
		money, quantity bool
	}{
		{"0", true, true},
		{"-12.50", true, true},
		{"0.1234", true, true},
		{"0.12345", false, true},
		{"0.123400", true, true},
		{"0.1234567", false, false},
		{"99999999999999", true, false},
		{"100000000000000", false, false},
		{"-99999999999999.9999", true, false},
		{"999999999999.999999", false, true},
		{"1000000000000", true, false},
	} {
		d, err := edi.ParseDecimal([]byte(c.text))
		if err != nil {
			t.Fatal(err)
		}
		if FitsMoney(d) != c.money || FitsQuantity(d) != c.quantity {
			t.Errorf("%s: money %v, quantity %v, want %v, %v", c.text, FitsMoney(d), FitsQuantity(d), c.money, c.quantity)
		}
	}
}

// A number that a column can't keep is never rounded: a nullable column stays empty and is counted, any
// other ends the load.
func TestUnfitNumbers(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	odd := edi.NewDecimal(123456, 5)
	load(t, db, w.operator, func(ctx context.Context, _ *LoadTx, l *Loader) error {
		err := l.ServiceLine(ctx, &ServiceLineRow{AccountID: w.a, ClaimID: 1, LineNo: 1, Charge: Some(odd)})
		if l.Unfit() != 1 {
			t.Errorf("unfit = %d, want 1", l.Unfit())
		}
		return err
	})
	if got := ownerRows[bool](t, db, `SELECT charge IS NULL FROM service_line`); len(got) != 1 || !got[0] {
		t.Errorf("the line's charge is not NULL: %v", got)
	}
	err := db.InLoad(t.Context(), w.operator, testActor, func(tx *LoadTx) error {
		return tx.Loader().Adjustment(t.Context(), &AdjustmentRow{AccountID: w.a, ClaimID: 1, Amount: odd})
	})
	var unfit *UnfitError
	if !errors.As(err, &unfit) || unfit.Table != "adjustment" || unfit.Column != "amount" {
		t.Errorf("error %v, want an UnfitError of adjustment.amount", err)
	}
}

// Rounds of several megabytes, chunks cut at row ends, a row longer than a chunk.
func TestLoaderManyRows(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	const n = 60_000
	long := bytes.Repeat([]byte("漢\t"), 40_000)
	load(t, db, w.operator, func(ctx context.Context, _ *LoadTx, l *Loader) error {
		for i := range n {
			row := AdjustmentRow{AccountID: w.a, ClaimID: int64(i), AdjNo: 1, GroupCode: edi.Text("CO"), ReasonCode: edi.Text("45"), Amount: edi.NewDecimal(1, 2)}
			if i == n/2 {
				row.ReasonCode = long
			}
			if err := l.Adjustment(ctx, &row); err != nil {
				return err
			}
		}
		if l.Rows() != n {
			t.Errorf("rows = %d", l.Rows())
		}
		return nil
	})
	type sums struct {
		N    int    `db:"n"`
		Sum  string `db:"sum"`
		Long int    `db:"long"`
	}
	got := ownerRows[sums](t, db, `SELECT count(*) AS n, sum(amount) AS sum, max(length(reason_code)) AS long FROM adjustment`)
	if want := (sums{n, "600.0000", 80_000}); got[0] != want {
		t.Errorf("%+v, want %+v", got[0], want)
	}
}

func TestLoaderErrorNamesPlaceNotValue(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	err := db.InLoad(t.Context(), w.operator, testActor, func(tx *LoadTx) error {
		l := tx.Loader()
		for range 2 {
			row := &PersonMentionRow{AccountID: w.a, LastName: edi.Text("SECRETNAME"), Kind: "claim", Role: "patient", RowID: 1}
			if err := l.PersonMention(t.Context(), row); err != nil {
				return err
			}
		}
		return l.Flush(t.Context())
	})
	if !errors.Is(err, ErrConflict) {
		t.Errorf("error %v, want ErrConflict", err)
	}
	if strings.Contains(fmt.Sprintf("%v %+v", err, err), "SECRET") {
		t.Errorf("the error quotes a value: %v", err)
	}
	for _, part := range []string{"person_mention", "row 2 of 2", "or before"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not say %q", err, part)
		}
	}
}

func TestLoaderAddsRowsWithoutAllocating(t *testing.T) {
	l := &Loader{limit: roundBytes}
	for i := range l.tables {
		l.tables[i].table = i
	}
	claim := ClaimPaymentRow{
		AccountID: 1, ID: 2, PatientControlNumber: edi.Text("PCN\t1"), StatusCode: edi.Text("1"), Usage: "P",
		Charge: edi.NewDecimal(12345, 2), PatientResponsibility: Some(edi.NewDecimal(1, 0)), PatientLastName: edi.Text("MU\xd1OZ"),
		RemarkCodes: []edi.Text{edi.Text("MA01")}, Extra: []byte(`{"a":1}`),
	}
	payment := PaymentRow{AccountID: 1, ReceivedAt: time.Now(), KeyHash: make([]byte, 32)}
	ctx := context.Background()
	round := func() {
		if err := errors.Join(l.ClaimPayment(ctx, &claim), l.Payment(ctx, &payment)); err != nil {
			t.Fatal(err)
		}
		for i := range l.tables {
			l.tables[i].buf = l.tables[i].buf[:0]
		}
		l.size = 0
	}
	round()
	if n := testing.AllocsPerRun(100, round); n > 0 {
		t.Errorf("%v allocations for two rows, want 0", n)
	}
}
