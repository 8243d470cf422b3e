package storage

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"
)

type greetArgs struct {
	Name string `json:"name"`
}

func (greetArgs) Kind() string { return "greet" }

type greetWorker struct {
	river.WorkerDefaults[greetArgs]
	done chan *river.Job[greetArgs]
}

func (w *greetWorker) Work(_ context.Context, job *river.Job[greetArgs]) error {
	w.done <- job
	return nil
}

// A job enqueued through our transaction is worked by River as if River had inserted it. Fails when a
// new release of River changes its table in a way that ediport_enqueue does not know.
func TestEnqueueIsWorkedByRiver(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	pool, err := db.DirectPool(ctx, 4)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	worker := &greetWorker{done: make(chan *river.Job[greetArgs], 1)}
	workers := river.NewWorkers()
	river.AddWorker(workers, worker)
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
		Queues:  map[string]river.QueueConfig{"default": {MaxWorkers: 2}},
		Workers: workers,
		// Far longer than the test waits: only the notification can make it quick.
		FetchPollInterval: 2 * time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	subscription, stopSubscription := client.Subscribe(river.EventKindJobCompleted)
	defer stopSubscription()
	if err := client.Start(ctx); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Stop(context.WithoutCancel(ctx)) }()

	rolledBack := errors.New("no")
	err = db.InScope(ctx, Scope{Operator: w.operator}, func(tx *Tx) error {
		if _, err := tx.Enqueue(ctx, Job{Kind: "greet", Args: greetArgs{"rolled back"}}); err != nil {
			return err
		}
		return rolledBack
	})
	if !errors.Is(err, rolledBack) {
		t.Fatal(err)
	}
	var id int64
	err = db.InScope(ctx, Scope{Operator: w.operator}, func(tx *Tx) (err error) {
		id, err = tx.Enqueue(ctx, Job{Kind: "greet", Args: greetArgs{"Ada"}, MaxAttempts: 3, Priority: 2})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case job := <-worker.done:
		if job.ID != id || job.Args.Name != "Ada" || job.MaxAttempts != 3 || job.Priority != 2 || job.Attempt != 1 {
			t.Errorf("job %+v, args %+v", job.JobRow, job.Args)
		}
	case <-ctx.Done():
		t.Fatal("the job was not worked")
	}
	select {
	case e := <-subscription:
		if e.Job.State != rivertype.JobStateCompleted {
			t.Errorf("state %s", e.Job.State)
		}
	case <-ctx.Done():
		t.Fatal("the job was not completed")
	}
}

// The row is the one River itself would write.
func TestEnqueueWritesWhatRiverWrites(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	ctx := t.Context()
	pool, err := db.DirectPool(ctx, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{})
	if err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(time.Hour).Truncate(time.Second)
	for _, at := range []time.Time{{}, later} {
		ours := int64(0)
		err = db.InLoad(ctx, w.operator, testActor, func(tx *LoadTx) (err error) {
			ours, err = tx.Enqueue(ctx, Job{Kind: "greet", Args: greetArgs{"x"}, At: at})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := client.Insert(ctx, greetArgs{"x"}, &river.InsertOpts{ScheduledAt: at})
		if err != nil {
			t.Fatal(err)
		}
		const row = `SELECT (to_jsonb(j) - 'id' - 'created_at' - CASE WHEN $2 THEN 'scheduled_at' ELSE '' END)::text FROM river_job j WHERE id = $1`
		a, b := ownerRows[string](t, db, row, ours, at.IsZero()), ownerRows[string](t, db, row, theirs.Job.ID, at.IsZero())
		if a[0] != b[0] {
			t.Errorf("ours:   %s\nRiver's: %s", a[0], b[0])
		}
	}
}
