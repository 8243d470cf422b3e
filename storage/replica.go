package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
)

const (
	// maxReplicaLag is how far behind the primary what a replica shows may be.
	maxReplicaLag = 5 * time.Second
	// OwnWriteTime is how long after a write its author reads the primary: longer than a replica in use
	// may be behind, so that nobody misses what they just did.
	OwnWriteTime = 2 * maxReplicaLag
	// replicaLookEvery is how often the replica is compared with the primary while it is used.
	replicaLookEvery = time.Second
	// replicaPause is how long a replica that failed is left alone.
	replicaPause = 5 * time.Second
	// replicaPatience is how long a look may take: who waits for it waits for a page.
	replicaPatience = 2 * time.Second
)

// A replica is a streaming replica of the database, from which lists may be read.
type replica struct {
	pool    *sqlx.DB
	primary *sqlx.DB

	mu      sync.Mutex
	state   ReplicaState
	looked  time.Time   // when it was last compared
	looking bool        // somebody does so now
	marks   []replicaAt // positions of the primary that the replica has not reached yet, oldest first
	fresh   time.Time   // the replica shows what was committed until then, by our clock
	writes  map[writer]time.Time
}

// A replicaAt is where the primary was at a time.
type replicaAt struct {
	at       time.Time
	position string
}

// A writer is a principal that wrote in this process.
type writer struct {
	kind ActorKind
	id   int64
}

// A ReplicaState says how the replica is.
type ReplicaState struct {
	Configured bool
	InUse      bool
	Lag        time.Duration // at most so far behind the primary; meaningful while it is in use
	Since      time.Time     // when InUse last changed
	Reason     string        // why it is not in use: "", "unreachable", "lagging", "not looked at yet"
}

type preferReplica struct{}

// PreferReplica marks a context: [DB.InScopeRead] under it may read a replica that is up to five seconds
// behind, unless the scope's actor wrote a short while ago. A function that is given to InScopeRead under
// such a context may be called twice, if the replica is lost in the middle: it must assign, not append.
func PreferReplica(ctx context.Context) context.Context {
	return context.WithValue(ctx, preferReplica{}, true)
}

func (db *DB) newReplica() (*replica, error) {
	pool, err := db.openPool(db.cfg.ReplicaURL, db.cfg.MaxConnections, appPatience)
	if err != nil {
		return nil, err
	}
	return &replica{
		pool: pool, primary: db.app, writes: map[writer]time.Time{},
		state: ReplicaState{Configured: true, Since: time.Now(), Reason: "not looked at yet"},
	}, nil
}

// Replica says how the configured replica is.
func (db *DB) Replica() ReplicaState {
	if db.replica == nil {
		return ReplicaState{}
	}
	db.replica.mu.Lock()
	defer db.replica.mu.Unlock()
	s := db.replica.state
	if s.InUse {
		s.Lag = time.Since(db.replica.fresh)
	}
	return s
}

var readOnly = &sql.TxOptions{ReadOnly: true}

// PrefersReplica tells whether a context was marked by [PreferReplica].
func PrefersReplica(ctx context.Context) bool {
	wanted, _ := ctx.Value(preferReplica{}).(bool)
	return wanted
}

// mayReadReplica tells whether a reading transaction may go to the replica.
func (db *DB) mayReadReplica(ctx context.Context, scope Scope) bool {
	return db.replica != nil && PrefersReplica(ctx) && db.replica.usable(ctx, scope.Actor)
}

// noteWrite remembers who wrote. What is written while somebody looks at something is the audit's.
func (db *DB) noteWrite(ctx context.Context, actor Actor) {
	if db.replica != nil && !PrefersReplica(ctx) {
		db.replica.wrote(actor)
	}
}

