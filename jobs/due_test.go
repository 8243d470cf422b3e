package jobs

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// anyRule is one of many shapes of rules.
func anyRule(t *testing.T, random *rand.Rand) (Rule, string) {
	t.Helper()
	one := func(texts ...string) string { return texts[random.IntN(len(texts))] }
	s := aSchedule(
		one("30 6 * * *", "0 * * * *", "*/20 * * * *", "15 2,3 * * *", "0 5 1,15 * *", "at 00:15,01:30,02:30,23:30", "@every 25m", "@every 7h", "@every 90s"),
		one(newYork, "UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Tokyo"),
		one(`{}`, `{"business_days": true}`, `{"business_days": true, "calendars": [1, 2]}`, `{"business_days": true, "shift": "next"}`,
			`{"business_days": true, "shift": "previous"}`, `{"open": [{"from": "22:00", "to": "03:00"}]}`,
			`{"blackout": [{"days": ["sun"], "from": "01:00", "to": "05:00"}]}`),
	)
	s.JitterSeconds = []int{0, 0, 30, 600, 3600}[random.IntN(5)]
	s.Missed = one("once", "skip", "all")
	s.MissedLimit = 1 + random.IntN(12)
	rule := mustRule(t, s)
	return rule, fmt.Sprintf("%s %s %s, jitter %d s, %s up to %d", s.Spec, s.Zone, s.Windows, s.JitterSeconds, s.Missed, s.MissedLimit)
}

// TestEachDueTimeOnce: whenever ticks come, late, early or with a clock that is put back, each due time
// either runs once or is counted as missed, in order, and never before its start.
func TestEachDueTimeOnce(t *testing.T) {
	t.Parallel()
	const rounds = 60
	ran := 0
	for seed := range uint64(rounds) {
		random := rand.New(rand.NewPCG(seed, 1))
		rule, name := anyRule(t, random)
		// Around one of the changes of the clocks.
		begin := []string{"2026-03-04 12:00 +0000", "2026-10-22 12:00 +0000", "2026-11-20 12:00 +0000"}[random.IntN(3)]
		h := &ticked{t: t, rule: rule, name: fmt.Sprintf("seed %d: %s", seed, name), now: at(t, begin)}
		h.due = rule.Next(h.now)
		h.first = h.due
		for end := h.now.AddDate(0, 0, 16); h.now.Before(end) && !h.due.IsZero(); {
			h.tick(random)
		}
		h.check()
		ran += len(h.runs)
	}
	if ran < 10*rounds {
		t.Errorf("%d runs in %d rounds: the test hardly tests", ran, rounds)
	}
}

// A ticked is a schedule that is looked at from time to time.
type ticked struct {
	t          *testing.T
	rule       Rule
	name       string
	first, due time.Time
	now        time.Time
	runs       []time.Time
	missed     int
}

func (h *ticked) tick(random *rand.Rand) {
	step := []time.Duration{3 * time.Second, 10 * time.Minute, 5 * time.Hour, 40 * time.Hour}[min(random.IntN(40), 3)]
	if random.IntN(4) > 0 && h.now.Before(h.due) {
		step = h.due.Sub(h.now) // most of the time the look comes on time
	}
	h.now = h.now.Add(step + time.Duration(random.IntN(4000))*time.Millisecond)
	if random.IntN(10) == 0 {
		h.now = h.now.Add(-time.Duration(random.IntN(300)) * time.Second)
	}
	plan := Next(h.rule, h.due, h.now)
	if again := Next(h.rule, h.due, h.now.In(time.FixedZone("elsewhere", 12345))); again.Run != plan.Run || again.Next != plan.Next || again.Delay != plan.Delay {
		h.t.Fatalf("%s: another node in another zone says %v, not %v", h.name, again, plan)
	}
	if !plan.Run.IsZero() {
		if start := plan.Run.Add(h.rule.start(plan.Run)); start.After(h.now) {
			h.t.Fatalf("%s: ran %v at %v, before its start %v", h.name, plan.Run, h.now, start)
		}
		h.runs = append(h.runs, plan.Run)
	}
	h.missed += plan.Missed
	if plan.Next.Before(h.due) {
		h.t.Fatalf("%s: from due %v back to %v", h.name, h.due, plan.Next)
	}
	h.due = plan.Next
}

