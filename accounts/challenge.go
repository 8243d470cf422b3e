package accounts

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/bits"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/ediport/ediport/storage"
)

// A Challenge is a piece of work for the browser: to find a number for which the SHA-256 of nonce, dot and
// number begins with so many zero bits. It costs a person about a second and no thought, somebody who tries many
// passwords that second for each. It is signed, for one name from one address, and counts once. Who can't
// compute waits instead, one at a time per address.
type Challenge struct {
	Text  string // goes back with the solution
	Nonce string // what the work is on
	Bits  int
}

const (
	challengeBits   = 18 // about 260,000 hashes
	hotBits         = 2  // more while many fail everywhere
	challengeLife   = 10 * time.Minute
	ChallengeWait   = 30 * time.Second // instead of the work
	challengeName   = 3                // failures of a name that ask for it
	challengeFrom   = 10               // failures of an address that ask for it
	hotFailures     = 100              // of everybody in ten minutes that ask everybody for it
	overallFailures = 2000             // of everybody in ten minutes, from which on only known places and devices get through
	overallDelay    = time.Minute
)

// ChallengeFor returns the challenge that an attempt on the name would meet now, nil if none. It is the same for
// names that exist and names that don't.
func (s *Service) ChallengeFor(ctx context.Context, c Credentials, o Origin) (*Challenge, error) {
	a := s.newAttempt(c, o)
	facts, err := s.challengeFacts(ctx, &a)
	if err != nil || !s.needsWork(facts, o) {
		return nil, err
	}
	challenge := s.newChallenge(&a, s.bitsFor(facts))
	return &challenge, nil
}

// askForWork returns a *ChallengeError if the attempt comes without the work that it needs.
func (s *Service) askForWork(ctx context.Context, a *attempt) error {
	facts, err := s.challengeFacts(ctx, a)
	if err != nil {
		return err
	}
	if facts.Hot >= overallFailures && !facts.AnyDevice && !facts.PlaceKnown {
		return s.throttled(ctx, a.origin, overallDelay)
	}
	if !s.needsWork(facts, a.origin) {
		return nil
	}
	done, err := s.workDone(ctx, a)
	if err != nil || done {
		return err
	}
	event := storage.AuditEvent{Action: "signin.challenged", Result: "denied"}
	if err := s.store.AppendEvents(ctx, a.origin.actor(storage.ActorAnonymous, 0), event); err != nil {
		return fmt.Errorf("accounts: sign-in: %w", err)
	}
	return &ChallengeError{s.newChallenge(a, s.bitsFor(facts))}
}

func (s *Service) challengeFacts(ctx context.Context, a *attempt) (storage.ChallengeFacts, error) {
	facts, err := s.store.ChallengeFacts(ctx, storage.ChallengeQuery{
		Buckets: []storage.ThrottleBucket{a.byName, a.byAddress},
		Device:  hashSecret(a.Device), Place: s.bucket("place", a.origin.Address).Bucket, Now: a.now,
	}, forgetFailures)
	if err != nil {
		return facts, fmt.Errorf("accounts: sign-in: %w", err)
	}
	return facts, nil
}

func (s *Service) needsWork(f storage.ChallengeFacts, o Origin) bool {
	for _, stored := range f.Operator {
		if s.decodePolicy(stored).ChallengeAlways {
			return true
		}
	}
	if f.Failures[0] >= challengeName || f.Failures[1] >= challengeFrom {
		return true
	}
	if f.AnyDevice {
		return false
	}
	return f.Hot >= hotFailures || s.newPlaces && !f.PlaceKnown && !isLocal(o.Address)
}

func (s *Service) bitsFor(f storage.ChallengeFacts) int {
	if f.Hot >= hotFailures {
		return s.workBits + hotBits
	}
	return s.workBits
}

// isLocal says whether somebody at the machine itself asks.
func isLocal(address string) bool {
	a, err := netip.ParseAddr(address)
	return err == nil && a.IsLoopback()
}

func (s *Service) newChallenge(a *attempt, bits int) Challenge {
	nonce := make([]byte, 16)
	_, _ = rand.Read(nonce) // never fails: it ends the process instead
	c := Challenge{Nonce: base64.RawURLEncoding.EncodeToString(nonce), Bits: bits}
	issued := strconv.FormatInt(a.now.Unix(), 10)
	c.Text = strings.Join([]string{issued, strconv.Itoa(bits), c.Nonce, s.signChallenge(a, issued, bits, c.Nonce)}, ".")
	return c
}

// signChallenge binds a challenge to the name that was typed and the address it was typed at.
func (s *Service) signChallenge(a *attempt, issued string, bits int, nonce string) string {
	mac := hmac.New(sha256.New, s.buckets)
	fmt.Fprintf(mac, "challenge/%s/%d/%s/%x/%x", issued, bits, nonce, a.byName.Bucket, a.byAddress.Bucket)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// workDone says whether the attempt brings a challenge of ours that is solved, or old enough to have been waited for.
func (s *Service) workDone(ctx context.Context, a *attempt) (bool, error) {
	given, ok := s.readChallenge(a)
	age := a.now.Sub(given.issued)
	if !ok || age < 0 || age > challengeLife {
		return false, nil
	}
	if !Solves(given.Nonce, a.Solution, given.Bits) {
		if a.Solution != "" || age < ChallengeWait {
			return false, nil
		}
		if alone, err := s.waitedAlone(ctx, a); err != nil || !alone {
			return false, err
		}
	}
	fresh, err := s.store.SpendChallenge(ctx, []byte(given.Nonce), given.issued.Add(challengeLife))
	if err != nil {
		return false, fmt.Errorf("accounts: sign-in: %w", err)
	}
	return fresh, nil
}

// A givenChallenge is one that came back.
type givenChallenge struct {
	Challenge
	issued time.Time
}

// readChallenge reads the attempt's challenge; false if it is none of ours for that name and address.
func (s *Service) readChallenge(a *attempt) (givenChallenge, bool) {
	parts := strings.Split(a.Challenge, ".")
	if len(parts) != 4 {
		return givenChallenge{}, false
	}
	issued, errIssued := strconv.ParseInt(parts[0], 10, 64)
	zeros, errBits := strconv.Atoi(parts[1])
	if errIssued != nil || errBits != nil || !hmac.Equal([]byte(parts[3]), []byte(s.signChallenge(a, parts[0], zeros, parts[2]))) {
		return givenChallenge{}, false
	}
	return givenChallenge{Challenge{Text: a.Challenge, Nonce: parts[2], Bits: zeros}, time.Unix(issued, 0)}, true
}

// waitedAlone lets one attempt without work through per address and wait.
func (s *Service) waitedAlone(ctx context.Context, a *attempt) (bool, error) {
	bucket := []storage.ThrottleBucket{s.bucket("wait", a.origin.Address)}
	blocked, err := s.store.ReserveAttempt(ctx, bucket, a.now, forgetFailures, func(string, int) time.Duration { return ChallengeWait })
	if err != nil {
		return false, fmt.Errorf("accounts: sign-in: %w", err)
	}
	return blocked.IsZero(), nil
}

// Solves says whether the solution is a number that solves a challenge.
func Solves(nonce, solution string, zeros int) bool {
	if len(solution) == 0 || len(solution) > 20 || !onlyDigits(solution) {
		return false
	}
	sum := sha256.Sum256([]byte(nonce + "." + solution))
	return bits.LeadingZeros32(binary.BigEndian.Uint32(sum[:])) >= zeros
}
