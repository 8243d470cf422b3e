package mutationtest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ediport/ediport/edi"
)

// exceptions are trials with an outcome of their own, and why. A line that no longer applies fails the test.
var exceptions = map[string]struct{ outcome, why string }{
	"835 empty 2 BPR*I element 5-0":  {"2 BPR05 - IK403 I9", "an ACH payment names its format"},
	"835 empty 2 BPR*I element 8-0":  {"2 BPR08 - IK403 I9", "an ACH payment names the kind of its accounts"},
	"835 empty 2 BPR*I element 10-0": {"2 BPR10 - IK403 I9", "an ACH payment names its originator"},
	"835 empty 2 BPR*I element 14-0": {"2 BPR14 - IK403 I9", "an ACH payment names the kind of its accounts"},

	"278-response delete 89 HL*EV": {"89 HL 2000F IK304 3", "an event without its HL looks like a service of the event before"},

	"999 delete 19 IK4*3": {"", "the CTX behind it may stand with the IK3"},
	"999 swap 19 IK4*3":   {"", "the CTX before it may stand with the IK3"},
}

// misses are trials that the validator answers with more than one finding, and why that is let be. A line that no longer applies
// fails the test.
var misses = map[string]string{
	"277CA swap 39 DTP*472":      "exchanged with the first segment of the next loop, which has such segments too",
	"278-request swap 57 NM1*PW": "exchanged with the first segment of the next loop, which has such segments too",
	"278-response mistype 2 BHT": "only BHT02, just behind ST, tells a response from a request",
	"278-response delete 2 BHT":  "only BHT02, just behind ST, tells a response from a request",
	"999 swap 12 IK5*A":          "IK5 and AK2 exchanged look like a set without IK5, and one with two",
	"999 swap 13 AK2*270":        "IK5 and AK2 exchanged look like a set without IK5, and one with two",
}

// leastTrials is what the corpus has at least, so that it can't shrink unnoticed.
const leastTrials = 5000

// TestGenerated changes each segment and each element of all documents in each way of [facts.segmentTrials] and
// [facts.elementTrials].
func TestGenerated(t *testing.T) {
	var trials []trial
	for _, name := range documents {
		if name == "TA1" {
			continue // an envelope only
		}
		f := loadFacts(t, name)
		trials = append(trials, f.segmentTrials()...)
		trials = append(trials, f.elementTrials()...)
	}
	used := make(map[string]bool)
	for i := range trials {
		tr := &trials[i]
		if e, known := exceptions[tr.name]; known {
			used[tr.name] = true
			if slices.Contains(tr.allowed, e.outcome) {
				t.Errorf("%s is no exception", tr.name)
			}
			tr.allowed = []string{e.outcome}
		}
	}
	verdicts := runAll(trials)
	exact := 0
	for i, tr := range trials {
		if tr.allowed != nil {
			exact++
		}
		_, known := misses[tr.name]
		switch {
		case known && verdicts[i] == "" && i%5 < share:
			t.Errorf("%s is no miss any more", tr.name)
		case !known && verdicts[i] != "":
			t.Errorf("%s: %s", tr.name, verdicts[i])
		}
		used[tr.name] = used[tr.name] || known
	}
	for name := range exceptions {
		if !used[name] {
			t.Errorf("%s: an exception for no trial", name)
		}
	}
	for name := range misses {
		if !used[name] {
			t.Errorf("%s: a miss of no trial", name)
		}
	}
	t.Logf("%d of 5 of %d trials, %d of them with an exact outcome, %d exceptions, %d misses", share, len(trials), exact, len(exceptions), len(misses))
	if n := len(trials) * share / 5; n < leastTrials {
		t.Errorf("%d trials, want %d at least", n, leastTrials)
	}
}

// runAll judges the trials, or the share of them that this run takes.
func runAll(trials []trial) []string {
	verdicts := make([]string, len(trials))
	const workers = 2
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			for i := w; i < len(trials); i += workers {
				if i%5 < share {
					verdicts[i] = trials[i].judge()
				}
			}
		})
	}
	wait.Wait()
	return verdicts
}

// judge returns what is wrong with the findings; "" if nothing is.
func (tr *trial) judge() string {
	var got []string
	for _, f := range validate(tr.document.Bytes()) {
		if f.Severity != edi.Error && f.SNIP > 2 {
			continue // an odd value may be worth a warning as well
		}
		got = append(got, short(f))
		if tr.allowed == nil && !strings.HasPrefix(f.Code.Kind, "balance.") && (f.Pos.Segment < tr.at || f.Pos.Segment > tr.at+2) {
			return fmt.Sprintf("found %q, which is elsewhere", got)
		}
	}
	slices.Sort(got)
	outcome := strings.Join(got, " + ")
	switch {
	case tr.allowed != nil && !slices.Contains(tr.allowed, outcome):
		return fmt.Sprintf("found %q, want %q", outcome, tr.allowed)
	case tr.allowed == nil && len(got) > 1:
		return fmt.Sprintf("found %q, want one at most", outcome)
	}
	return ""
}
