package guide_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/fixtures"
)

// TestRememberedPlaces follows files in which segments come again, are left out, come twice or change places: a Scanner whose segments
// are remembered, because they are validated, finds the places that one finds which remembers nothing.
func TestRememberedPlaces(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 22))
	segments, known := 0, 0
	for _, e := range fixtures.Catalog() {
		file, err := fixtures.FS.ReadFile("files/" + e.Name)
		if err != nil {
			t.Fatal(err)
		}
		if len(file) > 20_000 {
			continue
		}
		for range 10 {
			chain := slices.Clone(file)
			for range 6 {
				chain = append(append(chain, shuffle(random, file)...), file...)
			}
			n, k := samePlaces(t, chain)
			if t.Failed() {
				return
			}
			segments, known = segments+n, known+k
		}
	}
	if known < segments/3 {
		t.Errorf("only %d of %d segments were known", known, segments)
	}
}

// shuffle leaves out, doubles and exchanges some segments behind the envelope.
func shuffle(random *rand.Rand, file []byte) []byte {
	list := bytes.SplitAfter(file, []byte("~"))
	for range 1 + random.IntN(3) {
		if len(list) < 8 {
			break
		}
		i, j := 3+random.IntN(len(list)-6), 3+random.IntN(len(list)-6)
		switch random.IntN(3) {
		case 0:
			list = slices.Delete(list, i, i+1)
		case 1:
			list = slices.Insert(list, j, list[i])
		default:
			list[i], list[j] = list[j], list[i]
		}
	}
	return bytes.Join(list, nil)
}

// samePlaces returns the number of segments and of those that were known.
func samePlaces(t *testing.T, file []byte) (segments, known int) {
	t.Helper()
	c := guide.NewChecker(func(edi.Finding) {})
	guide.RememberAtOnce(c)
	with, without := guide.NewScanner(edi.NewReaderBytes(file)), guide.NewScanner(edi.NewReaderBytes(file))
	for without.Next() {
		if !with.Next() {
			t.Fatalf("%s: %v", without.Pos(), with.Err())
		}
		got, k := guide.PlaceOnly(with)
		want, _ := guide.PlaceOnly(without)
		if got != want {
			t.Errorf("%s: %+v, want %+v", with.Pos(), got, want)
			return segments, known
		}
		segments++
		if k {
			known++
		}
		c.Segment(with)
	}
	if with.Next() {
		t.Errorf("%s is one segment too many", with.Pos())
	}
	c.End()
	return segments, known
}

// TestShortSegmentsAreRemembered: also one of seven bytes is known when it comes again.
func TestShortSegmentsAreRemembered(t *testing.T) {
	var b bytes.Buffer
	if _, err := fixtures.Write271(&b, fixtures.Options{Bytes: 100_000, Seed: 2}); err != nil {
		t.Fatal(err)
	}
	c := guide.NewChecker(func(f edi.Finding) { t.Errorf("%+v", f) })
	guide.RememberAtOnce(c)
	sc := guide.NewScanner(edi.NewReaderBytes(b.Bytes()))
	short, known := 0, 0
	for sc.Next() {
		if s := sc.Segment(); s.Is("LS") || s.Is("LE") {
			short++
			if _, was := guide.PlaceOnly(sc); was {
				known++
			}
		}
		c.Segment(sc)
	}
	c.End()
	if short == 0 || known < short/2 {
		t.Errorf("of %d segments LS and LE %d were known", short, known)
	}
}
