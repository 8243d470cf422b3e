package ingest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ediport/ediport/fixtures"
)

// TestSetsWithoutOneOfTheirSegmentsLoad leaves out one segment after the other of each fixture with levels: whatever is missing,
// the load succeeds, and no account gets a row that does not stand in its own units.
func TestSetsWithoutOneOfTheirSegmentsLoad(t *testing.T) {
	if testing.Short() {
		t.Skip("loads several hundred files")
	}
	w := newWorld(t)
	loads := 0
	for _, e := range fixtures.Catalog() {
		if countsOf(e.Set) == nil {
			continue
		}
		b, err := fixtures.Open(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		end := string(b[105]) // the segment terminator
		segments := strings.SplitAfter(string(b), end)
		for i, s := range segments {
			tag := strings.TrimLeft(s, "\r\n")
			if !strings.HasPrefix(tag, "HL") && !strings.HasPrefix(tag, "NM1") && !strings.HasPrefix(tag, "TRN") && !strings.HasPrefix(tag, "EB") {
				continue
			}
			without := strings.Join(segments[:i], "") + strings.Join(segments[i+1:], "")
			if _, state := w.load(t, fmt.Sprint(e.Name, " without segment ", i+1), without); state == "failed" {
				t.Errorf("%s without segment %d: failed", e.Name, i+1)
			}
			loads++
		}
	}
	if loads < 150 {
		t.Errorf("only %d files were loaded", loads)
	}
	checkPlaces(t, w)
	if n := w.text(t, `SELECT count(*) FROM routing_unit a JOIN routing_unit b ON b.set_id = a.set_id AND b.ordinal > a.ordinal AND b.byte_start < a.byte_end`); n != "0" {
		t.Errorf("%s pairs of units overlap", n)
	}
	// No account sees a person of a neighbour: in the fixtures with two accounts, each person is one account's.
	for person, owner := range map[string]int64{"GLIMMERFORD": int64(w.a), "NEVERBELL": int64(w.a), "DUSKWREN": int64(w.b), "OXLIPP": int64(w.b)} {
		n := w.text(t, `SELECT count(*) FROM person_mention m WHERE m.last_name = $1 AND m.account_id NOT IN ($2, $3)`, person, owner, int64(w.unrouted))
		if n != "0" {
			t.Errorf("%s mentions of %s are a neighbour's", n, person)
		}
	}
}
