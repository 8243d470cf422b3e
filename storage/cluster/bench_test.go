package cluster_test

import (
	"syscall"
	"testing"

	"github.com/ediport/ediport/storage/cluster"
)

// BenchmarkWarmStart measures Open of an existing cluster up to the first answer. Target: under 0.5 s.
//
//	go test -run - -bench WarmStart -benchtime 10x ./storage/cluster
func BenchmarkWarmStart(b *testing.B) {
	dir := seededFolder(b)
	for b.Loop() {
		c := open(b, cluster.Options{Dir: dir})
		wantRows(b, c, 1)
		b.StopTimer()
		stop(b, c)
		b.StartTimer()
	}
}

// BenchmarkRecovery measures the same after SIGKILL of the server, with 200,000 rows written since its
// start. Target: under 2 s.
//
//	go test -run - -bench Recovery -benchtime 5x ./storage/cluster
func BenchmarkRecovery(b *testing.B) {
	dir := seededFolder(b)
	want := 1
	for b.Loop() {
		b.StopTimer()
		c := open(b, cluster.Options{Dir: dir})
		const rows = 200_000
		if _, err := connect(b, c, "kept").Exec("INSERT INTO kept SELECT generate_series(1, $1::int)", rows); err != nil {
			b.Fatal(err)
		}
		want += rows
		if err := syscall.Kill(c.PID(), syscall.SIGKILL); err != nil {
			b.Fatal(err)
		}
		<-c.Done()
		b.StartTimer()
		c = open(b, cluster.Options{Dir: dir})
		wantRows(b, c, want)
		b.StopTimer()
		stop(b, c)
		b.StartTimer()
	}
}

// BenchmarkFirstStart measures Open of an empty folder: initdb, start. Target: under 5 s.
//
//	go test -run - -bench FirstStart -benchtime 5x ./storage/cluster
func BenchmarkFirstStart(b *testing.B) {
	for b.Loop() {
		c := open(b, cluster.Options{Dir: tempFolder(b)})
		b.StopTimer()
		stop(b, c)
		b.StartTimer()
	}
}
