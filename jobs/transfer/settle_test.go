package transfer_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
)

func TestSettled(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 8, 12, 0, 0, 0, time.UTC)
	file := transfer.RemoteFile{Path: "/out/a.835", Size: 10, ModTime: noon.Add(-24 * time.Hour)}
	seen := func(size int64, mod time.Time, since time.Time) map[string]transfer.Seen {
		return map[string]transfer.Seen{file.Key(): {Size: size, ModTime: mod, Since: since}}
	}
	const quiet = 10 * time.Second
	for name, c := range map[string]struct {
		earlier map[string]transfer.Seen
		quiet   time.Duration
		ready   bool
		since   time.Time
		next    time.Duration
	}{
		"first seen":                 {nil, quiet, false, noon, quiet},
		"seen long enough ago":       {seen(10, file.ModTime, noon.Add(-quiet)), quiet, true, noon.Add(-quiet), 0},
		"seen a bit too late":        {seen(10, file.ModTime, noon.Add(-9*time.Second)), quiet, false, noon.Add(-9 * time.Second), time.Second},
		"size changed":               {seen(9, file.ModTime, noon.Add(-time.Hour)), quiet, false, noon, quiet},
		"time changed":               {seen(10, file.ModTime.Add(-time.Second), noon.Add(-time.Hour)), quiet, false, noon, quiet},
		"our clock was set back":     {seen(10, file.ModTime, noon.Add(time.Hour)), quiet, false, noon, quiet},
		"no wait wanted, first seen": {nil, 0, true, noon, 0},
	} {
		t.Run(name, func(t *testing.T) {
			look := transfer.Settled(transfer.Listing{Files: []transfer.RemoteFile{file}}, c.earlier, c.quiet, noon)
			if (len(look.Ready) == 1) != c.ready || len(look.Ready)+len(look.Waiting) != 1 {
				t.Errorf("%d ready, %d waiting; want ready %v", len(look.Ready), len(look.Waiting), c.ready)
			}
			if got := look.Seen[file.Key()]; got.Since != c.since || got.Size != 10 || look.Next != c.next {
				t.Errorf("seen %+v, next look in %v; want since %v, next %v", got, look.Next, c.since, c.next)
			}
		})
	}
	gone := transfer.Settled(transfer.Listing{}, seen(10, file.ModTime, noon), quiet, noon)
	if len(gone.Seen) != 0 {
		t.Errorf("a file that is gone is still remembered")
	}
}

// fakeTime is a clock that moves when somebody waits, and does something then.
type fakeTime struct {
	now   time.Time
	waits []time.Duration
	do    func(wait int)
}

func (f *fakeTime) Now() time.Time { return f.now }

func (f *fakeTime) Wait(_ context.Context, d time.Duration) error {
	f.now = f.now.Add(d)
	f.waits = append(f.waits, d)
	if f.do != nil {
		f.do(len(f.waits))
	}
	return nil
}

func TestAwaitTakesWhatStandsStill(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("out/still.835", []byte("whole"))
	server.WriteFile("out/growing.835", []byte("a"))
	client := dial(t, endpoint(server))
	clock := &fakeTime{now: april, do: func(wait int) {
		if wait <= 2 { // it grows during the first two waits, then no more
			server.WriteFile("out/growing.835", randomBytes(10*wait))
		}
	}}
	await := func(settle transfer.SettleOptions) transfer.Look {
		t.Helper()
		settle.Now, settle.Wait = clock.Now, clock.Wait
		look, err := client.Await(t.Context(), transfer.ListOptions{Folder: server.Path("out")}, settle)
		if err != nil {
			t.Fatal(err)
		}
		return look
	}

	first := await(transfer.SettleOptions{Quiet: 10 * time.Second}) // looks once
	if len(first.Ready) != 0 || len(first.Waiting) != 2 || len(clock.waits) != 0 {
		t.Fatalf("first look: %d ready, %d waiting, %d waits", len(first.Ready), len(first.Waiting), len(clock.waits))
	}

	clock.now = clock.now.Add(time.Minute) // the next run, with what the first one saw
	next := await(transfer.SettleOptions{Quiet: 10 * time.Second, Earlier: first.Seen})
	if len(next.Ready) != 2 || len(next.Waiting) != 0 {
		t.Fatalf("next run: %d ready, %d waiting", len(next.Ready), len(next.Waiting))
	}

	alone := await(transfer.SettleOptions{Quiet: 10 * time.Second, MaxWait: 15 * time.Second})
	if len(alone.Ready) != 1 || alone.Ready[0].Name != "still.835" || len(alone.Waiting) != 1 {
		t.Fatalf("a file that grows: %d ready, %d waiting", len(alone.Ready), len(alone.Waiting))
	}

	all := await(transfer.SettleOptions{Quiet: 10 * time.Second, MaxWait: time.Minute})
	if len(all.Ready) != 2 {
		t.Fatalf("waiting within one run: %d ready, %d waiting after %v", len(all.Ready), len(all.Waiting), clock.waits)
	}
	if !slices.Equal(clock.waits, []time.Duration{10 * time.Second, 10 * time.Second, 10 * time.Second}) {
		t.Errorf("waited %v", clock.waits)
	}
}

func TestAwaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("a.835", nil)
	client := dial(t, endpoint(server))
	ctx, cancel := context.WithCancel(t.Context())
	_, err := client.Await(ctx, transfer.ListOptions{}, transfer.SettleOptions{
		Quiet: time.Hour, MaxWait: 2 * time.Hour,
		Now: func() time.Time { cancel(); return april },
	})
	wantCode(t, err, "transfer.canceled", false)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v is not context.Canceled", err)
	}
}
