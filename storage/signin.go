package storage

import (
	"context"
	"time"
)

// SignIn is the store of who may come in: users, credentials, memberships, sessions, API tokens and
// throttles. Their tables are outside tenancy, because nobody is in scope before sign-in; no other
// store reaches them. Instants are given by the caller, so that idle times can be tested.
type SignIn struct{ db *DB }

// NewSignIn returns the store on db.
func NewSignIn(db *DB) *SignIn { return &SignIn{db} }

// A SignInUser is a person who may sign in.
type SignInUser struct {
	ID            int64      `db:"id"`
	Login         string     `db:"login"` // user id, case-sensitive
	Email         *string    `db:"email"` // nil: none given
	Name          string     `db:"name"`
	State         string     `db:"state"`        // invited, active, disabled
	LockedUntil   *time.Time `db:"locked_until"` // nil: not locked; year 9999: until somebody unlocks
	TimeZone      *string    `db:"time_zone"`    // nil: the account's
	SecurityEpoch int        `db:"security_epoch"`
	LastSignInAt  *time.Time `db:"last_sign_in_at"` // nil: never

	MustChangePassword bool       `db:"must_change_password"` // somebody else chose it, or see PasswordWhy
	PasswordWhy        string     `db:"password_why"`         // "expired"; "" for somebody else's, and for one that needn't be changed
	PasswordSetAt      *time.Time `db:"password_set_at"`      // nil: has none
	HasFactor          bool       `db:"has_factor"`           // an authenticator app or a passkey

	EmailConfirmed bool       `db:"email_confirmed"`  // a code has reached the address
	ContactAt      time.Time  `db:"contact_at"`       // when address and phone were last said to be right, or given
	ContactAskedAt *time.Time `db:"contact_asked_at"` // when the person last chose to say so later; nil: never
}

const userColumns = `u.id, u.login, u.email, u.name, u.state, u.time_zone, u.security_epoch, u.last_sign_in_at,
	CASE WHEN u.locked_until = 'infinity' THEN timestamptz '9999-12-31 00:00Z' ELSE u.locked_until END AS locked_until,
	EXISTS (SELECT 1 FROM credential c WHERE c.user_id = u.id AND c.kind = 'password' AND c.revoked_at IS NULL
		AND c.must_change) AS must_change_password,
	coalesce((SELECT c.data ->> 'why' FROM credential c WHERE c.user_id = u.id AND c.kind = 'password' AND c.revoked_at IS NULL
		AND c.must_change), '') AS password_why,
	(SELECT c.created_at FROM credential c WHERE c.user_id = u.id AND c.kind = 'password' AND c.revoked_at IS NULL) AS password_set_at,
	EXISTS (SELECT 1 FROM credential c WHERE c.user_id = u.id AND c.kind IN ('totp', 'passkey') AND c.revoked_at IS NULL) AS has_factor,
	u.email_key IS NOT NULL AS email_confirmed, coalesce(u.contact_confirmed_at, u.email_confirmed_at, u.created_at) AS contact_at, u.contact_asked_at`

// A SignInPassword is a user's valid password.
type SignInPassword struct {
	ID         int64     `db:"id"`
	Hash       string    `db:"hash"`
	MustChange bool      `db:"must_change"`
	Why        string    `db:"why"` // it must be changed: "expired"; "": somebody else chose it
	CreatedAt  time.Time `db:"created_at"`
}

// A NewUser is a user to add.
type NewUser struct {
	Login, Email, Name, PasswordHash string // Email "" means none; it counts as confirmed
	MustChange                       bool   // somebody else chose the password
	Memberships                      []NewMembership
}

const insertUser = `
INSERT INTO app_user (id, login, email, email_key, email_confirmed_at, name, created_at, created_by)
VALUES ($1, $2, nullif($3::text, ''), nullif(lower($3::text), ''),
	CASE WHEN $3::text = '' THEN NULL ELSE $4::timestamptz END, $5, $4, nullif($6::bigint, 0))`

// AddUser adds a user with a password and memberships, appends the event and returns the user's
// id. The error is ErrConflict if user id or e-mail address is taken.
func (s *SignIn) AddUser(ctx context.Context, actor Actor, u NewUser, now time.Time, event AuditEvent) (UserID, error) {
	var id int64
	err := s.db.InSignIn(ctx, actor, func(t *Tx) error {
		var err error
		if id, err = t.NewID(ctx, IDUser); err != nil {
			return err
		}
		if _, err := t.exec(ctx, insertUser, id, u.Login, u.Email, now, u.Name, userOf(actor)); err != nil {
			return err
		}
		if err := t.setPassword(ctx, id, u.PasswordHash, u.MustChange, now); err != nil {
			return err
		}
		for _, m := range u.Memberships {
			if err := t.setMembership(ctx, id, m, now); err != nil {
				return err
			}
		}
		event.ObjectKind, event.ObjectID = "user", id
		return t.Audit(ctx, event)
	})
	return UserID(id), err
}