// check compares with the due times themselves.
func (h *ticked) check() {
	passed := map[int64]bool{h.first.Unix(): true}
	for f := range h.rule.after(h.first, h.first) {
		if !f.at.Before(h.due) {
			break
		}
		passed[f.at.Unix()] = true
	}
	if h.due.Equal(h.first) {
		passed = nil
	}
	if len(h.runs)+h.missed != len(passed) {
		h.t.Errorf("%s: %d runs and %d missed of %d due times", h.name, len(h.runs), h.missed, len(passed))
	}
	for _, run := range h.runs {
		if !passed[run.Unix()] {
			h.t.Errorf("%s: ran at %v, which is no due time", h.name, run)
		}
	}
	if !slices.IsSortedFunc(h.runs, time.Time.Compare) || len(slices.CompactFunc(slices.Clone(h.runs), time.Time.Equal)) != len(h.runs) {
		h.t.Errorf("%s: the same due time ran twice, or one ran after a later one", h.name)
	}
}

// TestNextIsTheFirst: asked from any moment between two due times, the answer is the second one, and
// asked step by step it is what a preview shows.
func TestNextIsTheFirst(t *testing.T) {
	t.Parallel()
	never := 0
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 2))
		rule, name := anyRule(t, random)
		begin := at(t, "2026-02-25 00:00 +0000").AddDate(0, 0, random.IntN(300))
		firings := rule.preview(begin, begin, 60)
		for i := 1; i < len(firings); i++ {
			before, due := firings[i-1].Due, firings[i].Due
			asked := before.Add(time.Duration(random.Int64N(int64(due.Sub(before)))))
			if got := rule.next(begin, asked); !got.Equal(due) {
				t.Fatalf("seed %d: %s: asked at %v: %v, want %v", seed, name, asked, got, due)
			}
		}
		switch len(firings) {
		case 0:
			never++ // its hours are never open
		case 60:
		default:
			t.Errorf("seed %d: %s: %d due times, want 60", seed, name, len(firings))
		}
	}
	if never > 5 {
		t.Errorf("%d of 50 rules are never due: the test hardly tests", never)
	}
}

// TestJitter: starts are spread, the same for all who ask, in order, and within the open hours.
func TestJitter(t *testing.T) {
	t.Parallel()
	s := aSchedule("*/10 * * * *", newYork, `{"open": [{"from": "06:00", "to": "07:00"}]}`)
	s.JitterSeconds = 3600
	rule := mustRule(t, s)
	s.ID++
	other := mustRule(t, s)
	var last time.Time
	delays, differs := map[time.Duration]bool{}, false
	from := at(t, "2026-11-20 00:00 -0500")
	for f := range rule.after(from, from) {
		delay := rule.start(f.at)
		start := f.at.Add(delay)
		switch wall := wallOf(start, rule.Spec.zone); {
		case delay < 0 || delay > 5*time.Hour || (delay > 5*time.Minute && f.wall.Minute() != 50):
			t.Errorf("%v starts %v later", f.at, delay)
		case wall.Hour() != 6:
			t.Errorf("%v starts at %v, when it is closed", f.at, wall)
		case !start.After(last):
			t.Errorf("%v starts before the one before it", f.at)
		case delay != rule.start(f.at):
			t.Errorf("%v starts at different times", f.at)
		}
		differs = differs || delay != other.start(f.at)
		if last, delays[delay] = start, true; len(delays) >= 50 || f.at.Sub(from) > 1000*time.Hour {
			break
		}
	}
	if len(delays) < 50 || !differs {
		t.Errorf("%d different delays; another schedule has others: %v", len(delays), differs)
	}
}
