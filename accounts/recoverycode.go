package accounts

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/keys"
)

// Recovery codes: so many, each of so many random bytes. Source: NIST SP 800-63B-4, 4.2.1.1 (64 bits).
const (
	recoveryCodes     = 10
	recoveryCodeBytes = 8
)

// codeEncoding has no letters that are read for digits.
var codeEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// newRecoveryCode returns a code as people copy it: three groups of letters and digits.
func newRecoveryCode() string {
	var b [recoveryCodeBytes]byte
	_, _ = rand.Read(b[:]) // never fails
	text := codeEncoding.EncodeToString(b[:])
	return text[:4] + "-" + text[4:8] + "-" + text[8:]
}

// plainCode undoes what people do to a code when they copy it.
func plainCode(code string) string {
	code = strings.NewReplacer("o", "0", "i", "1", "l", "1", "-", "", " ", "").Replace(strings.ToLower(code))
	return strings.Join(strings.Fields(code), "")
}

// recoveryHash keeps a code of a user: keyed, because 64 bits could be tried out by whoever has the table alone.
func (s *Service) recoveryHash(user storage.UserID, key keys.KeyID, code string) (string, error) {
	pepper, err := s.ring.Subkey(keys.Pepper, key)
	if err != nil {
		return "", fmt.Errorf("recovery code: %w", err)
	}
	mac := hmac.New(sha256.New, pepper.Bytes())
	fmt.Fprintf(mac, "recovery code/%d/%s", user, plainCode(code))
	return hex.EncodeToString(mac.Sum(nil)), nil
}

// RecoveryCodesLeft returns how many of a user's recovery codes are still good.
func (s *Service) RecoveryCodesLeft(ctx context.Context, user storage.UserID) (int, error) {
	rows, err := s.factorRows(ctx, user, FactorRecovery)
	return len(rows), err
}

// NewRecoveryCodes makes ten new recovery codes, to be shown this once; the old ones are void. It needs a second
// factor: the codes stand in for one.
func (s *Service) NewRecoveryCodes(ctx context.Context, p *Principal) ([]string, error) {
	factors, err := s.FactorsOf(ctx, p.UserID)
	if err != nil {
		return nil, err
	}
	if len(factors) == 0 {
		return nil, &InputError{"codes", "Set up an authenticator app or a passkey first: recovery codes stand in for it."}
	}
	var codes []string
	err = s.db.InSignIn(ctx, p.Actor(), func(t *storage.Tx) error {
		codes, err = s.replaceRecoveryCodes(ctx, t, p)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("accounts: recovery codes: %w", err)
	}
	return codes, nil
}

func (s *Service) replaceRecoveryCodes(ctx context.Context, t *storage.Tx, p *Principal) ([]string, error) {
	now, key := s.now(), s.ring.Current()
	if _, err := t.RevokeFactors(ctx, p.UserID, now, string(FactorRecovery)); err != nil {
		return nil, err
	}
	codes := make([]string, recoveryCodes)
	for i := range codes {
		codes[i] = newRecoveryCode()
		id, err := t.NewID(ctx, storage.IDCredential)
		if err != nil {
			return nil, err
		}
		hash, err := s.recoveryHash(p.UserID, key, codes[i])
		if err != nil {
			return nil, err
		}
		row := storage.Factor{ID: id, UserID: int64(p.UserID), Kind: string(FactorRecovery), Hash: hash, KeyID: string(key)}
		if err := t.AddFactor(ctx, row, now); err != nil {
			return nil, err
		}
	}
	event := storage.AuditEvent{Action: "recovery_codes.made", ObjectKind: "user", ObjectID: int64(p.UserID)}
	return codes, t.Audit(ctx, event)
}

// firstRecoveryCodes makes recovery codes for who has none.
func (s *Service) firstRecoveryCodes(ctx context.Context, t *storage.Tx, p *Principal) ([]string, error) {
	rows, err := t.Factors(ctx, p.UserID, string(FactorRecovery))
	if err != nil || len(rows) > 0 {
		return nil, err
	}
	return s.replaceRecoveryCodes(ctx, t, p)
}

// ProveRecoveryCode proves the principal's second factor by a recovery code, which is used up, and tells
// him by mail. The error is an *InputError for a code that isn't good, a *ThrottledError after too many.
func (s *Service) ProveRecoveryCode(ctx context.Context, p *Principal, code string) (SignedIn, error) {
	return s.prove(ctx, p, FactorRecovery, func(t *storage.Tx) (Assurance, error) {
		var hashes []string
		for _, key := range s.ring.IDs() {
			hash, err := s.recoveryHash(p.UserID, key, code)
			if err != nil {
				return "", err
			}
			hashes = append(hashes, hash)
		}
		used, err := t.UseRecoveryCode(ctx, p.UserID, hashes, s.now())
		if err != nil {
			return "", err
		}
		if !used {
			return "", &InputError{"code", "That recovery code is not right, or it was used already. Each works once."}
		}
		return AssuranceMFA, s.notice(ctx, t, p.UserID, NoticeRecoveryUsed, map[string]string{"what": "recovery code"})
	})
}
