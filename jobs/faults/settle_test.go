package faults

import (
	"context"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/ediport/ediport/jobs/internal/guards"
	"github.com/ediport/ediport/storage"
)

// limit is how long a run waits for an event; generous, since test machines are busy.
const limit = 90 * time.Second

// slowness is the delay of each piece on a slow line.
const slowness = 20 * time.Millisecond

// eventually waits until something is so.
func (w *world) eventually(what string, so func() bool) {
	w.t.Helper()
	if !w.within(limit, so) {
		w.t.Fatalf("%v: waited %v in vain: %s\n%s", w.plan, limit, what, w.state())
	}
}

func (w *world) within(most time.Duration, so func() bool) bool {
	tick, end := time.NewTicker(20*time.Millisecond), time.NewTimer(most)
	defer tick.Stop()
	defer end.Stop()
	for !so() {
		w.collect()
		select {
		case <-tick.C:
		case <-end.C:
			return false
		}
	}
	return true
}

// guardsOff tells whether this is a run from which something must come to harm.
func guardsOff() bool { return os.Getenv(guards.Variable) != "" }

// settle goes on without faults until nothing is left to do.
func (w *world) settle() {
	w.t.Helper()
	patience := limit
	if guardsOff() {
		patience = 30 * time.Second // it may never be
	}
	quiet := w.within(patience, func() bool {
		w.replace()
		if w.quiet() {
			return true
		}
		w.drive()
		return false
	})
	if !quiet {
		w.t.Fatalf("%v: broken promise: nothing is stuck: not quiet after %v\n%s\n%s", w.plan, patience, w.state(), w.stacks())
	}
}

// replace starts a node for each that died.
func (w *world) replace() {
	for i, n := range w.nodes {
		if n.gone() {
			w.dead = append(w.dead, n)
			w.nodes[i] = w.startNode(false)
		}
	}
}

// drive does what schedules and people would do after a while: what is to be tried again is tried now,
// what is left at the partner is pulled, what waits is pushed.
func (w *world) drive() {
	ctx, cancel := context.WithTimeout(w.t.Context(), 5*time.Second)
	defer cancel()
	waiting, err := w.numbers(ctx, `SELECT id FROM river_job WHERE state IN ('retryable', 'scheduled') AND attempted_at < now() - interval '1 second'`)
	if err != nil {
		return // the database may be away
	}
	for _, id := range waiting {
		_ = w.db.InScope(ctx, w.scope, func(tx *storage.Tx) error { return tx.RetryJob(ctx, id) }) // it may have begun
	}
	if !w.fired() {
		return // at first everything goes its way
	}
	runs, err := w.numbers(ctx, `SELECT count(*) FROM run WHERE state IN ('queued', 'running') AND direction = 'pull'`)
	if err == nil && runs[0] == 0 && len(w.left()) > 0 {
		_, _ = w.desk.RunNow(ctx, w.scope, w.connection.ID) // one may be open by now
	}
	files, err := w.numbers(ctx, `SELECT count(*) FROM outbound WHERE open AND NOT EXISTS (SELECT 1 FROM run WHERE state IN ('queued', 'running') AND direction = 'push')`)
	if err == nil && files[0] > 0 {
		_, _ = w.desk.PushNow(ctx, w.scope, w.connection.ID) // likewise
	}
}

func (w *world) fired() bool {
	_, err := os.Stat(w.dir + "/" + fileFired)
	return err == nil
}

