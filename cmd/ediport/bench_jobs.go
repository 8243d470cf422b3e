package main

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/cluster"
)

// The targets of the queue.
const (
	takeoverTarget  = 15 * time.Second // until another node is elected
	elsewhereTarget = 30 * time.Second // until a dead worker's job runs on another node
	cancelTarget    = 2 * time.Second
	smallJobsTarget = 1000.0 // a second, on one node
)

// The kinds of jobs that the measured nodes work: one stays until it is stopped, one does nothing.
const (
	benchHold = "bench_hold"
	benchNote = "bench_note"
)

const benchNotes = 20_000

// A jobsBench measures nodes that are processes of their own, in their usual configuration, on a private
// Postgres.
type jobsBench struct {
	*bench
	*environment
	owner *sql.DB
	data  string
}

// benchNode is such a process: a node with the two kinds. It says its name and lives until its input ends.
func (p *program) benchNode(ctx context.Context) (err error) {
	e, err := p.openEnvironment(ctx, cluster.Attach)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.close()) }()
	cfg := e.jobs(p.config, true, true)
	cfg.Small = []jobs.Small{
		{Kind: benchHold, Work: func(ctx context.Context, _ json.RawMessage) error {
			<-ctx.Done()
			return ctx.Err()
		}},
		{Kind: benchNote, Work: func(context.Context, json.RawMessage) error { return nil }},
	}
	node, err := jobs.Start(ctx, cfg)
	if err != nil {
		return err
	}
	fmt.Fprintln(p.stdout, node.ID())
	_, _ = io.Copy(io.Discard, p.stdin) // until the measuring process ends it, or ends itself
	return node.Stop(ctx)
}

func (b *bench) jobs(ctx context.Context) (err error) {
	p := *b.program
	j := &jobsBench{bench: b, data: filepath.Join(b.folder, "jobs")}
	p.config.Data, p.config.DatabaseURL, p.config.Archive = j.data, "", ""
	p.config.KeyFile, p.config.LogFormat, p.stderr = filepath.Join(b.folder, "master.key"), "text", io.Discard
	if j.environment, err = p.openEnvironment(ctx, cluster.Supervise); err != nil {
		return err
	}
	defer func() { _ = j.environment.close() }()
	if j.owner, err = sql.Open("postgres", j.cluster.URL(databaseName, "ediport")); err != nil {
		return err
	}
	defer j.owner.Close()
	fmt.Fprintln(b.stdout, "\nthe queue, its nodes processes of their own                    measured     target")
	for _, step := range []func(context.Context) error{j.recovery, j.frozen, j.cancelling, j.throughput} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// report prints a figure beside its target.
func (j *jobsBench) report(name string, measured, target time.Duration) {
	fmt.Fprintf(j.stdout, "  %-58s %8.2f s   ≤ %g s\n", name, measured.Seconds(), target.Seconds())
	if measured > target {
		j.keep(fmt.Errorf("%s: %v, the target is %v", name, measured.Round(time.Millisecond), target))
	}
}

// A benchWorker is a node's process.
type benchWorker struct {
	id    string
	cmd   *exec.Cmd
	stdin io.Closer
}

func (j *jobsBench) start(ctx context.Context) (*benchWorker, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := exec.CommandContext(ctx, self, "bench", "--only", "jobs", "--as-node") //nolint:gosec // ourselves
	c.Env = append(os.Environ(), "EDIPORT_DATA="+j.data, "EDIPORT_KEY_FILE="+filepath.Join(j.folder, "master.key"), "EDIPORT_DATABASE_URL=")
	w := &benchWorker{cmd: c}
	if w.stdin, err = c.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, errors.Join(errors.New("a node did not start"), c.Wait())
	}
	w.id = strings.TrimSpace(line)
	return w, nil
}

// kill ends the process as a power cut would.
func (w *benchWorker) kill() {
	_ = w.cmd.Process.Kill()
	_ = w.cmd.Wait() // it was killed
}

