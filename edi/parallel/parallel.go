// Package parallel reads one file of X12 with several goroutines: to validate or decode it as fast as the machine allows.
//
// A file is cut into parts, each of them some whole transaction sets, see [edi.Splitter]. What is done with a part is the
// caller's; what comes of it is delivered in the order of the file:
//
//	s := edi.NewSplitter(file, size)
//	for sum, err := range parallel.Each(s, 0, func(r *edi.Reader) (sum, error) { … }) {
//		…
//	}
//
// A file whose one transaction set holds everything is one part.
package parallel

import (
	"io"
	"iter"
	"runtime"
	"sync"

	"github.com/ediport/ediport/edi"
)

// Each calls work for each part of a file, in several goroutines at once, and yields what it returns, in the order of the file.
// There are as many goroutines as workers says, one for each processor if it is 0, and no more than twice as many parts are
// between work and the caller at any time: memory is bounded by what work returns for so many parts. Work may keep what it
// decodes only as copies, as always, and what it shares with other parts it must guard. An error of work is yielded with
// its result, and the rest goes on, unless the caller ends the loop; Each then waits for the parts that are being worked on. A
// panic of work is passed on to the caller.
func Each[T any](s *edi.Splitter, workers int, work func(*edi.Reader) (T, error)) iter.Seq2[T, error] {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	return func(yield func(T, error) bool) {
		e := each[T]{work: work, jobs: make(chan job[T]), ordered: make(chan job[T], workers), done: make(chan struct{})}
		defer e.running.Wait()
		defer close(e.done)
		e.running.Go(func() { e.split(s) })
		for range workers {
			e.running.Go(e.run)
		}
		for j := range e.ordered {
			r := <-j.result
			if r.panicked != nil {
				panic(r.panicked)
			}
			if !yield(r.value, r.err) {
				return
			}
		}
	}
}

type each[T any] struct {
	work    func(*edi.Reader) (T, error)
	jobs    chan job[T] // for any worker
	ordered chan job[T] // the same, in the order of the file
	done    chan struct{}
	running sync.WaitGroup
}

// A job is a part of the file, with room for its result.
type job[T any] struct {
	part   *edi.Reader
	result chan result[T]
}

type result[T any] struct {
	value    T
	err      error
	panicked any
}

// split hands out the parts.
func (e *each[T]) split(s *edi.Splitter) {
	defer close(e.ordered)
	defer close(e.jobs)
	for {
		part, err := s.Next()
		if err == io.EOF {
			return
		}
		j := job[T]{part, make(chan result[T], 1)}
		select {
		case e.ordered <- j:
		case <-e.done:
			return
		}
		select {
		case e.jobs <- j:
		case <-e.done:
			return
		}
	}
}

// run works on parts until there are no more.
func (e *each[T]) run() {
	for j := range e.jobs {
		j.result <- e.do(j.part)
	}
}

func (e *each[T]) do(part *edi.Reader) (r result[T]) {
	defer func() { r.panicked = recover() }()
	r.value, r.err = e.work(part)
	return r
}
