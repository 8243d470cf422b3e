package original_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ediport/ediport/fixtures"
	"github.com/ediport/ediport/portal/original"
	"github.com/ediport/ediport/portal/original/originaltest"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/cluster/clustertest"
)

func TestMain(m *testing.M) { clustertest.Main(m) }

const twoProviders = "17-277-two-providers.x12"

func scopes(w *originaltest.World) (a, operator storage.Scope) {
	return storage.Scope{Accounts: []storage.AccountID{w.A}, Home: w.Operator, Actor: originaltest.Actor},
		storage.Scope{Operator: w.Operator, Actor: originaltest.Actor}
}

func open(t *testing.T, w *originaltest.World, scope storage.Scope, target storage.OriginalTarget) storage.Original {
	t.Helper()
	o, err := w.DB.Original(t.Context(), scope, target)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// Every segment of a whole file stands where it says, and windows of any length give the same ones.
func TestWholeFile(t *testing.T) {
	t.Parallel()
	w := originaltest.New(t)
	_, operator := scopes(w)
	for _, e := range fixtures.Catalog() {
		content, err := fixtures.Open(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		o := open(t, w, operator, storage.OriginalTarget{File: w.Load(t, e.Name)})
		v, err := original.Segments(t.Context(), w.Archive, o, original.Window{Limit: 2000})
		if err != nil || v.Next != 0 || v.Problem != "" || len(v.Segments) != e.Want.Segments {
			t.Errorf("%s: %d segments, next %d, %q, %v; want %d", e.Name, len(v.Segments), v.Next, v.Problem, err, e.Want.Segments)
		}
		for _, s := range v.Segments {
			if !strings.HasPrefix(string(content[s.Offset:]), s.Text) {
				t.Errorf("%s: the segment at %d reads otherwise", e.Name, s.Offset)
			}
			if s.Gap || s.Context || s.Name == "" || len(s.Elements) == 0 {
				t.Errorf("%s: %s at %d: name %q, %d elements, gap %v, context %v", e.Name, s.Tag, s.Offset, s.Name, len(s.Elements), s.Gap, s.Context)
			}
		}
		n, from := 0, int64(0)
		for {
			part, err := original.Segments(t.Context(), w.Archive, o, original.Window{From: from, Limit: 7})
			if err != nil || len(part.Segments) > 7 {
				t.Fatalf("%s from %d: %d segments, %v", e.Name, from, len(part.Segments), err)
			}
			for i, s := range part.Segments {
				if s.Offset != v.Segments[n+i].Offset || s.Loop != v.Segments[n+i].Loop {
					t.Fatalf("%s: segment %d in windows is another", e.Name, n+i)
				}
			}
			n += len(part.Segments)
			if from = part.Next; from == 0 {
				break
			}
		}
		if n != len(v.Segments) {
			t.Errorf("%s: %d segments in windows, want %d", e.Name, n, len(v.Segments))
		}
	}
}

// An account's part of a set shows where something is left out, and what is its context.
func TestPartOfASet(t *testing.T) {
	t.Parallel()
	w := originaltest.New(t)
	content, err := fixtures.Open(twoProviders)
	if err != nil {
		t.Fatal(err)
	}
	file := w.Load(t, twoProviders)
	for _, c := range []struct {
		name     string
		account  storage.AccountID
		neighbor fixtures.Account
		gap      bool // B's loop stands behind A's
	}{{"A", w.A, fixtures.AccountB, false}, {"B", w.B, fixtures.AccountA, true}} {
		scope := storage.Scope{Accounts: []storage.AccountID{c.account}, Home: w.Operator, Actor: originaltest.Actor}
		v, err := original.Segments(t.Context(), w.Archive, open(t, w, scope, storage.OriginalTarget{File: file}), original.Window{})
		if err != nil || v.Problem != "" {
			t.Fatalf("%s: %v, %q", c.name, err, v.Problem)
		}
		own, context, gaps := 0, 0, 0
		for _, s := range v.Segments {
			switch {
			case !strings.HasPrefix(string(content[s.Offset:]), s.Text):
				t.Errorf("%s: the segment at %d reads otherwise", c.name, s.Offset)
			case strings.Contains(s.Text, c.neighbor.NPI):
				t.Errorf("%s: a neighbour's segment is shown", c.name)
			case s.Context:
				context++
			case s.Loop == "" || s.LoopName == "":
				t.Errorf("%s: %s at %d has lost its loop", c.name, s.Tag, s.Offset)
			default:
				own++
			}
			if s.Gap {
				gaps++
			}
		}
		if v.Segments[0].Tag != "ISA" || !v.Segments[0].Context || own == 0 || context < 4 || (gaps > 0) != c.gap {
			t.Errorf("%s: %d own segments, %d of context, %d gaps", c.name, own, context, gaps)
		}
	}
}

// A figure leads to its segment, whose elements carry the guide's names and the meaning of codes.
func TestSegmentOfAClaim(t *testing.T) {
	t.Parallel()
	w := originaltest.New(t)
	w.Load(t, "07-835-two-payees.x12")
	a, _ := scopes(w)
	claims, _, err := w.DB.Claims(t.Context(), a, storage.ClaimFilter{PatientControlNumber: "CHF-20502"}, storage.Page{})
	if err != nil || len(claims) != 1 {
		t.Fatalf("%d claims, %v", len(claims), err)
	}
	v, err := original.Segments(t.Context(), w.Archive, open(t, w, a, storage.OriginalTarget{Claim: claims[0].ID}), original.Window{})
	if err != nil {
		t.Fatal(err)
	}
	found, gap := false, false
	for _, s := range v.Segments {
		gap = gap || s.Gap
		if s.Offset != claims[0].ByteOffset {
			continue
		}
		found = true
		if s.Tag != "CLP" || s.Loop != "2100" || s.Context || !s.Gap || s.Elements[0].Value != "CHF-20502" || s.Elements[1].Ref != "CLP02" || s.Elements[1].Text == "" || s.Elements[1].Name == "" {
			t.Errorf("the claim's segment reads %+v", s)
		}
	}
	if !found || !gap {
		t.Errorf("the claim's segment: %v, a gap before it: %v", found, gap)
	}
}

func TestPurged(t *testing.T) {
	t.Parallel()
	w := originaltest.New(t)
	if _, err := original.Segments(t.Context(), w.Archive, storage.Original{Purged: true}, original.Window{}); !errors.Is(err, original.ErrPurged) {
		t.Errorf("%v, want ErrPurged", err)
	}
}

// What is no X12 is said, not shown.
func TestNotX12(t *testing.T) {
	t.Parallel()
	w := originaltest.New(t)
	_, operator := scopes(w)
	file := originaltest.LoadBytes(t, w.DB, w.Archive, w.Operator, "report.txt", []byte("Nothing was paid today.\n"))
	v, err := original.Segments(t.Context(), w.Archive, open(t, w, operator, storage.OriginalTarget{File: file}), original.Window{})
	if err != nil || len(v.Segments) != 0 || v.Next != 0 {
		t.Errorf("%d segments, %v", len(v.Segments), err)
	}
}
