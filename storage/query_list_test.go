package storage

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/edi"
)

// seedPayments loads payments whose dates repeat, whose every fifth has none and whose every seventh
// is test data, into accounts by turns, and returns the ids in the list's order.
func seedPayments(t *testing.T, db *DB, w testWorld, n int) []int64 {
	t.Helper()
	type row struct {
		id  int64
		day string
	}
	var rows []row
	load(t, db, w.operator, func(ctx context.Context, _ *LoadTx, l *Loader) error {
		for i := 1; i <= n; i++ {
			r := &PaymentRow{
				AccountID: []AccountID{w.a, w.b, w.a}[i%3], ID: int64(i), OperatorID: w.operator, Usage: "P", ReceivedAt: time.Now(), Counted: true,
				TraceNumber: edi.Text(fmt.Sprint("T", i)), Amount: edi.NewDecimal(int64(i), 0), Balanced: i%50 == 0,
			}
			day := ""
			if i%5 != 0 {
				day = fmt.Sprintf("2026-01-%02d", i%9+1)
				r.PaymentDate, _ = edi.ParseDate([]byte(day[:4] + day[5:7] + day[8:]))
			}
			if i%7 == 0 {
				r.Usage = "T"
			} else {
				rows = append(rows, row{int64(i), day})
			}
			if err := l.Payment(ctx, r); err != nil {
				return err
			}
		}
		return nil
	})
	slices.SortFunc(rows, func(a, b row) int {
		undated := func(r row) int {
			if r.day == "" {
				return 0
			}
			return 1
		}
		switch {
		case undated(a) != undated(b):
			return undated(a) - undated(b)
		case a.day != b.day && a.day < b.day:
			return 1
		case a.day != b.day:
			return -1
		default:
			return int(b.id - a.id)
		}
	})
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.id
	}
	return ids
}

// Whatever the page's length and the window that a page looks through, the pages together are the
// whole list in order.
func TestListPages(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	want := seedPayments(t, db, w, 400)
	scope := Scope{Accounts: []AccountID{w.a, w.b}, Home: w.operator}
	for _, limit := range []int{1, 3, 10, 57, 500} {
		for _, window := range []int{1, 40, listWindow} {
			for _, c := range []struct {
				name    string
				filters []condition
				keep    func(int64) bool
			}{
				{"all", nil, func(int64) bool { return true }},
				{"one in fifty", []condition{where("t.balanced")}, func(id int64) bool { return id%50 == 0 }},
				{"none", []condition{where("t.amount = ?::numeric", "-1")}, func(int64) bool { return false }},
			} {
				got, pages := walkPayments(t, db, scope, limit, window, c.filters)
				wanted := slices.DeleteFunc(slices.Clone(want), func(id int64) bool { return !c.keep(id) })
				if !slices.Equal(got, wanted) {
					t.Errorf("%s, limit %d, window %d: %v, want %v", c.name, limit, window, got, wanted)
				}
				if c.name != "all" && window == 1 && limit == 1 && pages < 20 {
					t.Errorf("%s: %d pages, a window bounds none of them", c.name, pages)
				}
			}
		}
	}
}

func walkPayments(t *testing.T, db *DB, scope Scope, limit, window int, filters []condition) (ids []int64, pages int) {
	t.Helper()
	page := Page{Limit: limit}
	for {
		pages++
		rows, next, err := plainList[Remittance](t.Context(), db, scope, listPlan{
			name: "test", part: "t.account_id", parts: scope.accountParts(0), from: "payment t", joins: paymentJoins,
			orderings: byPaymentDate, desc: true, filters: append([]condition{where("t.usage = ?", "P")}, filters...), window: window,
		}, page)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) > limit {
			t.Fatalf("%d rows on a page of %d", len(rows), limit)
		}
		for _, r := range rows {
			ids = append(ids, r.ID)
		}
		if next == "" || pages > 2000 {
			return ids, pages
		}
		page.Cursor = next
	}
}

// A page is answered by the list's index, without sorting or scanning a table.
func TestListUsesItsIndex(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	seedPayments(t, db, w, 3000)
	if _, err := db.owner.ExecContext(t.Context(), `ANALYZE payment`); err != nil {
		t.Fatal(err)
	}
	plan := listPlan{
		name: "test", part: "t.account_id", parts: []int64{int64(w.a), int64(w.b)}, from: "payment t", joins: paymentJoins,
		orderings: byPaymentDate, desc: true, filters: []condition{where("t.usage = ?", "P")},
	}
	query, args := plan.statement(1, []string{"2026-01-05", "200"}, nil, 51, columnsOf[Remittance](false))
	err := db.InScopeRead(t.Context(), Scope{Accounts: []AccountID{w.a, w.b}}, func(tx *Tx) error {
		var lines []string
		if err := tx.list(t.Context(), &lines, `EXPLAIN `+query, args...); err != nil {
			return err
		}
		scans := 0
		for _, l := range lines {
			if strings.Contains(l, "Scan using payment_by_date on payment") {
				scans++
			}
			if strings.Contains(l, "Seq Scan on payment") {
				t.Errorf("the plan scans the table: %q", lines)
			}
		}
		if scans == 0 {
			t.Errorf("the plan does not use the index: %q", lines)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestNumericText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, money, quantity string }{
		{"100.0000", "100.00", "100"},
		{"-3.1250", "-3.125", "-3.125"},
		{"0.0000", "0.00", "0"},
		{"12", "12.00", "12"},
		{"0.200000", "0.20", "0.2"},
	} {
		var m Money
		var q Quantity
		if err := m.Scan([]byte(c.in)); err != nil || string(m) != c.money {
			t.Errorf("money of %s: %q, %v, want %q", c.in, m, err, c.money)
		}
		if err := q.Scan(c.in); err != nil || string(q) != c.quantity {
			t.Errorf("quantity of %s: %q, %v, want %q", c.in, q, err, c.quantity)
		}
	}
	var m Money
	if err := m.Scan(nil); err != nil || m != "" || m.Sign() != 0 {
		t.Errorf("no amount: %q, %v", m, err)
	}
	if err := m.Scan(1.5); err == nil {
		t.Error("a float was taken for an amount")
	}
}

func TestPrefixEnd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ prefix, want string }{{"SMITH", "SMITI"}, {"Z", "["}, {"A\U0010FFFF", "B"}, {"\uD7FF", "\uE000"}} {
		if got := prefixEnd(c.prefix); got != c.want || got <= c.prefix {
			t.Errorf("prefixEnd(%q) = %q, want %q", c.prefix, got, c.want)
		}
	}
}

func TestMergeRanges(t *testing.T) {
	t.Parallel()
	got := mergeRanges([]ByteRange{{50, 60}, {0, 10}, {10, 20}, {5, 8}, {30, 30}, {55, 70}})
	if want := []ByteRange{{0, 20}, {50, 70}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