// usable tells whether the replica is fresh enough, looking if the last look is long ago.
func (r *replica) usable(ctx context.Context, actor Actor) bool {
	r.mu.Lock()
	now := time.Now()
	if now.Sub(r.writes[writerOf(actor)]) < OwnWriteTime {
		r.mu.Unlock()
		return false
	}
	pause := replicaLookEvery
	if !r.state.InUse && r.state.Reason == "unreachable" {
		pause = replicaPause
	}
	look := !r.looking && now.Sub(r.looked) >= pause
	r.looking = r.looking || look
	r.mu.Unlock()
	if look {
		r.look(ctx)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state.InUse && time.Since(r.fresh) >= maxReplicaLag {
		r.change(false, "lagging")
	}
	return r.state.InUse
}

const (
	// What is committed is flushed.
	selectPrimaryPosition = `SELECT pg_current_wal_flush_lsn()::text`

	// A server that is no replica any more has been promoted: it is a primary of its own, not ours.
	selectReplicaReached = `
SELECT coalesce(pg_is_in_recovery() AND pg_last_wal_replay_lsn() >= p.position::pg_lsn, false)
FROM unnest(string_to_array($1, ' ')) WITH ORDINALITY AS p (position, n)
ORDER BY n`
)

// look compares the replica with the primary. It notes where the primary is, and asks the replica which
// of the noted positions it has reached: until the time of the last of them it shows everything.
func (r *replica) look(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), replicaPatience)
	defer cancel()
	asked := time.Now()
	var position string
	err := r.primary.GetContext(ctx, &position, selectPrimaryPosition)
	r.mu.Lock()
	if err == nil {
		r.marks = append(r.marks, replicaAt{asked, position})
	}
	marks := append([]replicaAt(nil), r.marks...)
	r.mu.Unlock()
	reached := 0
	if err == nil {
		reached, err = r.reached(ctx, marks)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.looked, r.looking = time.Now(), false
	if err != nil {
		r.change(false, "unreachable")
		return
	}
	if reached > 0 {
		r.fresh = marks[reached-1].at
		r.marks = r.marks[reached:]
	}
	if most := 2 * int(maxReplicaLag/replicaLookEvery); len(r.marks) > most {
		r.marks = r.marks[len(r.marks)-most:] // the old ones would say nothing that is new
	}
	if time.Since(r.fresh) < maxReplicaLag {
		r.change(true, "")
		return
	}
	r.change(false, "lagging")
}

// reached returns how many of the positions, in their order, the replica has replayed.
func (r *replica) reached(ctx context.Context, marks []replicaAt) (int, error) {
	list := ""
	for i, m := range marks {
		if i > 0 {
			list += " "
		}
		list += m.position
	}
	var answers []bool
	if err := r.pool.SelectContext(ctx, &answers, selectReplicaReached, list); err != nil {
		return 0, err
	}
	n := 0
	for n < len(answers) && answers[n] {
		n++
	}
	return n, nil
}

// change wants the lock to be held.
func (r *replica) change(inUse bool, reason string) {
	if r.state.InUse != inUse {
		r.state.Since = time.Now()
	}
	r.state.InUse, r.state.Reason = inUse, reason
}

// lost takes the replica out of use until the next look.
func (r *replica) lost() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.looked = time.Now()
	r.change(false, "unreachable")
}

// wrote remembers that somebody wrote, and forgets those who did so long ago.
func (r *replica) wrote(actor Actor) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if len(r.writes) > 1000 {
		for w, at := range r.writes {
			if now.Sub(at) > OwnWriteTime {
				delete(r.writes, w)
			}
		}
	}
	r.writes[writerOf(actor)] = now
}

func writerOf(a Actor) writer { return writer{a.Kind, a.ID} }

// inReplica runs fn on the replica. It is false if somebody else must be asked: the replica is lost, stops
// its readers to go on replaying, or knows less than the primary.
func (db *DB) inReplica(ctx context.Context, scope Scope, fn func(*Tx) error) (bool, error) {
	err := db.inTx(ctx, db.replica.pool, scope, readOnly, fn)
	switch {
	case err == nil, ctx.Err() != nil:
		return true, err
	case isLost(err):
		db.replica.lost()
		return false, nil
	case errors.Is(err, ErrNotFound), isRecoveryConflict(err):
		return false, nil
	default:
		return true, err
	}
}

// isLost tells whether an error is of the server or of the way to it, not of what was asked.
func isLost(err error) bool {
	var said *Error
	if errors.As(err, &said) {
		switch fmt.Sprintf("%.2s", said.Code) {
		case "08", "53", "57": // connection, resources, shutting down
			return true
		}
		return false
	}
	var network net.Error
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, sql.ErrConnDone) ||
		errors.As(err, &network)
}

// isRecoveryConflict tells whether the replica stopped a reader that was in the way of its replaying.
func isRecoveryConflict(err error) bool {
	var said *Error
	return errors.As(err, &said) && (said.Code == "40001" || said.Code == "40P01")
}
