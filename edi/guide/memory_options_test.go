package guide_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/codes"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/fixtures"
)

// TestRememberedUnderOptions checks files in which segments come again while levels, limits, a partner's rules and an outside list change
// from set to set, by two Checkers that follow one Scanner with options of their own: what is remembered changes nothing that is found. Not
// parallel, because lists are shared by all.
func TestRememberedUnderOptions(t *testing.T) {
	rules, err := guide.ReadPartnerRules(strings.NewReader(`{"partner":"p","rules":[
		{"name":"a","guide":"835","loop":"2100","segment":"CLP","element":8,"require":true},
		{"name":"b","guide":"835","loop":"2110","segment":"REF","qualifier":"6R","forbid":true},
		{"name":"c","guide":"271","loop":"2110C","segment":"EB","element":3,"codes":["30"]},
		{"name":"d","guide":"271","loop":"2100C","segment":"DTP","element":3,"max_length":8},
		{"name":"e","guide":"270","loop":"2100C","segment":"NM1","qualifier":"IL","element":9,"pattern":"W[0-9]{9}"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(56, 12))
	found := 0
	for _, file := range remembered(t) {
		chain := slices.Clone(file)
		for range 8 {
			next := file
			if random.IntN(2) == 0 {
				next = mutate(random, file)
			}
			if random.IntN(4) == 0 {
				next = bytes.ReplaceAll(next, []byte("~"), []byte("~\r\n"))
			}
			chain = append(append(chain, next...), file...)
		}
		seed := random.Uint64()
		got, want := optionally(t, chain, rules, seed, guide.RememberAtOnce), optionally(t, chain, rules, seed, guide.RememberNothing)
		for i := range max(len(got), len(want)) {
			if i >= len(got) || i >= len(want) || got[i] != want[i] {
				t.Fatalf("finding %d of %d is %+v, of %d without memory %+v, in %q", i, len(got), got[min(i, len(got)):min(i+1, len(got))],
					len(want), want[min(i, len(want)):min(i+1, len(want))], chain)
			}
		}
		found += len(got)
	}
	if found < 500 {
		t.Errorf("only %d findings", found)
	}
}

// optionally checks a file with options that change from set to set, always alike for one seed.
func optionally(t *testing.T, file []byte, rules *guide.PartnerRules, seed uint64, remember func(*guide.Checker)) (findings []edi.Finding) {
	t.Helper()
	defer func() {
		if err := codes.Restore(codes.HCPCS); err != nil {
			t.Error(err)
		}
	}()
	random := rand.New(rand.NewPCG(seed, 1))
	var checkers [2]*guide.Checker
	for i := range checkers {
		checkers[i] = guide.NewChecker(func(f edi.Finding) {
			f.Message += string(rune('A' + i))
			findings = append(findings, f)
		})
		remember(checkers[i])
	}
	r := edi.NewReaderBytes(file)
	if seed%2 == 0 {
		r = edi.NewReader(iotest.HalfReader(bytes.NewReader(file)))
	}
	r.Report = checkers[0].Report
	sc := guide.NewScanner(r)
	for range len(file) + 10 {
		if !sc.Next() {
			if sc.Err() == nil {
				break
			}
			continue
		}
		if sc.Segment().Ordinal() == 1 {
			choose(t, random, rules, checkers[:])
		}
		for _, c := range checkers {
			c.Segment(sc)
		}
	}
	for _, c := range checkers {
		c.End()
	}
	return findings
}

// choose sets options for the next set.
func choose(t *testing.T, random *rand.Rand, rules *guide.PartnerRules, checkers []*guide.Checker) {
	t.Helper()
	for _, c := range checkers {
		c.Levels = []guide.Levels{0, guide.NewLevels(1), guide.NewLevels(1, 2, 3), guide.NewLevels(4, 7), guide.NewLevels(2, 5)}[random.IntN(5)]
		c.MaxFindings = random.IntN(2) * random.IntN(3)
		if c.Partner = nil; random.IntN(2) == 0 {
			c.Partner = rules
		}
	}
	if random.IntN(3) > 0 {
		return
	}
	code := []string{"99213", "99214"}[random.IntN(2)]
	if err := codes.Replace(codes.HCPCS, strings.NewReader("code,short,start,stop\n"+code+",visit,,\n")); err != nil {
		t.Fatal(err)
	}
}

// remembered returns files of many guides.
func remembered(t *testing.T) (files [][]byte) {
	t.Helper()
	for _, e := range fixtures.Catalog() {
		x12, err := fixtures.Open(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, x12)
	}
	for _, d := range []document{payment, answer, inquiry, decision} {
		files = append(files, []byte(d.file()))
	}
	return append(files, corpusFiles(t)...)
}
