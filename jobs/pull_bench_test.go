package jobs

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
)

// BenchmarkSFTP is `make bench-sftp`: what a pull, with everything that belongs to it (encrypted,
// hashed, archived and fsynced on the way, committed with its file row and its job), and an upload out of
// the archive take against OpenSSH's own sftp at the same server, in turns. The figures are printed, and
// those beyond their targets fail; it takes minutes and wants a quiet machine. A part alone, with a profile:
//
//	go test ./jobs -run '^$' -bench SFTP/small -benchtime 1x -cpuprofile cpu.out
func BenchmarkSFTP(b *testing.B) {
	for _, part := range []struct {
		name string
		run  func(*sftpBench)
	}{
		{"listing", (*sftpBench).listing}, {"small", (*sftpBench).small}, {"large", (*sftpBench).large}, {"stalled", (*sftpBench).stalled},
	} {
		b.Run(part.name, func(b *testing.B) {
			for range b.N {
				part.run(newSFTPBench(b))
			}
		})
	}
}

type sftpBench struct {
	*testing.B
	house   *house
	server  *sshdtest.Server
	program string
	key     string
	bytes   int64
	rounds  int
}

func newSFTPBench(t *testing.B) *sftpBench {
	t.Helper()
	program, err := exec.LookPath("sftp")
	if err != nil {
		t.Fatal(err)
	}
	b := &sftpBench{B: t, house: newHouse(t), server: sshdtest.Start(t, sshdtest.Options{}), program: program, bytes: 1_000_000_000, rounds: 3}
	if mb, err := strconv.ParseInt(os.Getenv("EDIPORT_BENCH_MB"), 10, 64); err == nil {
		b.bytes = mb * 1_000_000
	}
	b.key = filepath.Join(b.house.dir, "client_key")
	b.must(os.WriteFile(b.key, b.server.ClientKey, 0o600))
	b.house.start(func(c *Config) { // only the transfer is measured: loading waits until the node stops
		c.Ingest = func(ctx context.Context, _ storage.OperatorID, _ storage.FileID) error {
			<-ctx.Done()
			return ctx.Err()
		}
	})
	fmt.Printf("%d CPUs, %s, %s; best of %d rounds, in turns\n", runtime.NumCPU(), runtime.Version(), b.version(), b.rounds)
	return b
}

func (b *sftpBench) version() string {
	out, _ := exec.Command("ssh", "-V").CombinedOutput() // only shown
	return string(bytes.TrimSpace(out))
}

// sftp runs OpenSSH's client and returns how long it took.
func (b *sftpBench) sftp(commands string) time.Duration {
	b.Helper()
	command := exec.Command(b.program, "-F", "none", "-q", "-b", "-", "-i", b.key, "-P", strconv.Itoa(b.server.Port),
		"-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
		b.server.User+"@"+b.server.Host)
	command.Stdin = bytes.NewBufferString(commands)
	started := time.Now()
	if out, err := command.CombinedOutput(); err != nil {
		b.Fatalf("sftp: %v: %s", err, out[max(0, len(out)-500):])
	}
	return time.Since(started)
}

// pulled makes a connection to a folder, pulls it once and returns how long the run took.
func (b *sftpBench) pulled(name, folder string, files int) time.Duration {
	b.Helper()
	c := b.house.connect(b.server, func(c *storage.Connection) {
		c.Name = name
		SetFolders(c, PullFolder{Path: b.server.Path(folder), StableSeconds: AtOnce, MaxFiles: 1_000_000})
		SetNetwork(c, Network{Concurrency: 64})
	})
	run := b.house.pull(c)
	if got := countsOf(b.B, run); run.State != storage.RunSucceeded || got.Downloaded != files {
		b.Fatalf("%s: %s %s, %+v", name, run.State, run.ErrorCode, got)
	}
	return run.EndedAt.Sub(*run.StartedAt)
}

