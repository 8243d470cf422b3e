package accounts

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/ediport/ediport/storage"
)

// A RecoveryRequest is what somebody typed who forgot the password.
//
// What proves that it is the person: people of organizations give an identifier of theirs, as many
// proofs as the policy asks for; all that is given must be right. People who have roles at the operator alone belong to no
// organization: they give user id and e-mail address, of which one is the name. Identifiers are public
// or widely known, so they prove little; what counts is that the code goes to the confirmed address.
type RecoveryRequest struct {
	Name       string // user id or e-mail address
	Identifier string // NPI or provider id of the person's organization
	TaxID      string // of the person's organization
	Other      string // the e-mail address or user id that Name isn't
}

// A RecoveryStarted is a request that was made. It looks the same whether a code was sent or not.
type RecoveryStarted struct {
	Token string // for the browser's cookie; kept nowhere else
}

// StartRecovery sends a code to the confirmed address of whom the request names, if it proves enough; outwardly
// and in its cost it is the same if not. The error is a *ThrottledError for too many requests, an *InputError for
// what can't be a name or an identifier of anybody.
func (s *Service) StartRecovery(ctx context.Context, q RecoveryRequest, o Origin) (RecoveryStarted, error) {
	q, err := q.normal()
	if err != nil {
		return RecoveryStarted{}, err
	}
	if err := s.countRequest(ctx, "recover", q.Name, o); err != nil {
		return RecoveryStarted{}, err
	}
	policy, err := s.RecoveryPolicy(ctx)
	if err != nil {
		return RecoveryStarted{}, err
	}
	user, err := s.recoveryUser(ctx, q)
	if err != nil {
		return RecoveryStarted{}, err
	}
	own, err := s.PolicyFor(ctx, user.ID)
	if err != nil {
		return RecoveryStarted{}, err
	}
	reason := q.refusal(user, max(policy.IdentityProofs, own.IdentityProofs))
	if reason == "" && user.LockedForGood && own.Lockout.Manual {
		reason = "locked" // the policy has somebody look first
	}
	life := codeLife{Seen: policy.RecoveryCodeMinutes, Own: min(policy.RecoveryCodeMinutes, own.RecoveryCodeMinutes)}
	request := newSecret()
	err = s.db.InSystem(ctx, o.actor(storage.ActorAnonymous, 0), func(t *storage.Tx) error {
		return s.writeRecovery(ctx, t, q, user, reason, request, life)
	})
	if err != nil {
		return RecoveryStarted{}, fmt.Errorf("accounts: recovery: %w", err)
	}
	return RecoveryStarted{Token: request}, nil
}

// A codeLife is how long a code is valid, in minutes: as the browser is told, and as the person's own
// policy has it, which can be less. If the browser were told that, it would tell who is known.
type codeLife struct {
	Seen int `json:"seen"`
	Own  int `json:"own"`
}

func (l codeLife) seen(now time.Time) time.Time { return now.Add(time.Duration(l.Seen) * time.Minute) }

func (l codeLife) own(now time.Time) time.Time { return now.Add(time.Duration(l.Own) * time.Minute) }

// recoveryData is what a request for recovery keeps beside its code.
type recoveryData struct {
	Bucket string    `json:"bucket"` // counts wrong codes over all requests for the same person or name
	To     string    `json:"to"`     // keyed hash of the address that the code went to
	Sent   int       `json:"sent"`   // codes
	Life   codeLife  `json:"life"`
	Until  time.Time `json:"until"` // the code is right
}

