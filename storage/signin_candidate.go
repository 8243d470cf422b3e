package storage

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A CandidateQuery is what is known of an attempt to sign in before its password is looked at.
type CandidateQuery struct {
	Login    string // as typed
	EmailKey string // lower case
	NPI      string // "" if what was typed is none
	Device   []byte // hash of the browser's device token; of "" for none
	Now      time.Time
}

// A Candidate is who a typed name means, with all that decides about the attempt. For a name that nobody
// has, User.ID is 0; the same queries were asked.
type Candidate struct {
	User        SignInUser
	Lock        UserLock
	Password    SignInPassword // Hash "" : has none
	Memberships []Membership
	Accounts    []SignInAccount
	Operators   []SignInOperator

	Device int64 // known device of this user; 0: none
}

// A UserLock is what failures have done to a user.
type UserLock struct {
	Failures int        `db:"failures"`          // of this round
	InARow   int        `db:"failures_in_a_row"` // since the last success
	FailedAt *time.Time `db:"failed_at"`         // nil: not since the last success
	Until    *time.Time `db:"locked_until"`      // nil: not locked; year 9999: until somebody unlocks
	At       *time.Time `db:"locked_at"`         // nil: not locked
	Reason   string     `db:"locked_reason"`     // "" for not locked
	Address  string     `db:"locked_address"`    // "" for not locked
}

const (
	lockColumns = `u.failures, u.failures_in_a_row, u.failed_at, u.locked_at,
	CASE WHEN u.locked_until = 'infinity' THEN timestamptz '9999-12-31 00:00Z' ELSE u.locked_until END AS locked_until,
	coalesce(u.locked_reason, '') AS locked_reason, coalesce(u.locked_address, '') AS locked_address`

	selectLock = `SELECT ` + lockColumns + ` FROM app_user u WHERE u.id = $1`

	selectUserMeant = `
SELECT ` + userColumns + `
FROM app_user u
WHERE u.login = $1 OR u.email_key = $2 OR u.id = $3
ORDER BY u.login = $1 DESC, coalesce(u.email_key = $2, false) DESC
LIMIT 1`

	// One person of the accounts that have the NPI today, where the operator lets NPIs sign in. Two are none.
	selectUserByNPI = `
SELECT min(u.id) AS id
FROM account_identifier i
JOIN account a ON a.id = i.account_id AND a.closed_at IS NULL
JOIN setting s ON s.operator_id = a.operator_id AND s.key = 'security_policy' AND s.value -> 'provider_sign_in' = 'true'
JOIN membership m ON m.account_id = a.id AND m.ended_at IS NULL
JOIN app_user u ON u.id = m.user_id AND u.state = 'active'
WHERE i.kind = 'npi' AND i.value = $1 AND coalesce(i.valid_from <= $2::date, true) AND coalesce(i.valid_to >= $2::date, true)
HAVING count(DISTINCT u.id) = 1`

	selectDevice = `
SELECT id
FROM known_device
WHERE token_hash = $1 AND user_id = $2 AND ended_at IS NULL AND expires_at > $3`

	selectPlaceKnown = `SELECT count(*) FROM sign_in_place WHERE place = $1 AND last_at > $2`

	selectHot = `SELECT coalesce(sum(failures), 0) FROM sign_in_throttle WHERE kind = 'overall' AND first_at > $1`
)

// placeMemory is how long an address is known, hotWindow how long a failure counts among everybody's.
const (
	placeMemory = 90 * 24 * time.Hour
	hotWindow   = 10 * time.Minute
)

// Candidate finds out who is meant by an attempt. It reads across tenants: nobody is in scope yet.
func (s *SignIn) Candidate(ctx context.Context, q CandidateQuery) (Candidate, error) {
	var c Candidate
	err := s.db.InSystem(ctx, Actor{Kind: ActorAnonymous}, func(t *Tx) error { return t.candidate(ctx, q, &c) })
	if err != nil {
		return c, fmt.Errorf("storage: sign-in: %w", err)
	}
	return c, nil
}

// candidate asks each query whatever the answers before were.
func (t *Tx) candidate(ctx context.Context, q CandidateQuery, c *Candidate) error {
	var byNPI int64
	gets := []func() error{
		func() error { return t.get(ctx, &byNPI, selectUserByNPI, q.NPI, q.Now) },
		func() error {
			return t.get(ctx, &c.User, selectUserMeant, q.Login, q.EmailKey, byNPI)
		},
		func() error { return t.get(ctx, &c.Lock, selectLock, c.User.ID) },
		func() error { return t.get(ctx, &c.Password, selectPassword, c.User.ID) },
		func() error { return t.get(ctx, &c.Device, selectDevice, q.Device, c.User.ID, q.Now) },
		func() error { return t.list(ctx, &c.Memberships, selectMemberships, c.User.ID) },
		func() (err error) { c.Accounts, c.Operators, err = t.places(ctx, c.Memberships); return err },
	}
	for _, get := range gets {
		if err := get(); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	return nil
}
