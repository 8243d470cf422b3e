package accounts

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/keys"
)

// Codes of authenticator apps. Source: RFC 6238, 4 and 5.2; RFC 4226, 4 (R6).
const (
	totpPeriod    = 30 // seconds
	totpSkew      = 1  // steps that a code may be early or late
	totpDrift     = 10 // steps within which a wrong clock is recognized
	totpSeedBytes = 20
	totpSetupTime = 15 * time.Minute
	totpPurpose   = "totp.setup"
)

var seedEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// A TOTPSetup is an authenticator app being set up.
type TOTPSetup struct {
	Token string // names it in the next request
	Key   string // the seed, to type into an app
	URI   string // the seed with names, for a QR code. Source: Google Authenticator, Key URI Format
}

// BeginTOTP makes a seed for an authenticator app, to be confirmed by ConfirmTOTP. issuer names this
// installation in the app.
func (s *Service) BeginTOTP(ctx context.Context, p *Principal, issuer string) (TOTPSetup, error) {
	seed := make([]byte, totpSeedBytes)
	_, _ = rand.Read(seed) // never fails
	token, err := s.putCeremony(ctx, p, totpPurpose, seed, totpSetupTime)
	if err != nil {
		return TOTPSetup{}, err
	}
	return totpSetup(token, seed, issuer, p.Login), nil
}

func totpSetup(token string, seed []byte, issuer, login string) TOTPSetup {
	key := seedEncoding.EncodeToString(seed)
	u := url.URL{
		Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + login,
		RawQuery: "secret=" + key + "&issuer=" + strings.ReplaceAll(url.QueryEscape(issuer), "+", "%20") + "&algorithm=SHA1&digits=6&period=30",
	}
	return TOTPSetup{Token: token, Key: key, URI: u.String()}
}

// TOTPSetup returns a set-up that was begun, to be shown again; ErrCeremony if it is over.
func (s *Service) TOTPSetup(ctx context.Context, p *Principal, token, issuer string) (TOTPSetup, error) {
	seed, err := s.ceremony(ctx, p, totpPurpose, token)
	if err != nil {
		return TOTPSetup{}, err
	}
	return totpSetup(token, seed, issuer, p.Login), nil
}

// ConfirmTOTP adds the authenticator app of a set-up when it shows the right code. The session goes on under
// a new token. codes are new recovery codes if the person had none. The error is an *InputError for a
// wrong code, ErrCeremony if the set-up is over.
func (s *Service) ConfirmTOTP(ctx context.Context, p *Principal, token, code, label string) (signedIn SignedIn, codes []string, err error) {
	if label, err = factorLabel(label, "Authenticator app"); err != nil {
		return SignedIn{}, nil, err
	}
	if p.Step == StepFactor {
		return SignedIn{}, nil, &StepError{StepFactor}
	}
	seed, err := s.ceremony(ctx, p, totpPurpose, token)
	if err != nil {
		return SignedIn{}, nil, err
	}
	signedIn, err = s.prove(ctx, p, FactorTOTP, func(t *storage.Tx) (Assurance, error) {
		step, err := s.matchTOTP(p, seed, code, storage.Factor{})
		if err != nil {
			return "", err
		}
		now := s.now()
		if _, err := t.TakeCeremony(ctx, hashSecret(token), totpPurpose, p.SessionID, now); err != nil {
			return "", err // another request finished it
		}
		if codes, err = s.addTOTP(ctx, t, p, seed, label, step); err != nil {
			return "", err
		}
		return AssuranceMFA, nil
	})
	return signedIn, codes, err
}

func (s *Service) addTOTP(ctx context.Context, t *storage.Tx, p *Principal, seed []byte, label string, step int64) ([]string, error) {
	id, err := t.NewID(ctx, storage.IDCredential)
	if err != nil {
		return nil, err
	}
	sealed, err := s.ring.Seal(keys.Secrets, seed, seedPlace(id))
	if err != nil {
		return nil, err
	}
	row := storage.Factor{
		ID: id, UserID: int64(p.UserID), Kind: string(FactorTOTP), Sealed: sealed, KeyID: string(s.ring.Current()), Label: label, LastStep: step,
	}
	if err := t.AddFactor(ctx, row, s.now()); err != nil {
		return nil, err
	}
	if err := s.addedFactor(ctx, t, p, id, FactorTOTP); err != nil {
		return nil, err
	}
	return s.firstRecoveryCodes(ctx, t, p)
}

func seedPlace(id int64) []byte { return fmt.Appendf(nil, "credential/%d/seed", id) }

