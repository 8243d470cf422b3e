package storage

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/lib/pq"
)

// An AuditItem is an event as those see it who may read the audit.
type AuditItem struct {
	ID            int64      `db:"id"`
	OperatorID    OperatorID `db:"operator_id"` // 0: of nobody known
	AccountID     AccountID  `db:"account_id"`  // 0: of no account
	At            time.Time  `db:"at"`
	ActorKind     ActorKind  `db:"actor_kind"`
	ActorID       int64      `db:"actor_id"`
	Action        string     `db:"action"`
	ObjectKind    string     `db:"object_kind"`
	ObjectID      int64      `db:"object_id"`
	Result        string     `db:"result"`
	Address       string     `db:"address"`
	CorrelationID string     `db:"correlation_id"`
	Detail        JSON       `db:"detail"`
}

// An AuditFilter selects events; zero fields select all.
type AuditFilter struct {
	Person        UserID     // what the person did himself, or by his tokens, or what was done to him
	ActorKind     ActorKind  //
	Action        string     // "claim.viewed", or the beginning of several: "signin."
	ObjectKind    string     //
	ObjectID      int64      // of ObjectKind
	Result        string     // ok, denied, failed
	CorrelationID string     // the incident number of a request
	Address       string     //
	Account       AccountID  //
	From, To      *time.Time // From is included, To isn't
	Views         bool       // only views and exports
}

var byTimeDown = []ordering{{keys: []orderKey{{"t.at", "timestamptz"}, {"t.id", "bigint"}}}}

