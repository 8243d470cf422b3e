package storage

import (
	"context"
	"fmt"
	"time"
)

// Figures are what an installation looks like from outside at one moment: what its metrics show.
type Figures struct {
	Queues      []QueueDepth
	Connections []ConnectionFigures
	Nodes       []NodeState
	Outbox      []Counted // messages that could not be sent so far, by kind
	Outbound    []Counted // files on their way out that have not arrived, by state
	Incidents   int64     // open
	Dead        int64     // jobs that were given up with an error
	Lag         float64   // seconds by which the latest due schedule is late; 0: none is
	Now         time.Time // the database's clock
}

// ConnectionFigures are a connection's health.
type ConnectionFigures struct {
	ID            ConnectionID `db:"id"`
	Name          string       `db:"name"`
	Paused        bool         `db:"paused"`
	ErrorStreak   int          `db:"error_streak"`
	LastContactAt *time.Time   `db:"last_contact_at"` // nil: never
	LastFileAt    *time.Time   `db:"last_file_at"`    // nil: never
	Public        string       `db:"-"`               // the id as it leaves the house
}

// Counted is a number of rows of a name.
type Counted struct {
	Name string `db:"name"`
	Rows int64  `db:"rows"`
}

const (
	selectConnectionFigures = `
SELECT id, name, paused, error_streak, last_contact_at, last_file_at
FROM connection
ORDER BY operator_id, id
LIMIT 2000`

	countOutbox = `
SELECT kind AS name, count(*) AS rows
FROM outbox
WHERE state = 'waiting' AND attempts > 0
GROUP BY kind`

	countOutboundStates = `
SELECT state AS name, count(*) AS rows
FROM file
WHERE direction = 'out' AND state IN ('generated', 'sending', 'uncertain', 'failed')
GROUP BY state`

	countAllIncidents = `SELECT count(*) FROM incident WHERE resolved_at IS NULL`

	countDeadJobs = `SELECT count(*) FROM river_job WHERE state = 'discarded' OR state = 'cancelled' AND cardinality(errors) > 0`

	selectScheduleLag = `
SELECT coalesce(extract(epoch FROM greatest(interval '0', now() - min(next_due_at + delay_seconds * interval '1 second'))), 0)::float8
FROM schedule
WHERE next_due_at IS NOT NULL AND NOT paused
	AND NOT EXISTS (SELECT 1 FROM setting s WHERE s.operator_id = schedule.operator_id AND s.key = 'schedules.paused')`
)

// Figures reads the figures of all operators. It belongs into a transaction of [DB.InSystem].
func (t *Tx) Figures(ctx context.Context) (*Figures, error) {
	f := &Figures{Connections: []ConnectionFigures{}, Outbox: []Counted{}, Outbound: []Counted{}}
	var err error
	if f.Queues, err = t.QueueDepths(ctx); err != nil {
		return nil, err
	}
	if f.Nodes, err = t.NodeStates(ctx); err != nil {
		return nil, err
	}
	for _, read := range []func() error{
		func() error { return t.list(ctx, &f.Connections, selectConnectionFigures) },
		func() error { return t.list(ctx, &f.Outbox, countOutbox) },
		func() error { return t.list(ctx, &f.Outbound, countOutboundStates) },
		func() error { return t.get(ctx, &f.Incidents, countAllIncidents) },
		func() error { return t.get(ctx, &f.Dead, countDeadJobs) },
		func() error { return t.get(ctx, &f.Lag, selectScheduleLag) },
		func() error { return t.get(ctx, &f.Now, selectNow) },
	} {
		if err := read(); err != nil {
			return nil, fmt.Errorf("storage: figures: %w", err)
		}
	}
	return f, nil
}
