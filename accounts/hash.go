package accounts

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/ediport/ediport/storage/keys"
)

// HashParameters are the costs of one argon2id computation. They are stored with every hash, so
// they can be raised at any time: a hash made with others is made anew at its owner's next sign-in.
type HashParameters struct {
	MemoryKiB uint32
	Passes    uint32
	Threads   uint8
}

// DefaultHashParameters cost about 50 ms and 46 MiB; above the least that OWASP's password
// storage cheat sheet asks for (46 MiB and one pass).
var DefaultHashParameters = HashParameters{MemoryKiB: 46 * 1024, Passes: 2, Threads: 1}

// valid refuses to compute what a damaged or forged hash asks for.
func (p HashParameters) valid() bool {
	return p.MemoryKiB >= 8*uint32(p.Threads) && p.MemoryKiB <= 1<<20 &&
		p.Passes >= 1 && p.Passes <= 16 && p.Threads >= 1 && p.Threads <= 16
}

const (
	saltBytes = 16
	hashBytes = 32

	longestWait = 10 * time.Second // for one's turn
)

// errHash: the stored hash can't be read. It names no part of it.
var errHash = errors.New("accounts: the stored password hash is not readable")

// A Hasher makes and checks password hashes: argon2id over the password and a pepper, which is a
// sub-key of the master key, so that a stolen database alone is no ground for guessing. At most
// as many hashes are computed at a time as there are processors; others wait. Safe for several goroutines.
type Hasher struct {
	ring       *keys.Ring
	parameters HashParameters
	slots      chan struct{}
	computed   atomic.Int64
	decoy      string
}

// NewHasher returns a Hasher with the pepper of the ring.
func NewHasher(ring *keys.Ring, parameters HashParameters) (*Hasher, error) {
	if !parameters.valid() {
		return nil, fmt.Errorf("accounts: argon2id parameters out of range: %+v", parameters)
	}
	h := &Hasher{ring: ring, parameters: parameters, slots: make(chan struct{}, max(2, runtime.GOMAXPROCS(0)))}
	decoy, err := h.Hash(context.Background(), rand.Text())
	if err != nil {
		return nil, err
	}
	h.decoy = decoy
	return h, nil
}

// Computed returns how many argon2id computations were done so far; tests compare known and
// unknown users by it.
func (h *Hasher) Computed() int64 { return h.computed.Load() }

// Hash returns the hash of the password as text: algorithm, version, costs, key id of the pepper,
// salt and hash. It waits for its turn, at most 10 s
// or as long as ctx lasts; the error then is the context's.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails: it ends the process instead
	stored := storedHash{parameters: h.parameters, keyID: h.ring.Current(), salt: salt}
	sum, err := h.compute(ctx, password, stored)
	if err != nil {
		return "", err
	}
	stored.sum = sum
	return stored.String(), nil
}

// Verify says whether the password is the one that was hashed, and whether the hash should be
// made anew because costs or pepper have changed since. It costs one computation.
func (h *Hasher) Verify(ctx context.Context, password, hash string) (ok, outdated bool, err error) {
	stored, err := parseHash(hash)
	if err != nil {
		return false, false, err
	}
	sum, err := h.compute(ctx, password, stored)
	if err != nil {
		return false, false, err
	}
	ok = subtle.ConstantTimeCompare(sum, stored.sum) == 1
	return ok, stored.parameters != h.parameters || stored.keyID != h.ring.Current(), nil
}

// VerifyNobody does the work of Verify for a user who doesn't exist.
func (h *Hasher) VerifyNobody(ctx context.Context, password string) error {
	_, _, err := h.Verify(ctx, password, h.decoy)
	return err
}

func (h *Hasher) compute(ctx context.Context, password string, s storedHash) ([]byte, error) {
	pepper, err := h.ring.Subkey(keys.Pepper, s.keyID)
	if err != nil {
		return nil, fmt.Errorf("accounts: pepper: %w", err)
	}
	mac := hmac.New(sha256.New, pepper.Bytes())
	mac.Write([]byte(norm.NFC.String(password)))
	ctx, cancel := context.WithTimeout(ctx, longestWait)
	defer cancel()
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return nil, fmt.Errorf("accounts: waiting to check a password: %w", ctx.Err())
	}
	h.computed.Add(1)
	p := s.parameters
	return argon2.IDKey(mac.Sum(nil), s.salt, p.Passes, p.MemoryKiB, p.Threads, hashBytes), nil
}

// A storedHash is a hash in its parts.
type storedHash struct {
	parameters HashParameters
	keyID      keys.KeyID // whose pepper
	salt, sum  []byte
}

// String returns the hash in the PHC string format, with the key id as "keyid".
func (s storedHash) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d,keyid=%s$%s$%s", argon2.Version,
		s.parameters.MemoryKiB, s.parameters.Passes, s.parameters.Threads, s.keyID,
		b64.EncodeToString(s.salt), b64.EncodeToString(s.sum))
}

func parseHash(text string) (storedHash, error) {
	var s storedHash
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return s, errHash
	}
	p := &s.parameters
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d,keyid=%s", &p.MemoryKiB, &p.Passes, &p.Threads, &s.keyID); err != nil {
		return s, errHash
	}
	var errSalt, errSum error
	s.salt, errSalt = base64.RawStdEncoding.DecodeString(parts[4])
	s.sum, errSum = base64.RawStdEncoding.DecodeString(parts[5])
	if errSalt != nil || errSum != nil || len(s.salt) < 8 || len(s.sum) != hashBytes || !p.valid() {
		return s, errHash
	}
	return s, nil
}