// AuditEvents returns the events that match, newest first: all of the scope's operator, with those of nobody
// known, else those of the scope's accounts.
func (db *DB) AuditEvents(ctx context.Context, scope Scope, f AuditFilter, page Page) (events []AuditItem, next Cursor, err error) {
	err = db.InScopeRead(ctx, scope, func(t *Tx) error {
		events, next, err = t.auditEvents(ctx, f, page, true)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("storage: audit: %w", err)
	}
	return events, next, nil
}

// EachAuditEvent gives fn the events that match, oldest first, a page at a time.
func (db *DB) EachAuditEvent(ctx context.Context, scope Scope, f AuditFilter, fn func([]AuditItem) error) error {
	page := Page{Limit: maxPage}
	for {
		var events []AuditItem
		err := db.InScopeRead(ctx, scope, func(t *Tx) (err error) {
			events, page.Cursor, err = t.auditEvents(ctx, f, page, false)
			return err
		})
		if err != nil {
			return fmt.Errorf("storage: audit: %w", err)
		}
		if len(events) > 0 {
			if err := fn(events); err != nil {
				return err
			}
		}
		if page.Cursor == "" {
			return nil
		}
	}
}

func (t *Tx) auditEvents(ctx context.Context, f AuditFilter, page Page, down bool) ([]AuditItem, Cursor, error) {
	plan := listPlan{name: "audit", filter: f, from: "audit_event t", orderings: byTimeDown, desc: down}
	if t.scope.Operator != 0 {
		plan.part, plan.parts = "t.operator_id", []int64{int64(t.scope.Operator), 0}
		if f.Account != 0 {
			plan.ranges = append(plan.ranges, where("t.account_id = ?", f.Account))
		}
	} else {
		plan.part, plan.parts = "t.account_id", t.scope.accountParts(f.Account)
	}
	plan.ranges = append(plan.ranges, f.ranges()...)
	plan.filters = f.filters()
	return listRows[AuditItem](ctx, t, plan, page)
}

// ranges are the conditions that an index answers.
func (f AuditFilter) ranges() (all []condition) {
	if f.Person != 0 {
		all = append(all, where(`(t.actor_kind = 'user' AND t.actor_id = ?
		OR t.actor_kind = 'token' AND t.actor_id IN (SELECT k.id FROM api_token k WHERE k.user_id = ?)
		OR t.object_kind = 'user' AND t.object_id = ?)`, f.Person, f.Person, f.Person))
	}
	if f.ObjectKind != "" && f.ObjectID != 0 {
		all = append(all, where("t.object_kind = ? AND t.object_id = ?", f.ObjectKind, f.ObjectID))
	}
	if f.CorrelationID != "" {
		all = append(all, where("t.correlation_id = ?", f.CorrelationID))
	}
	return append(all, timeRange(f.From, f.To)...)
}

// timeRange bounds events to those from one instant until before another.
func timeRange(from, to *time.Time) (all []condition) {
	if from != nil {
		all = append(all, where("t.at >= ?", *from))
	}
	if to != nil {
		all = append(all, where("t.at < ?", *to))
	}
	return all
}

// filters are the conditions that are looked at row by row.
func (f AuditFilter) filters() (all []condition) {
	switch {
	case strings.HasSuffix(f.Action, "."):
		all = append(all, prefixRange("t.action", f.Action)...)
	case f.Action != "":
		all = append(all, where("t.action = ?", f.Action))
	}
	if f.ObjectKind != "" && f.ObjectID == 0 {
		all = append(all, where("t.object_kind = ?", f.ObjectKind))
	}
	for _, c := range []struct{ column, value string }{{"t.actor_kind", string(f.ActorKind)}, {"t.result", f.Result}, {"t.address", f.Address}} {
		if c.value != "" {
			all = append(all, where(c.column+" = ?", c.value))
		}
	}
	if f.Views {
		all = append(all, where("t.action IN ('patient.list', 'patient.view', 'original.downloaded') OR t.action LIKE 'export.%'"))
	}
	return all
}

const selectActors = `
SELECT 'user' AS kind, u.id, u.id AS user_id, u.login, u.name
FROM app_user u
WHERE u.id = ANY ($1::bigint[])
UNION ALL
SELECT 'token', k.id, coalesce(k.user_id, 0), coalesce(u.login, ''), k.name
FROM api_token k LEFT JOIN app_user u ON u.id = k.user_id
WHERE k.id = ANY ($2::bigint[])`

// An AuditActor is who acted, in words.
type AuditActor struct {
	Kind   ActorKind `db:"kind"`
	ID     int64     `db:"id"`
	UserID UserID    `db:"user_id"` // of a token: whose it is; 0: nobody's
	Login  string    `db:"login"`
	Name   string    `db:"name"` // of the person or token
}

// AuditActors returns who the events name: actors by kind and id, and people to whom something was done. Who may
// read an event may know who acted, wherever that person works.
func (db *DB) AuditActors(ctx context.Context, events []AuditItem) (map[ActorKind]map[int64]AuditActor, error) {
	wanted := map[ActorKind][]int64{}
	for _, e := range events {
		wanted[e.ActorKind] = append(wanted[e.ActorKind], e.ActorID)
		if e.ObjectKind == "user" {
			wanted[ActorUser] = append(wanted[ActorUser], e.ObjectID)
		}
	}
	var rows []AuditActor
	err := db.InSignIn(ctx, Actor{Kind: ActorSystem}, func(t *Tx) error {
		return t.list(ctx, &rows, selectActors, pq.Array(wanted[ActorUser]), pq.Array(wanted[ActorToken]))
	})
	if err != nil {
		return nil, fmt.Errorf("storage: actors: %w", err)
	}
	found := map[ActorKind]map[int64]AuditActor{ActorUser: {}, ActorToken: {}}
	for _, r := range rows {
		found[r.Kind][r.ID] = r
	}
	return found, nil
}

const selectActivity = `
SELECT action, result, count(*) AS events, max(at) AS last_at
FROM audit_event
WHERE (actor_kind = 'user' AND actor_id = $1 OR actor_kind = 'token' AND actor_id IN (SELECT k.id FROM api_token k WHERE k.user_id = $1))
	AND at >= $2 AND at < $3
GROUP BY action, result
ORDER BY action, result`

// An Activity is how often somebody did something.
type Activity struct {
	Action string    `db:"action"`
	Result string    `db:"result"`
	Events int64     `db:"events"`
	LastAt time.Time `db:"last_at"`
}

// ActivityOf counts, by action, what a person did, himself or by his tokens, in a time, as far as the scope sees it.
func (db *DB) ActivityOf(ctx context.Context, scope Scope, user UserID, from, to time.Time) ([]Activity, error) {
	counts := []Activity{}
	err := db.InScopeRead(ctx, scope, func(t *Tx) error { return t.list(ctx, &counts, selectActivity, int64(user), from, to) })
	if err != nil {
		return nil, fmt.Errorf("storage: activity: %w", err)
	}
	return counts, nil
}

// UserByLogin returns whose user id it is; ErrNotFound if nobody's.
func (s *SignIn) UserByLogin(ctx context.Context, login string) (id UserID, err error) {
	err = s.db.InSignIn(ctx, Actor{Kind: ActorSystem}, func(t *Tx) error {
		return t.get(ctx, &id, `SELECT id FROM app_user WHERE login = $1`, login)
	})
	return id, err
}

// NamesOf returns the names of users, for who may read of them because of what they did.
func (db *DB) NamesOf(ctx context.Context, ids ...UserID) (map[UserID]string, error) {
	events := make([]AuditItem, len(ids))
	for i, id := range ids {
		events[i] = AuditItem{ActorKind: ActorUser, ActorID: int64(id)}
	}
	actors, err := db.AuditActors(ctx, events)
	if err != nil {
		return nil, err
	}
	names := map[UserID]string{}
	for id, actor := range actors[ActorUser] {
		names[UserID(id)] = actor.Name
	}
	return names, nil
}