// writeRecovery keeps the request, sends the mail and leaves the event: all of it also for a request
// that nobody gets a mail for.
func (s *Service) writeRecovery(ctx context.Context, t *storage.Tx, q RecoveryRequest, user storage.RecoveryUser, reason, request string, life codeLife) error {
	now, code := s.now(), newCode(shortCode)
	bound, to, bucket := user.ID, user.Confirmed, fmt.Sprintf("code/user/%d", user.ID)
	event := storage.AuditEvent{Action: "recovery.requested"}
	if user.ID != 0 {
		event.ObjectKind, event.ObjectID = "user", int64(user.ID)
	}
	if reason != "" {
		// Wrong codes are counted by what was typed then, so that they keep nobody else waiting.
		bound, to, bucket = 0, "", "code/name/"+throttleName(q.Name)
		event.Action, event.Result, event.Detail = "recovery.refused", "denied", map[string]any{"reason": reason}
	}
	if err := t.PurgeCodes(ctx, now.Add(-keepCodes)); err != nil {
		return err
	}
	_, err := t.AddCode(ctx, storage.NewCode{
		User: bound, Purpose: purposeRecovery, Hash: s.mailedCodeHash(purposeRecovery, request, code), RequestHash: hashSecret(request),
		Data: recoveryData{Bucket: s.bucketName(bucket), To: s.bucketName("to/" + to), Sent: 1, Life: life, Until: life.own(now)},
		Sent: true, Expires: life.seen(now), Now: now,
	})
	if err != nil {
		return err
	}
	if err := s.sendRecoveryCode(ctx, t, user.MailRecipient, to, code, life.own(now)); err != nil {
		return err
	}
	return t.Audit(ctx, event)
}

func (s *Service) sendRecoveryCode(ctx context.Context, t *storage.Tx, user storage.MailRecipient, to, code string, expires time.Time) error {
	mail := storage.Mail{Address: to, Template: "recovery_code", Expires: expires}
	if to != "" {
		mail.User = user.ID
		mail.Values = map[string]string{"name": user.Name, "login": user.Login, "code": code, "until": expires.UTC().Format(time.RFC3339)}
	}
	return t.SendMail(ctx, s.ring, mail)
}

// normal checks what could be nobody's, which says nothing about who is known.
func (q RecoveryRequest) normal() (RecoveryRequest, error) {
	q.Name, q.Other = typedName(q.Name), typedName(q.Other)
	q.Identifier = strings.ToUpper(strings.TrimSpace(q.Identifier))
	q.TaxID = strings.ReplaceAll(strings.TrimSpace(q.TaxID), "-", "")
	switch {
	case q.Name == "":
		return q, &InputError{"name", "Give your user ID or your e-mail address."}
	case len(q.Identifier) > 80 || len(q.Identifier) == 10 && onlyDigits(q.Identifier) && !ValidNPI(q.Identifier):
		return q, &InputError{"identifier", "An NPI has ten digits, of which the last one checks the others. Look for a typing error."}
	case q.TaxID != "" && (len(q.TaxID) != 9 || !onlyDigits(q.TaxID)):
		return q, &InputError{"tax_id", "A tax ID has nine digits."}
	case q.Identifier == "" && q.TaxID == "" && q.Other == "":
		return q, &InputError{"identifier", "Give the NPI, provider ID or tax ID of your organization."}
	}
	return q, nil
}

// typedName is a name as somebody typed it; "" for what can be nobody's.
func typedName(text string) string {
	text = norm.NFC.String(strings.TrimSpace(text))
	if len(text) > 320 || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return ""
	}
	return text
}

// recoveryUser returns whom the request names; a user with id 0 for nobody.
func (s *Service) recoveryUser(ctx context.Context, q RecoveryRequest) (storage.RecoveryUser, error) {
	var user storage.RecoveryUser
	err := s.db.InSystem(ctx, storage.Actor{Kind: storage.ActorAnonymous}, func(t *storage.Tx) (err error) {
		user, err = t.RecoveryUser(ctx, q.Name, strings.ToLower(q.Name), q.Identifier, q.TaxID, s.now())
		return err
	})
	if errors.Is(err, storage.ErrNotFound) {
		return storage.RecoveryUser{}, nil
	}
	if err != nil {
		return user, fmt.Errorf("accounts: recovery: %w", err)
	}
	return user, nil
}