// left are the names of files that are still in the partner's folder.
func (w *world) left() (names []string) {
	entries, err := os.ReadDir(w.server.Path(folderOut))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range entries {
		if e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	return names
}

// quiet tells whether nothing is under way or waits.
func (w *world) quiet() bool {
	ctx, cancel := context.WithTimeout(w.t.Context(), 5*time.Second)
	defer cancel()
	open, err := w.numbers(ctx, `
SELECT (SELECT count(*) FROM run WHERE state IN ('queued', 'running'))
	+ (SELECT count(*) FROM river_job WHERE finalized_at IS NULL AND kind IN ('pull', 'push', 'ingest'))
	+ (SELECT count(*) FROM outbound WHERE open)
	+ (SELECT count(*) FROM schedule WHERE next_due_at <= now())`)
	return err == nil && open[0] == 0 && len(w.left()) == 0
}

// numbers are those that a query returns, past row-level security.
func (w *world) numbers(ctx context.Context, query string, args ...any) (all []int64, err error) {
	rows, err := w.owner.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, rows.Err()
}

// number is the one number that a query returns.
func (w *world) number(query string, args ...any) int64 {
	w.t.Helper()
	all, err := w.numbers(w.t.Context(), query, args...)
	if err != nil || len(all) != 1 {
		w.t.Fatalf("%s: %d rows, %v", query, len(all), err)
	}
	return all[0]
}

// state is what there is to see when something is stuck.
func (w *world) state() string {
	var text strings.Builder
	for _, query := range []string{
		`SELECT 'run ' || id || ' ' || kind || ' ' || state || ' epoch ' || epoch || ' ' || coalesce(error_code, '') FROM run ORDER BY id`,
		`SELECT 'job ' || id || ' ' || kind || ' ' || state || ' attempt ' || attempt || ' of ' || max_attempts || ' at ' || coalesce(attempted_at::text, '') || ' by ' || coalesce(attempted_by::text, '') || ' ' || args::text || ' ' || coalesce(errors::text, '') FROM river_job ORDER BY id`,
		`SELECT 'node ' || id || ' beat at ' || heartbeat_at || ' now ' || now() FROM node ORDER BY id`,
		`SELECT 'schedule ' || id || ' due at ' || coalesce(next_due_at::text, '') FROM schedule`,
		`SELECT 'file ' || id || ' ' || direction || ' ' || state || ' ' || coalesce(state_reason, '') FROM file ORDER BY id`,
		`SELECT 'outbound ' || file_id || ' ' || final_name || ' ' || open || ' attempt ' || attempt || ' sent ' || sent FROM outbound ORDER BY file_id`,
		`SELECT 'seen ' || path || ' ' || remote_state || ' ' || coalesce(file_id, 0) || ' ' || coalesce(error_code, '') FROM remote_seen ORDER BY path`,
		`SELECT 'log ' || run_id || ' ' || level || ' ' || code || ' ' || coalesce(detail::text, '') FROM run_log ORDER BY run_id, at, id`,
		`SELECT 'session ' || pid || ' ' || usename || ' ' || coalesce(state, '') || ' ' || coalesce(wait_event_type, '') || ' blocked by ' || pg_blocking_pids(pid)::text || ' ' || left(query, 90)
			FROM pg_stat_activity WHERE datname = current_database() AND (state LIKE 'idle in%' OR cardinality(pg_blocking_pids(pid)) > 0)`,
	} {
		w.show(&text, query)
	}
	return text.String() + "left: " + strings.Join(w.left(), " ")
}

// stacks ends the nodes, which tell where each of our goroutines is.
func (w *world) stacks() string {
	var text strings.Builder
	for _, n := range w.nodes {
		if n.gone() {
			continue
		}
		n.signal(syscall.SIGQUIT)
		<-n.exited
		for part := range strings.SplitSeq(n.said(1<<20), "\n\n") {
			if strings.HasPrefix(part, "goroutine ") && strings.Contains(part, "ediport/") {
				text.WriteString(n.id + " " + part + "\n\n")
			}
		}
	}
	return text.String()
}

func (w *world) show(text *strings.Builder, query string) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	rows, err := w.owner.QueryContext(ctx, query)
	if err != nil {
		text.WriteString(err.Error() + "\n")
		return
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		if rows.Scan(&line) == nil {
			text.WriteString(line + "\n")
		}
	}
	if err := rows.Err(); err != nil {
		text.WriteString(err.Error() + "\n")
	}
}
