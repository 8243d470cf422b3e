package accounts

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/keys"
)

// Options are what a Service needs.
type Options struct {
	DB   *storage.DB
	Ring *keys.Ring // pepper of the passwords
	Log  *slog.Logger
	Hash HashParameters   // zero means DefaultHashParameters
	Now  func() time.Time // nil means time.Now

	// FactorsOptional lets administrators of an operator do without a second factor: for the demo.
	FactorsOptional bool

	// ChallengeNewPlaces asks for a proof of work from addresses where nobody has signed in lately, too.
	ChallengeNewPlaces bool
	// WorkBits is how hard that work is, in zero bits; 0 means 18.
	WorkBits int
	// Breached is a file of hashes of passwords that are known from breaches; nil: none.
	Breached *BreachFile

	IdleLimit    time.Duration // a session ends after so long without a request; 0 means 15 min
	SessionLimit time.Duration // a session ends after so long in any case; 0 means 12 h
}

// Default limits of a session. Source: OWASP ASVS 5.0, 7.3; NIST SP 800-63B-4, 2.2.3.
const (
	DefaultIdleLimit    = 15 * time.Minute
	DefaultSessionLimit = 12 * time.Hour
)

// A Service signs people in and keeps what they may do. Safe for several goroutines.
type Service struct {
	db      *storage.DB
	store   *storage.SignIn
	hasher  *Hasher
	log     *slog.Logger
	now     func() time.Time
	idle    time.Duration
	session time.Duration
	acts    approvalActs

	refusals refusals // of tokens
	buckets  []byte   // key of the throttles' bucket names
	ring     *keys.Ring

	factorsOptional bool
	newPlaces       bool
	workBits        int
	breached        *BreachFile
}

// New returns a Service.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Ring == nil || o.Log == nil {
		return nil, errors.New("accounts: database, keys and log must be given")
	}
	if o.Hash == (HashParameters{}) {
		o.Hash = DefaultHashParameters
	}
	hasher, err := NewHasher(o.Ring, o.Hash)
	if err != nil {
		return nil, err
	}
	pepper, err := o.Ring.Subkey(keys.Pepper, o.Ring.Current())
	if err != nil {
		return nil, fmt.Errorf("accounts: key of the throttles: %w", err)
	}
	s := &Service{
		db: o.DB, store: storage.NewSignIn(o.DB), hasher: hasher, log: o.Log, now: o.Now,
		idle: o.IdleLimit, session: o.SessionLimit, buckets: pepper.Bytes(),
		ring: o.Ring, factorsOptional: o.FactorsOptional,
	}
	s.newPlaces, s.workBits, s.breached = o.ChallengeNewPlaces, o.WorkBits, o.Breached
	if s.workBits == 0 {
		s.workBits = challengeBits
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.idle == 0 {
		s.idle = DefaultIdleLimit
	}
	if s.session == 0 {
		s.session = DefaultSessionLimit
	}
	s.OnApproval(ApprovePolicy, s.approvedPolicy)
	s.OnApproval(ApproveExport, s.approvedExport)
	return s, nil
}

// Hasher returns the hasher, whose count of computations tests compare.
func (s *Service) Hasher() *Hasher { return s.hasher }

// An Origin is where a request comes from.
type Origin struct {
	Address   string
	UserAgent string
	Incident  string // names the request in log and audit
}

func (o Origin) actor(kind storage.ActorKind, id int64) storage.Actor {
	return storage.Actor{Kind: kind, ID: id, Address: o.Address, Request: o.Incident}
}

// newSecret returns 256 random bits as text. The database gets hashSecret of it.
func newSecret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the process instead
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// hashSecret is a plain SHA-256: nobody guesses 256 random bits, so it needs neither salt nor cost.
func hashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// bucket names what was typed or where it came from without keeping it.
func (s *Service) bucket(kind, text string) storage.ThrottleBucket {
	mac := hmac.New(sha256.New, s.buckets)
	mac.Write([]byte("throttle/" + kind + "/" + text))
	return storage.ThrottleBucket{Kind: kind, Bucket: mac.Sum(nil)}
}