// refusal returns why the request brings nobody a code, for the audit; "" if it does.
func (q RecoveryRequest) refusal(u storage.RecoveryUser, proofs int) string {
	wrong := q.Identifier != "" && !u.Identifier || q.TaxID != "" && !u.TaxID || q.Other != "" && !q.otherFits(u)
	given := 0
	for _, text := range []string{q.Identifier, q.TaxID, q.Other} {
		if text != "" {
			given++
		}
	}
	organization := u.Identifier && q.Identifier != "" || u.TaxID && q.TaxID != ""
	switch {
	case u.ID == 0:
		return "unknown"
	case wrong:
		return "wrong_proof"
	case u.Accounts == 0 && u.Operators == 0:
		return "no_role"
	case u.Accounts > 0 && (!organization || given < proofs), u.Accounts == 0 && q.Other == "":
		return "too_few_proofs"
	case u.State != "active":
		return "not_active"
	case u.Confirmed == "":
		return "no_confirmed_address"
	}
	return ""
}

// otherFits says whether name and other are the user's two names.
func (q RecoveryRequest) otherFits(u storage.RecoveryUser) bool {
	if u.Confirmed == "" {
		return false
	}
	if q.Name == u.Login {
		return strings.EqualFold(q.Other, u.Confirmed)
	}
	return q.Other == u.Login
}

// RecoveryPolicy returns the policy that holds before anybody is known: that of who runs the exchange.
func (s *Service) RecoveryPolicy(ctx context.Context) (SecurityPolicy, error) {
	var all []storage.Operator
	err := s.db.InSystem(ctx, storage.Actor{Kind: storage.ActorAnonymous}, func(t *storage.Tx) (err error) {
		all, err = t.Operators(ctx)
		return err
	})
	switch {
	case err != nil:
		return SecurityPolicy{}, fmt.Errorf("accounts: recovery: %w", err)
	case len(all) == 0:
		return DefaultPolicy(), nil
	}
	return s.Policy(ctx, Place{Operator: all[0].ID})
}

// countRequest counts a request for a name and from an address; a *ThrottledError if there were too many.
func (s *Service) countRequest(ctx context.Context, what, name string, o Origin) error {
	return s.reserve(ctx, s.recoveryBuckets(what, name, o), delayOfRequests)
}

func (s *Service) reserve(ctx context.Context, buckets []storage.ThrottleBucket, delay func(string, int) time.Duration) error {
	now := s.now()
	blocked, err := s.store.ReserveAttempt(ctx, buckets, now, forgetFailures, delay)
	if err != nil {
		return fmt.Errorf("accounts: recovery: %w", err)
	}
	if !blocked.IsZero() {
		return &ThrottledError{Wait: blocked.Sub(now)}
	}
	return nil
}

// RecoverUserID sends the user id to an address, if it is somebody's confirmed one; outwardly and in
// its cost it is the same if not. Errors as of [Service.StartRecovery].
func (s *Service) RecoverUserID(ctx context.Context, address string, o Origin) error {
	address = typedName(address)
	if at := strings.IndexByte(address, '@'); at < 1 || at == len(address)-1 {
		return &InputError{"email", "That is not an e-mail address."}
	}
	if err := s.countRequest(ctx, "user-id", address, o); err != nil {
		return err
	}
	user, err := s.recoveryUser(ctx, RecoveryRequest{Name: address})
	if err != nil {
		return err
	}
	event := storage.AuditEvent{Action: "user_id.requested"}
	mail := storage.Mail{Template: "user_id", Expires: s.now().Add(resetLife)}
	switch {
	case user.ID == 0 || user.State != "active" || user.Confirmed == "":
		event.Result = "denied"
	default:
		event.ObjectKind, event.ObjectID = "user", int64(user.ID)
		mail.User, mail.Address = user.ID, user.Confirmed
		mail.Values = map[string]string{"name": user.Name, "code": user.Login}
	}
	err = s.db.InSystem(ctx, o.actor(storage.ActorAnonymous, 0), func(t *storage.Tx) error {
		if err := t.SendMail(ctx, s.ring, mail); err != nil {
			return err
		}
		return t.Audit(ctx, event)
	})
	if err != nil {
		return fmt.Errorf("accounts: user id: %w", err)
	}
	return nil
}