// stop ends it in order.
func (w *benchWorker) stop() {
	_ = w.stdin.Close()
	_ = w.cmd.Wait()
}

// hold enqueues a job that stays, and returns its id.
func (j *jobsBench) hold(ctx context.Context) (id int64, err error) {
	err = j.db.InScope(ctx, j.scope(), func(tx *storage.Tx) error {
		return jobs.EnqueueSmall(ctx, tx, benchHold, map[string]any{"operator_id": j.operator.ID})
	})
	if err == nil {
		err = j.owner.QueryRowContext(ctx, `SELECT max(id) FROM river_job WHERE kind = $1`, benchHold).Scan(&id)
	}
	return id, err
}

// await waits until a query that returns a truth is true, and returns how long that took.
func (j *jobsBench) await(ctx context.Context, query string, args ...any) (time.Duration, error) {
	started := time.Now()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	ctx, cancel := context.WithTimeout(ctx, 5*elsewhereTarget)
	defer cancel()
	for {
		var so sql.NullBool
		if err := j.owner.QueryRowContext(ctx, query, args...).Scan(&so); err != nil {
			return 0, err
		}
		if so.Bool {
			return time.Since(started), nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return 0, fmt.Errorf("waited in vain for %s", query)
		}
	}
}

const (
	// The lease of the elected node, by the two halves of its key; who holds it is told by the session.
	selectLeader = `SELECT coalesce(min(pid), 0) FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = 1701079408 AND objid = 1953063787`
	runsOn       = `SELECT state = 'running' AND attempted_by[array_upper(attempted_by, 1)] = $2 FROM river_job WHERE id = $1`
)

// leading waits until another session than the given one holds the lease, and returns it.
func (j *jobsBench) leading(ctx context.Context, but int) (pid int, took time.Duration, err error) {
	took, err = j.await(ctx, `SELECT (`+selectLeader+`) NOT IN (0, $1)`, but)
	if err == nil {
		err = j.owner.QueryRowContext(ctx, selectLeader).Scan(&pid)
	}
	return pid, took, err
}

// recovery kills the elected node with a job in its hands, several times.
func (j *jobsBench) recovery(ctx context.Context) error {
	var takeover, elsewhere time.Duration
	const rounds = 3
	for round := range rounds {
		t, e, err := j.lose(ctx, time.Duration(round+1)*time.Second, (*benchWorker).kill)
		if err != nil {
			return err
		}
		takeover, elsewhere = max(takeover, t), max(elsewhere, e)
	}
	j.report(fmt.Sprintf("elected node killed: another is elected (worst of %d)", rounds), takeover, takeoverTarget)
	j.report(fmt.Sprintf("worker killed: its job runs elsewhere (worst of %d)", rounds), elsewhere, elsewhereTarget)
	return nil
}

// frozen stops the elected node's process without ending it, as a frozen virtual machine.
func (j *jobsBench) frozen(ctx context.Context) error {
	takeover, elsewhere, err := j.lose(ctx, time.Second, func(w *benchWorker) { _ = w.cmd.Process.Signal(syscall.SIGSTOP) })
	if err != nil {
		return err
	}
	j.report("elected node frozen: another is elected", takeover, takeoverTarget)
	j.report("worker frozen: its job runs elsewhere", elsewhere, elsewhereTarget)
	return nil
}

