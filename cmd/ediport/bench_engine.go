package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"syscall"
	"time"

	"github.com/ediport/ediport/fixtures"
)

// A stage is something that the engine does with a whole file. The aim and what it must be are shares of the yardstick's speed; 0 is none.
type stage struct {
	name      string
	aim, must float64
	run       func(in []byte) error
}

// engine measures the stages of the engine on files in memory, on one core, as shares of the speed of a bare search for terminators.
func (b *bench) engine(ctx context.Context) {
	for _, set := range []struct {
		name   string
		write  func(w io.Writer, o fixtures.Options) (fixtures.Totals, error)
		stages []stage
		work   work
	}{
		{"835", fixtures.Write835, stages835, checkedClaims},
		{"271", fixtures.Write271, stages271, checkedAnswers},
	} {
		large := b.generate(set.write, b.options.mb*megabyte, 1)
		fmt.Fprintf(b.stdout, "\n%s of %d MB, one core                                     MB/s     share     aim    must   time 10:1\n", set.name, b.options.mb)
		b.stages(set.stages, large, b.tenths(set.write))
		b.twoCores(set.work, large)
	}
	b.streaming(ctx)
}

// tenths generates ten files that are together as large as the large one.
func (b *bench) tenths(write func(io.Writer, fixtures.Options) (fixtures.Totals, error)) (files [][]byte) {
	for i := range 10 {
		files = append(files, b.generate(write, b.options.mb*megabyte/10, uint64(i+2)))
	}
	return files
}

// stages measures each stage on the large file and on the ten small ones. A share compares a stage with the yardstick on the small
// files: both in turn on each of them, and of each file the best of the rounds, so that a neighbour who takes the processor for a
// moment spoils one file of one round and not the figure. Growth compares as many bytes in one piece and in ten, by the best of the
// rounds. None of the files is in the processor's caches when its turn comes.
func (b *bench) stages(list []stage, large []byte, small [][]byte) {
	total := 0
	for _, in := range small {
		total += len(in)
	}
	for i, t := range b.rounds(list, large, small) {
		growth := 10 * t.large / t.small * float64(total) / float64(len(large))
		s, took := list[i], sum(t.parts)
		fmt.Fprintf(b.stdout, "  %-50s %8.0f   %7.3f   %5s   %5s   %9.1f\n", s.name, float64(total)/megabyte/took, sum(t.yardsticks)/took,
			share(s.aim), share(s.must), growth)
	}
	fmt.Fprintln(b.stdout, "  time for ten times the size: at most 10.5")
}

// stageTimes are the best times of a stage, in seconds of the processor.
type stageTimes struct {
	large      float64
	small      float64   // of all small files
	parts      []float64 // of each small file by itself
	yardsticks []float64 // of the first stage on each small file, in turn with this one
}

// rounds lets the stages take turns.
func (b *bench) rounds(list []stage, large []byte, small [][]byte) []stageTimes {
	best := make([]stageTimes, len(list))
	for i := range best {
		best[i].parts, best[i].yardsticks = make([]float64, len(small)), make([]float64, len(small))
	}
	for range max(b.options.rounds, 1) {
		for i, s := range list {
			t, took := &best[i], 0.0
			for j, in := range small {
				keepBest(&t.yardsticks[j], b.worked(list[0], in))
				part := b.worked(s, in)
				keepBest(&t.parts[j], part)
				took += part
			}
			keepBest(&t.small, took)
			keepBest(&t.large, b.worked(s, large))
		}
	}
	for i := range best[0].parts { // the yardstick itself was measured twice
		keepBest(&best[0].parts[i], best[0].yardsticks[i])
		best[0].yardsticks[i] = best[0].parts[i]
	}
	return best
}

func sum(list []float64) (total float64) {
	for _, f := range list {
		total += f
	}
	return total
}

// worked returns for how many seconds the processor worked on a stage.
func (b *bench) worked(s stage, in []byte) float64 {
	runtime.GC()
	before := processorTime()
	if err := s.run(in); err != nil {
		b.keep(fmt.Errorf("%s: %w", s.name, err))
	}
	return processorTime() - before
}

// keepBest sets best to took, if that is less or the first.
func keepBest(best *float64, took float64) {
	if *best == 0 || took < *best {
		*best = took
	}
}

func share(f float64) string {
	if f == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", f)
}

// processorTime returns the seconds that processors have worked for this process.
func processorTime() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// twoCores compares the time on the clock of one reader and of two that share the file, each at its best, since others want the
// second core as well.
func (b *bench) twoCores(do work, in []byte) {
	var alone, together, busy []float64
	for range max(b.options.rounds, 1) {
		runtime.GC()
		started := time.Now()
		b.keep(readWhole(in, do))
		alone = append(alone, time.Since(started).Seconds())
		runtime.GC()
		started, before := time.Now(), processorTime()
		b.keep(readInParts(in, 2, do))
		together = append(together, time.Since(started).Seconds())
		busy = append(busy, (processorTime()-before)/time.Since(started).Seconds())
	}
	fmt.Fprintf(b.stdout, "  typed and validated on two cores, cut at ST: %.2f times as fast as on one, with %.2f processors; aim 1.60\n",
		slices.Min(alone)/slices.Min(together), slices.Max(busy))
}

// streaming decodes 835s of growing size, claim by claim, in a process that has nothing but the engine, and shows its peak memory.
func (b *bench) streaming(ctx context.Context) {
	fmt.Fprintln(b.stdout, "\nan 835 decoded claim by claim as a stream                peak MB")
	for _, mb := range slices.Compact([]int64{min(10, b.options.stream), min(100, b.options.stream), b.options.stream}) {
		peak, err := streamPeak(ctx, mb*megabyte)
		if err != nil {
			b.keep(err)
			return
		}
		fmt.Fprintf(b.stdout, "  %-50s %10.1f\n", fmt.Sprintf("%d MB", mb), float64(peak)/megabyte)
	}
	fmt.Fprintln(b.stdout, "  aim: 8, at most 16, whatever the size")
}
