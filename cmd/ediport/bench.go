package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/fixtures"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/cluster"
)

const megabyte = 1_000_000

// A bench measures what docs/performance.md shows, all in one run, and compares by ratios: absolute figures depend on the machine
// and on what else it does.
type bench struct {
	*program
	options  benchOptions
	input    []byte // the generated 835
	folder   string
	problems []error
}

type benchOptions struct {
	only         string // engine or loading; "" is both
	mb           int64  // size of the generated files
	rounds       int    // of the engine's stages
	stream       int64  // size in MB of the 835 whose memory is measured when it is decoded as a stream
	profile      string // file for the engine's processor profile; "" for none
	asNode       bool   // be one of the nodes that jobs measures
	small, large int64  // sizes in MB of the loads whose memory is compared
}

func (p *program) benchCommand() *cobra.Command {
	b := &bench{program: p}
	c := &cobra.Command{
		Use: "bench", Short: "Measure reading, decoding, validating, loading and starting", Args: cobra.NoArgs, Hidden: true,
		RunE: func(cmd *cobra.Command, _ []string) error { return b.run(cmd.Context()) },
	}
	o := &b.options
	c.Flags().StringVar(&o.only, "only", "", "engine, loading, or one of those that are measured only if asked for (jobs): measure only that")
	c.Flags().BoolVar(&o.asNode, "as-node", false, "with --only jobs: be one of the nodes that are measured")
	c.Flags().Int64Var(&o.mb, "mb", 100, "size of the generated files in MB")
	c.Flags().IntVar(&o.rounds, "rounds", 5, "how often each stage of the engine is measured, in turn with the others")
	c.Flags().Int64Var(&o.stream, "stream", 1000, "size in MB of the 835 that is decoded as a stream to see the memory")
	c.Flags().StringVar(&o.profile, "profile", "", "write a processor profile of the engine's stages to this file, for go build -pgo")
	c.Flags().Int64Var(&o.small, "small", 20, "size in MB of the smaller load whose memory is compared")
	c.Flags().Int64Var(&o.large, "large", 500, "size in MB of the larger load whose memory is compared")
	return c
}

func (b *bench) run(ctx context.Context) (err error) {
	o := b.options
	if o.asNode {
		return b.benchNode(ctx)
	}
	asked := map[string]func(context.Context) error{"jobs": b.jobs} // these are not part of docs/performance.md
	if o.only != "" && o.only != "engine" && o.only != "loading" && asked[o.only] == nil {
		return fmt.Errorf("--only %s: there are engine, loading and jobs", o.only)
	}
	if b.folder, err = benchFolder(); err != nil {
		return err
	}
	defer os.RemoveAll(b.folder)
	fmt.Fprintf(b.stdout, "%s/%s, %d CPUs, %s; MB is 1,000,000 bytes\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	if measure := asked[o.only]; measure != nil {
		err := measure(ctx)
		return errors.Join(append(b.problems, err)...)
	}
	if o.only != "loading" {
		if err := profiled(o.profile, func() { b.engine(ctx) }); err != nil {
			return err
		}
	}
	if o.only != "engine" {
		b.input = b.generate(fixtures.Write835, o.mb*megabyte, 1)
		if err := b.loading(ctx); err != nil {
			return err
		}
		b.starting(ctx)
		b.memory(ctx, o.small*megabyte, o.large*megabyte)
	}
	return errors.Join(b.problems...)
}

// benchFolder is a fresh folder that Postgres's user can reach.
func benchFolder() (string, error) {
	base := ""
	if os.Geteuid() == 0 {
		base = "/var/tmp"
	}
	dir, err := os.MkdirTemp(base, "ediport-bench-")
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o711) //nolint:gosec // the server's user must pass through
}

func (b *bench) generate(write func(io.Writer, fixtures.Options) (fixtures.Totals, error), size int64, seed uint64) []byte {
	var buf bytes.Buffer
	buf.Grow(int(size) + megabyte)
	_, err := write(&buf, fixtures.Options{Bytes: size, Seed: seed, Payees: []fixtures.Account{fixtures.AccountA, fixtures.AccountB}})
	b.keep(err)
	return slices.Clip(buf.Bytes())
}