// userOf returns the person who acts, 0 if it is none.
func userOf(actor Actor) int64 {
	if actor.Kind == ActorUser {
		return actor.ID
	}
	return 0
}

const selectUserByName = `
SELECT ` + userColumns + `
FROM app_user u
WHERE u.login = $1 OR u.email_key = $2
ORDER BY u.login = $1 DESC
LIMIT 1`

const selectPassword = `
SELECT id, hash, must_change, coalesce(data ->> 'why', '') AS why, created_at
FROM credential
WHERE user_id = $1 AND kind = 'password' AND revoked_at IS NULL`

// UserByName returns the user with that user id (case-sensitive), or else with that e-mail address
// (lower case), and the password; ErrNotFound if there is none. It asks the same queries either way.
func (s *SignIn) UserByName(ctx context.Context, login, emailKey string) (SignInUser, SignInPassword, error) {
	var (
		user     SignInUser
		password SignInPassword
	)
	err := s.db.InSignIn(ctx, Actor{Kind: ActorAnonymous}, func(t *Tx) error {
		errUser := t.get(ctx, &user, selectUserByName, login, emailKey)
		if err := t.get(ctx, &password, selectPassword, user.ID); errUser == nil {
			return err
		}
		return errUser
	})
	return user, password, err
}

// User returns a user and the password; ErrNotFound if there is none.
func (s *SignIn) User(ctx context.Context, id UserID) (SignInUser, SignInPassword, error) {
	var (
		user     SignInUser
		password SignInPassword
	)
	err := s.db.InSignIn(ctx, Actor{Kind: ActorSystem}, func(t *Tx) error {
		if err := t.get(ctx, &user, `SELECT `+userColumns+` FROM app_user u WHERE u.id = $1`, int64(id)); err != nil {
			return err
		}
		return t.get(ctx, &password, selectPassword, user.ID)
	})
	return user, password, err
}

// ChangePassword replaces a user's password and ends all sessions but the one to keep (0: none), and appends the event.
func (s *SignIn) ChangePassword(ctx context.Context, actor Actor, user UserID, hash string, mustChange bool, keep int64, now time.Time, event AuditEvent) error {
	return s.db.InSignIn(ctx, actor, func(t *Tx) error {
		if err := t.setPassword(ctx, int64(user), hash, mustChange, now); err != nil {
			return err
		}
		if _, err := t.exec(ctx, endSessions, int64(user), keep, now, "password_changed"); err != nil {
			return err
		}
		event.ObjectKind, event.ObjectID = "user", int64(user)
		return t.Audit(ctx, event)
	})
}

const (
	revokePassword = `
UPDATE credential SET revoked_at = $2
WHERE user_id = $1 AND kind = 'password' AND revoked_at IS NULL`

	insertPassword = `
INSERT INTO credential (user_id, id, kind, hash, must_change, created_at)
VALUES ($1, $2, 'password', $3, $4, $5)`
)

func (t *Tx) setPassword(ctx context.Context, user int64, hash string, mustChange bool, now time.Time) error {
	id, err := t.NewID(ctx, IDCredential)
	if err != nil {
		return err
	}
	if _, err := t.exec(ctx, revokePassword, user, now); err != nil {
		return err
	}
	_, err = t.exec(ctx, insertPassword, user, id, hash, mustChange, now)
	return err
}

const upgradeHash = `
UPDATE credential SET hash = $4
WHERE user_id = $1 AND id = $2 AND hash = $3 AND revoked_at IS NULL`

// UpgradeHash replaces the hash of an unchanged password. Nothing happens if it was changed meanwhile.
func (s *SignIn) UpgradeHash(ctx context.Context, user UserID, password SignInPassword, hash string) error {
	return s.db.InSignIn(ctx, Actor{Kind: ActorSystem}, func(t *Tx) error {
		_, err := t.exec(ctx, upgradeHash, int64(user), password.ID, password.Hash, hash)
		return err
	})
}

const disableUser = `
UPDATE app_user SET state = $2, security_epoch = security_epoch + CASE WHEN $2 = 'disabled' THEN 1 ELSE 0 END
WHERE id = $1`

// SetState makes a user "active" or "disabled" and appends the event; who is disabled is out at the
// next request, everywhere.
func (s *SignIn) SetState(ctx context.Context, actor Actor, user UserID, state string, event AuditEvent) error {
	return s.db.InSignIn(ctx, actor, func(t *Tx) error {
		if err := t.execOne(ctx, disableUser, int64(user), state); err != nil {
			return err
		}
		event.ObjectKind, event.ObjectID = "user", int64(user)
		return t.Audit(ctx, event)
	})
}
