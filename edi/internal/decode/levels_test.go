package decode

import (
	"bytes"
	"slices"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/parts"
	"github.com/ediport/ediport/fixtures"
)

// TestContinue checks that Continue says and does what Take and Enter would, in a 271 from which each of its first segments in turn is
// missing, and in one in which each in turn stands twice.
func TestContinue(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	if _, err := fixtures.Write271(&file, fixtures.Options{Bytes: 8000, Seed: 7}); err != nil {
		t.Fatal(err)
	}
	list := bytes.SplitAfter(file.Bytes(), []byte("~"))
	const most = 60
	sure := compareLevels(t, "whole", file.Bytes())
	if total := len(list) - 1; sure < total/2 || sure == total {
		t.Errorf("Continue was sure of %d of %d segments", sure, total)
	}
	for i := 2; i < min(len(list), most); i++ { // ISA and GS stay
		tag, _, _ := bytes.Cut(list[i], []byte("*"))
		without := slices.Delete(slices.Clone(list), i, i+1)
		compareLevels(t, "without "+string(tag), bytes.Join(without, nil))
		twice := slices.Insert(slices.Clone(list), i, list[i])
		compareLevels(t, "twice "+string(tag), bytes.Join(twice, nil))
	}
}

// compareLevels returns how often Continue was sure.
func compareLevels(t *testing.T, name string, x12 []byte) (sure int) {
	t.Helper()
	kinds := NewKinds(map[string]uint8{"2000A": 1, "2100A": 1, "2000B": 2, "2100B": 2, "2000C": 3, "2100C": 3, "2110C": 5, "2000D": 4, "2100D": 4}, 9)
	levels := func() *Levels {
		return &Levels{Resolver: Resolver{Kinds: kinds}, Ranks: NewRanks(map[uint8]int{1: 0, 2: 1, 3: 2, 4: 3}), People: [MaxKinds]bool{3: true, 4: true}}
	}
	long, short := levels(), levels()
	for sc := guide.NewScanner(edi.NewReaderBytes(x12)); sc.Next(); {
		if sc.Guide() == nil {
			continue
		}
		s, at := sc.Segment(), sc.Place()
		kind, tag, begins := long.Take(&s, at)
		if begins != EndsAll {
			long.Enter(&s, at, kind, begins)
		}
		gotKind, gotTag, ok := short.Continue(&s, at)
		gotBegins := BeginsNothing
		if ok {
			sure++
			if short.rank >= 0 {
				short.Extend(s)
			}
		} else if gotKind, gotTag, gotBegins = short.Take(&s, at); gotBegins != EndsAll {
			short.Enter(&s, at, gotKind, gotBegins)
		}
		if gotKind != kind || gotTag != tag || gotBegins != begins || !sameLevels(long, short) {
			t.Errorf("%s, %s: %d %d %d at %v, want %d %d %d at %v", name, s.Pos(), gotKind, gotTag, gotBegins, short.Current(), kind, tag, begins, long.Current())
		}
	}
	return sure
}

func sameLevels(a, b *Levels) bool {
	first, above := a.Level(nil)
	second, above2 := b.Level(nil)
	return first == second && slices.Equal[[]parts.Level](above, above2) && a.rank == b.rank && a.stray == b.stray && a.named == b.named && a.open == b.open
}
