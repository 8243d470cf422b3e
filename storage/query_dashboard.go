package storage

import (
	"context"
	"fmt"
	"time"
)

// A StateCount is how many files are in a state.
type StateCount struct {
	State string `db:"state"`
	Count int64  `db:"count"`
}

// A Dashboard is what the first page tells. Parts that are not the scope's to see are empty.
type Dashboard struct {
	Since    time.Time // of Files: 24 hours ago
	SinceDay Day       // of payments and answers: seven days ago

	Files     []StateCount // received since, by state
	Attention []StateCount // that wait for a person or hang, whenever received; 1000 means that or more

	UnroutedUnits  int64      // 10,000 means that or more
	UnroutedOldest *time.Time // since when the oldest waits; nil: none waits
	Runs           []Run      // the last five

	Payments       int64 // with a payment date since, production, counted
	PaymentsAmount Money
	Denials        int64 // denied claims among the first 50,000 of these payments

	EligibilityAnswers   int64 // received since; 10,000 of an account mean that or more
	StatusAnswers        int64
	AuthorizationAnswers int64
}

const (
	countFiles = `
SELECT state, count(*) AS count
FROM file
WHERE operator_id = $1 AND received_at >= $2
GROUP BY state
ORDER BY state`

	countAttention = `
SELECT s.state, n.count
FROM unnest(ARRAY['held', 'failed', 'uncertain', 'sending']) AS s(state)
CROSS JOIN LATERAL (SELECT count(*) AS count FROM (
	SELECT 1 FROM file f WHERE f.operator_id = $1 AND f.state = s.state
	AND f.state IN ('downloaded', 'validated', 'held', 'failed', 'generated', 'sending', 'uncertain') LIMIT 1000) c) n
WHERE n.count > 0
ORDER BY s.state`

	countUnrouted = `
SELECT count(*) AS count, (SELECT received_at FROM routing_unit WHERE account_id = $1 ORDER BY id LIMIT 1) AS oldest
FROM (SELECT 1 FROM routing_unit WHERE account_id = $1 LIMIT 10000) c`

	sumPayments = `
SELECT count(*) AS payments, coalesce(sum(p.amount), 0) AS amount
FROM unnest($1::bigint[]) AS part(id)
JOIN payment p ON p.account_id = part.id AND p.payment_date >= $2::date
WHERE p.counted AND p.usage = 'P'`

	countDenials = `
SELECT count(*) FILTER (WHERE denied_lines > 0)
FROM (
	SELECT c.denied_lines
	FROM unnest($1::bigint[]) AS part(id)
	JOIN payment p ON p.account_id = part.id AND p.payment_date >= $2::date
	JOIN claim_payment c ON c.account_id = part.id AND c.id BETWEEN p.first_claim_id AND p.last_claim_id AND c.payment_id = p.id
	WHERE p.counted AND p.usage = 'P'
	LIMIT 50000) c`

	// Ids ascend with time, so the newest are looked at and no more.
	countAnswers = `
SELECT count(*) FILTER (WHERE received_at >= $2)
FROM unnest($1::bigint[]) AS part(id)
CROSS JOIN LATERAL (SELECT t.received_at, t.usage FROM %s t WHERE t.account_id = part.id ORDER BY t.id DESC LIMIT 10000) n
WHERE n.usage = 'P'`
)

// Dashboard returns the counts of the first page.
func (db *DB) Dashboard(ctx context.Context, scope Scope) (d Dashboard, err error) {
	now := db.Now()
	d = Dashboard{Since: now.Add(-24 * time.Hour), SinceDay: DayOf(now.AddDate(0, 0, -7)), Files: []StateCount{}, Attention: []StateCount{}, Runs: []Run{}}
	err = db.InScopeRead(ctx, scope, func(t *Tx) error {
		if scope.Operator != 0 {
			if err := t.exchangeCounts(ctx, &d); err != nil {
				return err
			}
		}
		if len(scope.Accounts) > 0 {
			return t.businessCounts(ctx, &d)
		}
		return nil
	})
	if err != nil {
		return d, fmt.Errorf("storage: dashboard: %w", err)
	}
	return d, nil
}

func (t *Tx) exchangeCounts(ctx context.Context, d *Dashboard) (err error) {
	if err = t.list(ctx, &d.Files, countFiles, t.scope.Operator, d.Since); err != nil {
		return err
	}
	if err = t.list(ctx, &d.Attention, countAttention, t.scope.Operator); err != nil {
		return err
	}
	unrouted, err := t.unroutedAccount(ctx)
	if err != nil {
		return err
	}
	var queue struct {
		Count  int64      `db:"count"`
		Oldest *time.Time `db:"oldest"`
	}
	if err = t.get(ctx, &queue, countUnrouted, unrouted); err != nil {
		return err
	}
	d.UnroutedUnits, d.UnroutedOldest = queue.Count, queue.Oldest
	d.Runs, _, err = t.Runs(ctx, RunFilter{Limit: 5}, "")
	return err
}

func (t *Tx) businessCounts(ctx context.Context, d *Dashboard) error {
	accounts := t.scope.accountArray()
	var sums struct {
		Payments int64 `db:"payments"`
		Amount   Money `db:"amount"`
	}
	if err := t.get(ctx, &sums, sumPayments, accounts, string(d.SinceDay)); err != nil {
		return err
	}
	d.Payments, d.PaymentsAmount = sums.Payments, sums.Amount
	if err := t.get(ctx, &d.Denials, countDenials, accounts, string(d.SinceDay)); err != nil {
		return err
	}
	since := t.Now().AddDate(0, 0, -7)
	for _, c := range []struct {
		table string
		count *int64
	}{{"eligibility_answer", &d.EligibilityAnswers}, {"claim_status_answer", &d.StatusAnswers}, {"authorization_event", &d.AuthorizationAnswers}} {
		if err := t.get(ctx, c.count, fmt.Sprintf(countAnswers, c.table), accounts, since); err != nil {
			return err
		}
	}
	return nil
}