// loading compares a load with psql's \copy of the same rows into the same schema.
func (b *bench) loading(ctx context.Context) error {
	p := *b.program
	p.config.Data, p.config.DatabaseURL = filepath.Join(b.folder, "load"), ""
	p.config.KeyFile, p.config.LogFormat = filepath.Join(b.folder, "master.key"), "text"
	p.stderr = io.Discard
	e, err := p.openEnvironment(ctx, cluster.Supervise)
	if err != nil {
		return err
	}
	defer func() { _ = e.close() }()
	if err := e.addDemoAccounts(ctx); err != nil {
		return err
	}
	fmt.Fprintln(b.stdout, "\nloading into Postgres, archive decrypted and hashed        MB/s   seconds")
	var load, copied time.Duration
	for round := range 3 {
		result, err := b.loadOnce(ctx, e)
		if err != nil {
			return err
		}
		again, err := b.copyRows(ctx, e)
		if err != nil {
			return fmt.Errorf(`\copy: %w`, err)
		}
		if round == 0 || result.both < load {
			load = result.both
		}
		if round == 0 || again < copied {
			copied = again
		}
		b.line("first pass: envelopes, guide, verdicts", result.survey)
		b.line("second pass: decode, route, COPY", result.load)
		b.line("both, committed", result.both)
		b.line(`psql \copy of the same rows, same schema`, again)
		fmt.Fprintf(b.stdout, "  round %d: both passes are %.2f of \\copy; %d rows, %d rows/s\n", round+1, result.both.Seconds()/again.Seconds(), result.rows,
			int(float64(result.rows)/result.both.Seconds()))
	}
	fmt.Fprintf(b.stdout, "  best of each: both passes are %.2f of \\copy; at most 1.5, aimed at 1.25\n", load.Seconds()/copied.Seconds())
	return nil
}

func (b *bench) line(name string, took time.Duration) {
	fmt.Fprintf(b.stdout, "  %-50s %8.1f   %.2f\n", name, float64(len(b.input))/megabyte/took.Seconds(), took.Seconds())
}

type loadTimes struct {
	survey, load, both time.Duration
	rows               int64
}

// loadOnce loads the input into empty tables.
func (b *bench) loadOnce(ctx context.Context, e *environment) (loadTimes, error) {
	if err := b.psql(ctx, e, "TRUNCATE "+truncated); err != nil {
		return loadTimes{}, err
	}
	id, err := e.receive(ctx, "bench.835", bytes.NewReader(b.input), 0)
	if err != nil {
		return loadTimes{}, err
	}
	result, err := e.ingester().LoadFile(ctx, e.operator.ID, id)
	if err == nil && result.State != storage.FileLoaded {
		err = fmt.Errorf("the file was not loaded but is %s", result.State)
	}
	return loadTimes{result.Survey, result.Load, result.Took, result.Rows}, err
}

// loadedTables are those that a load of an 835 fills.
var loadedTables = []string{
	"interchange", "functional_group", "transaction_set", "transaction_set_summary", "transaction_set_account", "routing_unit", "finding",
	"payment", "claim_payment", "service_line", "adjustment", "provider_adjustment", "person_mention",
}

var truncated = func() string {
	list := "file, file_event, file_hash, interchange_key, payment_key, open_reversal"
	for _, t := range loadedTables {
		list += ", " + t
	}
	return list
}()

// copyRows writes the loaded rows out as CSV, empties the tables, and loads them again with psql in one transaction.
func (b *bench) copyRows(ctx context.Context, e *environment) (time.Duration, error) {
	var out, in []string
	for _, t := range loadedTables {
		file := filepath.Join(b.folder, t+".csv")
		out = append(out, fmt.Sprintf(`\copy %s TO '%s' CSV`, t, file))
		in = append(in, fmt.Sprintf(`\copy %s FROM '%s' CSV`, t, file))
	}
	if err := b.psql(ctx, e, out...); err != nil {
		return 0, err
	}
	if err := b.psql(ctx, e, "TRUNCATE "+truncated); err != nil {
		return 0, err
	}
	started := time.Now()
	err := b.psql(ctx, e, in...)
	return time.Since(started), err
}

func (b *bench) psql(ctx context.Context, e *environment, commands ...string) error {
	args := []string{"-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", e.cluster.URL(databaseName, "ediport")}
	for _, c := range commands {
		args = append(args, "-c", c)
	}
	out, err := exec.CommandContext(ctx, filepath.Join(e.cluster.Binaries().Dir, "psql"), args...).CombinedOutput() //nolint:gosec // our own commands
	if err != nil {
		return fmt.Errorf("psql: %w: %s", err, bytes.TrimSpace(out))
	}
	return nil
}

