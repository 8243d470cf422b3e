package guide_test

import (
	"bytes"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/fixtures"
)

// The benchmarks of the guide engine report, beside MB/s, the metric y: how fast they are in comparison with a bare
// bytes.IndexByte('~') loop over the same bytes, measured in turn with them. Compare two versions:
//
//	go test -run - -bench . -count 10 ./edi/guide > old.txt   (and new.txt; then benchstat old.txt new.txt)
const benchBytes = 16_000_000

func generatedBy(write func(io.Writer, fixtures.Options) (fixtures.Totals, error)) func() []byte {
	return sync.OnceValue(func() []byte {
		var buf bytes.Buffer
		buf.Grow(benchBytes + 1<<20)
		if _, err := write(&buf, fixtures.Options{Bytes: benchBytes, Seed: 1}); err != nil {
			panic(err)
		}
		return buf.Bytes()
	})
}

var (
	generated835 = generatedBy(fixtures.Write835)
	generated271 = generatedBy(fixtures.Write271)
)

func yardstick(file []byte) time.Duration {
	started := time.Now()
	n := 0
	for rest := file; ; n++ {
		i := bytes.IndexByte(rest, '~')
		if i < 0 {
			return time.Since(started)
		}
		rest = rest[i+1:]
	}
}

// measure runs a stage over a file. The ratio is that of the best run of each: the others had company.
func measure(b *testing.B, file []byte, run func(r *edi.Reader) error) {
	b.Helper()
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	yard, best := time.Hour, time.Hour
	for b.Loop() {
		yard = min(yard, yardstick(file))
		started := time.Now()
		if err := run(edi.NewReader(bytes.NewReader(file))); err != nil {
			b.Fatal(err)
		}
		best = min(best, time.Since(started))
	}
	b.ReportMetric(float64(yard)/float64(best), "y")
	b.ReportMetric(float64(best.Nanoseconds())/float64(bytes.Count(file, []byte{'~'})), "ns/segment")
}

func read(r *edi.Reader) error {
	for {
		if _, err := r.Next(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func scan(r *edi.Reader) error {
	sc := guide.NewScanner(r)
	for sc.Next() {
	}
	return sc.Err()
}

// checkLevels validates a file in which nothing is wrong.
func checkLevels(b *testing.B, levels guide.Levels, with ...func(*guide.Checker)) func(r *edi.Reader) error {
	return func(r *edi.Reader) error {
		c := guide.NewChecker(func(f edi.Finding) {
			if f.Severity == edi.Error {
				b.Fatal(f)
			}
		})
		c.Levels = levels
		for _, set := range with {
			set(c)
		}
		r.Report = c.Report
		sc := guide.NewScanner(r)
		for sc.Next() {
			c.Segment(sc)
		}
		c.End()
		return sc.Err()
	}
}

// structure is what the targets of speed are about: envelope, order, elements and balance.
var structure = guide.NewLevels(1, 2, 3)

func BenchmarkRead(b *testing.B) { measure(b, generated835(), read) }
func BenchmarkScan(b *testing.B) { measure(b, generated835(), scan) }
func BenchmarkCheck(b *testing.B) {
	measure(b, generated835(), checkLevels(b, structure))
}

// BenchmarkCheckAnew and BenchmarkCheckAnew271 are what is left where no segment comes twice.
func BenchmarkCheckAnew(b *testing.B) {
	measure(b, generated835(), checkLevels(b, structure, guide.RememberNothing))
}

func BenchmarkCheckAnew271(b *testing.B) {
	measure(b, generated271(), checkLevels(b, structure, guide.RememberNothing))
}
func BenchmarkCheckAll(b *testing.B)    { measure(b, generated835(), checkLevels(b, 0)) }
func BenchmarkRead271(b *testing.B)     { measure(b, generated271(), read) }
func BenchmarkScan271(b *testing.B)     { measure(b, generated271(), scan) }
func BenchmarkCheck271(b *testing.B)    { measure(b, generated271(), checkLevels(b, structure)) }
func BenchmarkCheckAll271(b *testing.B) { measure(b, generated271(), checkLevels(b, 0)) }

// BenchmarkDefinitions is the cost of the first use of all guides.
func BenchmarkDefinitions(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		guide.LoadAll(b)
	}
}
