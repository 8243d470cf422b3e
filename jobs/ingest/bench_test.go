package ingest_test

import (
	"bytes"
	"errors"
	"fmt"
	"syscall"
	"testing"

	"github.com/ediport/ediport/fixtures"
	"github.com/ediport/ediport/jobs/internal/failpoint"
	"github.com/ediport/ediport/storage"
)

// BenchmarkLoad loads a generated 835, each time another one, into tables that fill; BenchmarkFirstPass does only what comes before
// the rows of its claims. Both tell the processor's time as well, which a busy machine changes less than the clock's:
//
//	go test ./jobs/ingest -run '^$' -bench 'Load|FirstPass' -benchtime 1x -cpuprofile cpu.out
func BenchmarkLoad(b *testing.B) {
	for _, mb := range []int64{10, 40} {
		b.Run(fmt.Sprintf("set=835/mb=%d", mb), func(b *testing.B) {
			w := newWorld(b)
			benchmarkLoads(b, w, mb<<20, func(id storage.FileID) {
				result, err := w.LoadFile(b.Context(), w.operator, id)
				if err != nil || result.State != storage.FileLoaded {
					b.Fatalf("%q: %v", result.State, err)
				}
			})
		})
	}
}

func BenchmarkFirstPass(b *testing.B) {
	enough := errors.New("enough")
	failpoint.SetCheck("ingest.surveyed", func() error { return enough })
	defer failpoint.SetCheck("ingest.surveyed", nil)
	for _, mb := range []int64{10, 40} {
		b.Run(fmt.Sprintf("set=835/mb=%d", mb), func(b *testing.B) {
			w := newWorld(b)
			benchmarkLoads(b, w, mb<<20, func(id storage.FileID) {
				if _, err := w.LoadFile(b.Context(), w.operator, id); !errors.Is(err, enough) {
					b.Fatal(err)
				}
			})
		})
	}
}

func benchmarkLoads(b *testing.B, w *world, size int64, load func(storage.FileID)) {
	b.Helper()
	worked := 0.0
	for n := range b.N {
		b.StopTimer()
		var in bytes.Buffer
		o := fixtures.Options{Bytes: size, Seed: uint64(n) + 1, ISA13: n + 1, Payees: []fixtures.Account{fixtures.AccountA, fixtures.AccountB}}
		if _, err := fixtures.Write835(&in, o); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(in.Len()))
		id := w.receive(b, "bench.835", &in)
		before := processorTime(b)
		b.StartTimer()
		load(id)
		worked += processorTime(b) - before
	}
	b.ReportMetric(worked/float64(b.N), "cpu-s/op")
}

// processorTime returns the seconds that processors have worked for this process, Postgres left out.
func processorTime(b *testing.B) float64 {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
