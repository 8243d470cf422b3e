package accounts

import (
	"context"
	"fmt"
	"time"

	"github.com/ediport/ediport/storage"
)

// A Step is what a signed-in person has to do before anything else.
type Step string

// The steps, in the order they are asked for.
const (
	StepNone     Step = ""
	StepFactor   Step = "second_factor"   // prove the second factor
	StepEnrol    Step = "enrol_factor"    // set one up, because a role asks for it
	StepPassword Step = "change_password" // choose a password of one's own
	StepContact  Step = "confirm_contact" // confirm the e-mail address
)

// An Assurance says what a session proves.
type Assurance string

// The assurances, the weakest first. A passkey resists phishing and its owner was verified by it, so that it
// counts as two factors. Source: NIST SP 800-63B-4, 2.2 and 3.2.5.
const (
	AssurancePending  Assurance = "pending"  // the password was right; something is still asked
	AssurancePassword Assurance = "password" // the password
	AssuranceMFA      Assurance = "mfa"      // the password and a second factor
	AssurancePasskey  Assurance = "passkey"  // a passkey
)

// StepUpAge is how long a proof is good for what needs a fresh one.
const StepUpAge = 10 * time.Minute

// SteppedUp says whether the person has proved within StepUpAge before now who he is.
func (p *Principal) SteppedUp(now time.Time) bool {
	return p != nil && p.Assurance != AssurancePending && now.Sub(p.SteppedUpAt) < StepUpAge
}

// SettingUp says whether the person has just given the password and has to set up a second factor now: there is
// nothing yet by which he could prove more.
func (p *Principal) SettingUp() bool {
	return p != nil && p.Assurance == AssurancePending && p.Step == StepEnrol
}

// stepsAfterPassword returns what a session proves when the password was right, and what comes first then.
func (s *Service) stepsAfterPassword(ctx context.Context, user storage.SignInUser) (Assurance, Step, error) {
	if user.HasFactor {
		return AssurancePending, StepFactor, nil
	}
	required, err := s.factorRequired(ctx, storage.UserID(user.ID))
	if err != nil {
		return AssurancePending, StepNone, err
	}
	switch {
	case required:
		return AssurancePending, StepEnrol, nil
	case user.MustChangePassword:
		return AssurancePassword, StepPassword, nil
	}
	return AssurancePassword, StepNone, nil
}

// factorRequired says whether a role of the user or a policy asks for a second factor.
func (s *Service) factorRequired(ctx context.Context, user storage.UserID) (bool, error) {
	if s.factorsOptional {
		return false, nil
	}
	policy, err := s.PolicyFor(ctx, user)
	if err != nil {
		return false, fmt.Errorf("accounts: second factor: %w", err)
	}
	return policy.RequireMFA.All, nil
}

// openStep returns what comes first in a session. A person whose role has come to ask for a second factor
// since the sign-in sets one up before going on.
func (s *Service) openStep(p *Principal, user storage.SignInUser) Step {
	unproved := p.Assurance == AssurancePending || p.Assurance == AssurancePassword && p.factorRequired
	switch {
	case unproved && user.HasFactor:
		return StepFactor
	case unproved:
		return StepEnrol
	case user.MustChangePassword && p.Assurance != AssurancePasskey:
		return StepPassword
	}
	return StepNone
}

// rotate gives the principal's session a new token and notes what was proved now: a token that was seen
// before is worth nothing afterwards.
func (s *Service) rotate(ctx context.Context, t *storage.Tx, p *Principal, limits sessionLimits, assurance Assurance) (SignedIn, error) {
	now, token := s.now(), newSecret()
	ends := p.SessionEnds
	if p.Assurance == AssurancePending {
		ends = now.Add(limits.overall)
	}
	err := t.RotateSession(ctx, storage.RotatedSession{
		User: p.UserID, ID: p.SessionID, TokenHash: hashSecret(token), Assurance: string(stronger(p.Assurance, assurance)),
		Idle: limits.idle, ExpiresAt: ends, Most: limits.most,
	}, now)
	if err != nil {
		return SignedIn{}, fmt.Errorf("accounts: session: %w", err)
	}
	return SignedIn{Token: token, Expires: ends, UserID: p.UserID}, nil
}

// stronger returns the stronger of two assurances: what was proved stays proved.
func stronger(a, b Assurance) Assurance {
	rank := map[Assurance]int{AssurancePassword: 1, AssuranceMFA: 2, AssurancePasskey: 3}
	if rank[a] > rank[b] {
		return a
	}
	return b
}
