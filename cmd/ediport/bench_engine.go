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
// What the machine does beside it slows all of them alike, because they take turns.
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
		large := b.generate(set.write, b.options.mb*megabyte)
		small := b.generate(set.write, b.options.mb*megabyte/10)
		fmt.Fprintf(b.stdout, "\n%s of %d MB, one core                                     MB/s     share     aim    must   time 10:1\n", set.name, b.options.mb)
		b.stages(set.stages, large, small)
		b.twoCores(set.work, large)
	}
	b.streaming(ctx)
}

// stages measures each stage on a large and a small file, in turn.
func (b *bench) stages(list []stage, large, small []byte) {
	times, shorter := b.rounds(list, large, small)
	for i, s := range list {
		growth := times[i] / shorter[i] * float64(len(small)) * 10 / float64(len(large))
		fmt.Fprintf(b.stdout, "  %-50s %8.0f   %7.3f   %5s   %5s   %9.1f\n", s.name, float64(len(large))/megabyte/times[i], times[0]/times[i],
			share(s.aim), share(s.must), growth)
	}
	fmt.Fprintln(b.stdout, "  time for ten times the size: at most 10.5")
}

func share(f float64) string {
	if f == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", f)
}

// rounds returns the median times of each stage, in seconds of the processor.
func (b *bench) rounds(list []stage, large, small []byte) (onLarge, onSmall []float64) {
	times := make([][2][]float64, len(list))
	for range max(b.options.rounds, 1) {
		for i, s := range list {
			for k, in := range [2][]byte{large, small} {
				runtime.GC()
				before := processorTime()
				if err := s.run(in); err != nil {
					b.keep(fmt.Errorf("%s: %w", s.name, err))
				}
				times[i][k] = append(times[i][k], processorTime()-before)
			}
		}
	}
	for _, t := range times {
		onLarge, onSmall = append(onLarge, median(t[0])), append(onSmall, median(t[1]))
	}
	return onLarge, onSmall
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}

// processorTime returns the seconds that processors have worked for this process.
func processorTime() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// twoCores compares the time on the clock of one reader and of two that share the file.
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
		median(alone)/median(together), median(busy))
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