// ProveTOTP proves the principal's second factor by a code of one of his authenticator apps: one of
// this moment, or one step early or late; each once. The error is an *InputError that says what to do
// about a wrong code (a clock that is off by a few minutes is named), a *ThrottledError after too many.
func (s *Service) ProveTOTP(ctx context.Context, p *Principal, code string) (SignedIn, error) {
	var spent func(*storage.Tx) error
	signedIn, err := s.prove(ctx, p, FactorTOTP, func(t *storage.Tx) (Assurance, error) {
		apps, err := t.Factors(ctx, p.UserID, string(FactorTOTP))
		if err != nil {
			return "", err
		}
		var wrong error = &InputError{"code", "That code is not right. Type the six digits that your app shows now."}
		for _, app := range apps {
			seed, err := s.ring.Open(keys.Secrets, app.Sealed, seedPlace(app.ID))
			if err != nil {
				return "", fmt.Errorf("opening a seed: %w", err)
			}
			step, err := s.matchTOTP(p, seed, code, app)
			var drift *driftError
			switch {
			case err == nil:
				used, err := t.UseStep(ctx, p.UserID, app.ID, step, s.now())
				if err == nil && !used {
					err = errCodeUsed
				}
				return AssuranceMFA, err
			case errors.As(err, &drift):
				spent = func(t *storage.Tx) error { return s.spendStep(ctx, t, p, app, drift.step) }
				wrong = drift.InputError
			case errors.Is(err, errCodeUsed):
				wrong = err
			}
		}
		return "", wrong
	})
	if err != nil && spent != nil {
		if err := s.db.InSignIn(ctx, p.Actor(), spent); err != nil {
			return SignedIn{}, fmt.Errorf("accounts: second factor: %w", err)
		}
	}
	return signedIn, err
}

var errCodeUsed = &InputError{"code", "That code was used already. Wait until your app shows the next one."}

// A driftError is a code that is right for a clock that is off. The code is worth nothing afterwards: whoever
// guessed one of the future and was told so must not be able to wait for it.
type driftError struct {
	*InputError
	step int64
}

func (e *driftError) Unwrap() error { return e.InputError }

// matchTOTP returns the time step of a code. The error is errCodeUsed, a *driftError or another *InputError.
func (s *Service) matchTOTP(p *Principal, seed []byte, code string, app storage.Factor) (int64, error) {
	code = strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, code)
	now := s.now()
	current := now.Unix() / totpPeriod
	offset, found := matchStep(seed, code, current)
	step := current + offset
	switch {
	case !found:
		return 0, &InputError{"code", "That code is not right. Type the six digits that your app shows now."}
	case step <= app.LastStep || slices.Contains(spentSteps(app), step):
		return 0, errCodeUsed
	case offset < -totpSkew || offset > totpSkew:
		return 0, &driftError{driftInput(now, p.Zone(), offset), step}
	}
	return step, nil
}

// matchStep returns how many steps from current the code is right, the nearest first, within the drift.
func matchStep(seed []byte, code string, current int64) (offset int64, found bool) {
	key := seedEncoding.EncodeToString(seed)
	for distance := range int64(totpDrift + 1) {
		for _, offset := range []int64{distance, -distance} {
			want, err := hotp.GenerateCodeCustom(key, uint64(max(current+offset, 0)), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
			if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
				return offset, true
			}
		}
	}
	return 0, false
}

// driftInput says by how much and in which direction the app's clock is off, and what time it is.
func driftInput(now time.Time, zone *time.Location, offset int64) *InputError {
	side, seconds := "ahead of", offset*totpPeriod
	if offset < 0 {
		side, seconds = "behind", -seconds
	}
	off := fmt.Sprintf("%d seconds", seconds)
	if seconds >= 90 {
		off = fmt.Sprintf("%d minutes", (seconds+30)/60)
	}
	return &InputError{"code", fmt.Sprintf("That code is right for a clock that is about %s %s this server’s, where it is %s now. "+
		"Set the clock of your phone or computer to automatic time, then type a new code.", off, side, now.In(zone).Format("3:04:05 PM MST"))}
}

// totpData is the long tail of an authenticator app's row.
type totpData struct {
	Spent []int64 `json:"spent,omitempty"` // steps whose codes were given too early or late: refused since
}

func spentSteps(app storage.Factor) []int64 {
	var data totpData
	if app.Data != "" && json.Unmarshal([]byte(app.Data), &data) != nil {
		return nil
	}
	return data.Spent
}

func (s *Service) spendStep(ctx context.Context, t *storage.Tx, p *Principal, app storage.Factor, step int64) error {
	spent := append(spentSteps(app), step)
	data, err := json.Marshal(totpData{Spent: spent[max(0, len(spent)-20):]})
	if err != nil {
		return err
	}
	return t.SetFactorData(ctx, p.UserID, app.ID, string(data), time.Time{})
}