// lose starts two nodes, lets the elected one take a job, loses it after a while (at different moments
// between two ticks of the other), and says when the other is elected and has the job.
func (j *jobsBench) lose(ctx context.Context, after time.Duration, lose func(*benchWorker)) (takeover, elsewhere time.Duration, err error) {
	first, err := j.start(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer first.kill()
	leader, _, err := j.leading(ctx, 0)
	if err != nil {
		return 0, 0, err
	}
	job, err := j.hold(ctx)
	if err != nil {
		return 0, 0, err
	}
	if _, err := j.await(ctx, runsOn, job, first.id); err != nil {
		return 0, 0, err
	}
	second, err := j.start(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer second.stop()
	<-time.After(after)
	lost := time.Now()
	lose(first)
	if _, takeover, err = j.leading(ctx, leader); err != nil {
		return 0, 0, err
	}
	if _, err = j.await(ctx, runsOn, job, second.id); err != nil {
		return 0, 0, err
	}
	elsewhere = time.Since(lost)
	return takeover, elsewhere, j.cancel(ctx, job)
}

// cancel cancels a running job and waits until it has ended.
func (j *jobsBench) cancel(ctx context.Context, job int64) error {
	err := j.db.InScope(ctx, j.scope(), func(tx *storage.Tx) error { return tx.CancelJob(ctx, job) })
	if err == nil {
		_, err = j.await(ctx, `SELECT finalized_at IS NOT NULL FROM river_job WHERE id = $1`, job)
	}
	return err
}

// cancelling cancels running jobs, by notice, and as if each notice were lost.
func (j *jobsBench) cancelling(ctx context.Context) error {
	w, err := j.start(ctx)
	if err != nil {
		return err
	}
	defer w.stop()
	for _, c := range []struct {
		name   string
		cancel func(int64) error
	}{
		{"running job cancelled (worst of 10)", func(job int64) error { return j.cancel(ctx, job) }},
		{"the same with the notice lost (worst of 10)", func(job int64) error {
			_, err := j.owner.ExecContext(ctx, `UPDATE river_job SET metadata = jsonb_set(metadata, '{cancel_attempted_at}', to_jsonb(now())) WHERE id = $1`, job)
			if err == nil {
				_, err = j.await(ctx, `SELECT finalized_at IS NOT NULL FROM river_job WHERE id = $1`, job)
			}
			return err
		}},
	} {
		var worst time.Duration
		for range 10 {
			job, err := j.hold(ctx)
			if err != nil {
				return err
			}
			if _, err := j.await(ctx, runsOn, job, w.id); err != nil {
				return err
			}
			asked := time.Now()
			if err := c.cancel(job); err != nil {
				return err
			}
			worst = max(worst, time.Since(asked))
		}
		j.report(c.name, worst, cancelTarget)
	}
	return nil
}

// throughput lets one node work off small jobs that wait for it, three times.
func (j *jobsBench) throughput(ctx context.Context) error {
	var rates []float64
	for range 3 {
		rate, err := j.workOff(ctx)
		if err != nil {
			return err
		}
		rates = append(rates, rate)
	}
	slices.Sort(rates)
	fmt.Fprintf(j.stdout, "  %-58s %8.0f /s  ≥ %g /s\n", fmt.Sprintf("small jobs on one node, %d waiting (median of 3)", benchNotes), rates[1], smallJobsTarget)
	if rates[1] < smallJobsTarget {
		j.keep(fmt.Errorf("small jobs: %.0f a second, the target is %g", rates[1], smallJobsTarget))
	}
	return nil
}

func (j *jobsBench) workOff(ctx context.Context) (rate float64, err error) {
	_, err = j.owner.ExecContext(ctx, `DELETE FROM river_job WHERE kind = $1`, benchNote)
	if err == nil {
		_, err = j.owner.ExecContext(ctx, `INSERT INTO river_job (kind, args, queue, max_attempts, state)
			SELECT $1, jsonb_build_object('operator_id', $2::bigint), 'small', 8, 'available' FROM generate_series(1, $3)`, benchNote, int64(j.operator.ID), benchNotes)
	}
	if err != nil {
		return 0, err
	}
	w, err := j.start(ctx)
	if err != nil {
		return 0, err
	}
	defer w.stop()
	if _, err := j.await(ctx, `SELECT count(*) = $2 FROM river_job WHERE kind = $1 AND state = 'completed'`, benchNote, benchNotes); err != nil {
		return 0, err
	}
	err = j.owner.QueryRowContext(ctx, `SELECT count(*) / extract(epoch FROM max(finalized_at) - min(attempted_at)) FROM river_job WHERE kind = $1`, benchNote).Scan(&rate)
	return rate, err
}
