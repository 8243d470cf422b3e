package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// A Job is durable work, enqueued in the transaction that wants it. Args never hold patient data.
type Job struct {
	Kind        string
	Args        any       // marshalled to JSON
	Queue       string    // "": default
	MaxAttempts int       // 0: 25
	Priority    int       // 1 (first) to 4; 0: 1
	At          time.Time // zero: now
}

const enqueueJob = `
SELECT ediport_enqueue($1, $2::jsonb, $3, $4, $5, $6)`

// Enqueue adds a job to River's queue and returns its id. It starts after the transaction commits.
func (t *Tx) Enqueue(ctx context.Context, job Job) (int64, error) {
	if len(job.Kind) < 2 {
		return 0, errors.New("storage: a job's kind needs at least two letters")
	}
	args, err := json.Marshal(job.Args)
	if err != nil {
		return 0, fmt.Errorf("storage: arguments of job %s: %w", job.Kind, err)
	}
	if job.Queue == "" {
		job.Queue = "default"
	}
	if job.MaxAttempts == 0 {
		job.MaxAttempts = 25
	}
	if job.Priority == 0 {
		job.Priority = 1
	}
	var at *time.Time
	if !job.At.IsZero() {
		at = &job.At
	}
	var id int64
	err = t.get(ctx, &id, enqueueJob, job.Kind, string(args), job.Queue, job.MaxAttempts, job.Priority, at)
	if err != nil {
		return 0, fmt.Errorf("storage: enqueue %s: %w", job.Kind, err)
	}
	return id, nil
}