// compare prints a ratio and fails if it is above what it may be.
func (b *sftpBench) compare(what string, ours, theirs time.Duration, most float64) {
	ratio := ours.Seconds() / theirs.Seconds()
	verdict := "met"
	if ratio > most {
		verdict = "MISSED"
		b.Errorf("%s: %.2f of sftp's time, at most %.2f wanted", what, ratio, most)
	}
	fmt.Printf("%-46s ours %7.2f s   sftp %7.2f s   ratio %.2f   at most %.2f: %s\n", what, ours.Seconds(), theirs.Seconds(), ratio, most, verdict)
}

func best(times []time.Duration) time.Duration {
	least := times[0]
	for _, t := range times {
		least = min(least, t)
	}
	return least
}

func (b *sftpBench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *sftpBench) listing() {
	folder := b.server.Path("many")
	b.must(os.MkdirAll(folder, 0o755))
	for i := range 10_000 {
		b.must(os.WriteFile(filepath.Join(folder, fmt.Sprintf("%05d.835", i)), nil, 0o600))
	}
	client := b.client(transfer.Timeouts{})
	var times []time.Duration
	for range b.rounds {
		started := time.Now()
		listing, err := client.List(b.Context(), transfer.ListOptions{Folder: folder})
		b.must(err)
		if len(listing.Files) != 10_000 {
			b.Fatalf("%d files listed", len(listing.Files))
		}
		times = append(times, time.Since(started))
	}
	b.limit("listing of 10,000 files", best(times), time.Second)
}

func (b *sftpBench) limit(what string, took, most time.Duration) {
	verdict := "met"
	if took > most {
		verdict = "MISSED"
		b.Errorf("%s: %v, at most %v wanted", what, took, most)
	}
	fmt.Printf("%-46s      %7.2f s   at most %v: %s\n", what, took.Seconds(), most, verdict)
}

func (b *sftpBench) client(timeouts transfer.Timeouts) *transfer.Client {
	b.Helper()
	client, err := transfer.Dial(b.Context(), transfer.Endpoint{
		Host: b.server.Host, Port: b.server.Port, User: b.server.User, HostKeys: []string{b.server.Fingerprint()},
		Auth: transfer.Auth{PrivateKey: transfer.Secret(b.server.ClientKey)}, Timeouts: timeouts,
	})
	b.must(err)
	b.Cleanup(client.Close)
	return client
}

func (b *sftpBench) small() {
	const count, size = 10_000, 10_000
	b.must(os.MkdirAll(b.server.Path("small"), 0o755))
	for i := range count {
		b.must(os.WriteFile(b.server.Path("small", fmt.Sprintf("%05d.835", i)), randomBytes(size), 0o600))
	}
	var ours, theirs, fetches []time.Duration
	for round := range b.rounds {
		into := filepath.Join(b.TempDir(), "got")
		theirs = append(theirs, b.sftp(fmt.Sprintf("get -r %s %s\n", b.server.Path("small"), into)))
		// What they got stays until the end: a file system may go out of the way of files that were just removed.
		fetches = append(fetches, b.fetched("small"))
		ours = append(ours, b.pulled(fmt.Sprint("small ", round), "small", count))
	}
	b.compare("10,000 files of 10 KB, listed, fetched, hashed", best(fetches), best(theirs), 1./3)
	// What makes them ours costs more than fetching them: three fsyncs and six rows each.
	fmt.Printf("%-46s ours %7.2f s   sftp %7.2f s   ratio %.2f\n", "  the same, archived, with rows and jobs",
		best(ours).Seconds(), best(theirs).Seconds(), best(ours).Seconds()/best(theirs).Seconds())
	b.must(os.RemoveAll(b.server.Path("small")))
}