// starting measures the private Postgres: a warm start, and one after its processes were killed.
func (b *bench) starting(ctx context.Context) {
	fmt.Fprintln(b.stdout, "\nthe private Postgres                                      seconds")
	dir := filepath.Join(b.folder, "load")
	for _, step := range []struct {
		name string
		kill bool
	}{{"warm start to the first query (aimed at 0.5)", false}, {"start after SIGKILL of Postgres (aimed at 2)", true}} {
		if step.kill {
			b.keep(killPostgres(ctx, dir))
		}
		started := time.Now()
		c, err := cluster.Open(ctx, cluster.Options{Dir: dir})
		if err == nil {
			err = c.EnsureDatabase(ctx, databaseName)
		}
		fmt.Fprintf(b.stdout, "  %-56s %.2f\n", step.name, time.Since(started).Seconds())
		b.keep(err)
		if c != nil {
			b.keep(c.Stop(ctx))
		}
	}
}

// killPostgres starts the server and kills its postmaster, as a power cut would.
func killPostgres(ctx context.Context, dir string) error {
	c, err := cluster.Open(ctx, cluster.Options{Dir: dir})
	if err != nil {
		return err
	}
	if err := syscall.Kill(c.PID(), syscall.SIGKILL); err != nil {
		return err
	}
	<-c.Done()
	_ = c.Stop(ctx) // it says that the server is gone, which is the point
	return nil
}

func (b *bench) keep(err error) {
	if err != nil {
		b.problems = append(b.problems, err)
	}
}

// memory loads files of two sizes in processes of their own and compares their peak memory with that of loading next to nothing.
func (b *bench) memory(ctx context.Context, small, large int64) {
	fmt.Fprintln(b.stdout, "\nmemory and disk of `ediport ingest FILE`                peak MB   above idle   bytes in TMPDIR")
	idle := int64(0)
	for _, size := range []int64{1, small, large} {
		peak, left, err := b.peakOf(ctx, size)
		if err != nil {
			b.keep(fmt.Errorf("load of %d bytes: %w", size, err))
			return
		}
		if size == 1 {
			idle = peak
		}
		fmt.Fprintf(b.stdout, "  %-50s %10.1f   %10.1f   %d\n", strconv.FormatInt(size/megabyte, 10)+" MB", float64(peak)/megabyte, float64(peak-idle)/megabyte, left)
	}
	fmt.Fprintln(b.stdout, "  aimed at: within 64 MB of idle, whatever the size; nothing in TMPDIR")
}

func (b *bench) peakOf(ctx context.Context, size int64) (peak, left int64, err error) {
	input := filepath.Join(b.folder, "input.835")
	f, err := os.Create(input)
	if err != nil {
		return 0, 0, err
	}
	_, err = fixtures.Write835(f, fixtures.Options{Bytes: size, Seed: uint64(size), ISA13: int(size % 999_999_999)})
	if err = errors.Join(err, f.Close()); err != nil {
		return 0, 0, err
	}
	temp := filepath.Join(b.folder, "tmp")
	if err := os.MkdirAll(temp, 0o777); err != nil {
		return 0, 0, err
	}
	self, err := os.Executable()
	if err != nil {
		return 0, 0, err
	}
	c := exec.CommandContext(ctx, self, "ingest", input)
	c.Env = append(os.Environ(), "TMPDIR="+temp, "EDIPORT_DATA="+filepath.Join(b.folder, "load"), "EDIPORT_KEY_FILE="+filepath.Join(b.folder, "master.key"))
	var complaint bytes.Buffer
	c.Stderr = &complaint
	if err := c.Start(); err != nil {
		return 0, 0, err
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	peak, err = watchPeak(c.Process.Pid, ended)
	if err != nil {
		return 0, 0, fmt.Errorf("%w: %s", err, bytes.TrimSpace(complaint.Bytes()))
	}
	left, err = bytesUnder(temp)
	return peak, left, err
}

// watchPeak reads the peak memory of a process until it ends, in bytes. What the kernel tells at the end would count Postgres too.
func watchPeak(pid int, ended <-chan error) (peak int64, err error) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			if err == nil && peak == 0 {
				err = errors.New("this system does not tell the peak memory of a process")
			}
			return peak, err
		case <-tick.C:
			status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
			_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
			if fields := bytes.Fields(rest); len(fields) > 0 {
				kilobytes, _ := strconv.ParseInt(string(fields[0]), 10, 64)
				peak = max(peak, kilobytes*1024)
			}
		}
	}
}

func bytesUnder(dir string) (int64, error) {
	var n int64
	err := filepath.Walk(dir, func(_ string, info os.FileInfo, err error) error {
		if err == nil && info.Mode().IsRegular() {
			n += info.Size()
		}
		return err
	})
	return n, err
}