// fetched lists a folder and hashes its files, as many at once as is good.
func (b *sftpBench) fetched(folder string) time.Duration {
	b.Helper()
	started := time.Now()
	client := b.client(transfer.Timeouts{})
	defer client.Close()
	listing, err := client.List(b.Context(), transfer.ListOptions{Folder: b.server.Path(folder)})
	b.must(err)
	queue := make(chan transfer.RemoteFile)
	var takers sync.WaitGroup
	for range 64 {
		takers.Go(func() {
			for f := range queue {
				if _, err := client.Download(b.Context(), f, sha256.New()); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for _, f := range listing.Files {
		queue <- f
	}
	close(queue)
	takers.Wait()
	return time.Since(started)
}

func (b *sftpBench) large() {
	name := b.server.Path("large", "a.835")
	b.must(os.MkdirAll(filepath.Dir(name), 0o755))
	b.must(os.MkdirAll(b.server.Path("in"), 0o755))
	file, err := os.Create(name)
	b.must(err)
	_, err = io.CopyN(file, rand.Reader, b.bytes)
	b.must(errors.Join(err, file.Close()))
	var pulls, gets, pushes, puts []time.Duration
	into := filepath.Join(b.TempDir(), "got")
	var peak uint64
	for round := range b.rounds {
		gets = append(gets, b.sftp(fmt.Sprintf("get %s %s\n", name, into)))
		b.must(os.Remove(into))
		watch := watchMemory()
		pulls = append(pulls, b.pulled(fmt.Sprint("large ", round), "large", 1))
		puts = append(puts, b.sftp(fmt.Sprintf("put %s %s\n", name, b.server.Path("in", "theirs"))))
		pushes = append(pushes, b.push())
		peak = max(peak, watch())
		b.must(errors.Join(os.Remove(b.server.Path("in", "theirs")), os.Remove(b.server.Path("in", "ours"))))
	}
	what := fmt.Sprintf(" of one file of %d MB", b.bytes/1_000_000)
	b.compare("pull"+what, best(pulls), best(gets), 1.2)
	b.compare("push"+what, best(pushes), best(puts), 1.0)
	fmt.Printf("%-46s      %7.1f MB of heap at most while pulling and pushing it\n", "memory", float64(peak)/1e6)
	if peak > 100e6 {
		b.Errorf("memory is not flat: %d bytes", peak)
	}
}

// push uploads the file that was pulled last, out of the archive.
func (b *sftpBench) push() time.Duration {
	b.Helper()
	ids := b.house.fileIDs()
	var f storage.File
	err := b.house.db.InLoad(b.Context(), b.house.operator, storage.Actor{Kind: storage.ActorSystem}, func(tx *storage.LoadTx) (err error) {
		f, err = tx.FileForLoad(b.Context(), ids[len(ids)-1])
		return err
	})
	b.must(err)
	started := time.Now()
	r, err := b.house.archive.Open(archive.Blob{
		Name: f.BlobName, WrappedKey: f.WrappedKey, KeyID: b.house.ring.Current(), Size: f.Size, SHA256: [32]byte(f.SHA256), StoredSize: f.StoredSize,
	})
	b.must(err)
	defer r.Close()
	client := b.client(transfer.Timeouts{})
	receipt, err := client.Upload(b.Context(), r, transfer.Upload{Folder: b.server.Path("in"), Name: "ours", Size: f.Size})
	b.must(err)
	client.Close()
	if receipt.SHA256 != [32]byte(f.SHA256) {
		b.Fatal("what was sent is something else")
	}
	return time.Since(started)
}

// watchMemory samples the heap until the returned function is called, which returns the most there was.
func watchMemory() func() uint64 {
	var most uint64
	var watching sync.WaitGroup
	stop := make(chan struct{})
	runtime.GC()
	watching.Go(func() {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapInuse+now.StackInuse)
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	})
	return func() uint64 { close(stop); watching.Wait(); return most }
}

// stalled measures how long a server that goes mute in the middle of a download stays unnoticed.
func (b *sftpBench) stalled() {
	const idle = 2 * time.Second
	b.server.WriteFile("stall/a.835", randomBytes(64<<20))
	client := b.client(transfer.Timeouts{Idle: idle})
	listing, err := client.List(b.Context(), transfer.ListOptions{Folder: b.server.Path("stall")})
	b.must(err)
	var since time.Time
	_, err = client.Download(b.Context(), listing.Files[0], writerFunc(func(p []byte) (int, error) {
		if since.IsZero() {
			b.server.StopSessions()
			since = time.Now()
		}
		return len(p), nil
	}))
	if !errors.Is(err, transfer.ErrTimeout) {
		b.Fatalf("a stalled download ended with %v", err)
	}
	b.limit(fmt.Sprintf("mute server noticed, idle limit %v", idle), time.Since(since), idle+2*time.Second)
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
