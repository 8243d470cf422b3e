package accounts

import (
	"fmt"
	"slices"
	"time"

	"github.com/ediport/ediport/storage"
)

// A SecurityPolicy says how people sign in at a place. An operator's is the default of all its accounts;
// an account's can only narrow it. In what is stored a zero field means the default; what [Service.Policy]
// and [Service.PolicyFor] return has its defaults filled in. The defaults are those of NIST SP 800-63B-4 and
// OWASP ASVS 5.0; [Deviations] names each departure from them.
type SecurityPolicy struct {
	MinLength  int `json:"min_length,omitzero"`   // of a password, characters; see PasswordLength
	MaxAgeDays int `json:"max_age_days,omitzero"` // of a password; 0: it doesn't age
	WarnDays   int `json:"warn_days,omitzero"`    // before a password is too old; 14
	History    int `json:"history,omitzero"`      // so many former passwords are refused; 0
	Classes    int `json:"classes,omitzero"`      // of upper, lower, digit, sign a password must mix; 0

	Lockout          Lockout `json:"lockout,omitzero"`
	DetailedMessages bool    `json:"detailed_messages,omitzero"` // says causes to strangers, too
	ProviderSignIn   bool    `json:"provider_sign_in,omitzero"`  // an NPI is a sign-in name
	ChallengeAlways  bool    `json:"challenge_always,omitzero"`  // proof of work at each sign-in

	RequireMFA   RequiredMFA `json:"require_mfa,omitzero"`
	IdleMinutes  int         `json:"idle_minutes,omitzero"`  // 15, at most 60
	SessionHours int         `json:"session_hours,omitzero"` // 12, at most 24
	Sessions     int         `json:"sessions,omitzero"`      // at the same time; 5

	RecoveryCodeMinutes int  `json:"recovery_code_minutes,omitzero"` // 30, at most a day
	IdentityProofs      int  `json:"identity_proofs,omitzero"`       // asked for in a recovery; 1
	SecurityQuestions   bool `json:"security_questions,omitzero"`

	TwoPerson          TwoPerson `json:"two_person,omitzero"`
	ContactConfirmDays int       `json:"contact_confirm_days,omitzero"` // 180
}

// A Lockout says when failures lock a user, and for how long.
type Lockout struct {
	Failures int  `json:"failures,omitzero"` // in a row; 5, at most 100
	Minutes  int  `json:"minutes,omitzero"`  // 15 to 30; 15
	Manual   bool `json:"manual,omitzero"`   // until an administrator unlocks
}

// Duration returns how long a timed lock lasts.
func (l Lockout) Duration() time.Duration { return time.Duration(l.Minutes) * time.Minute }

// RequiredMFA says who needs a second factor or a passkey. Whoever administers at an operator always does, see
// [Permission.Administers]. In what [Service.PolicyFor] returns, All says whether that person does.
type RequiredMFA struct {
	All   bool   `json:"all,omitzero"`
	Roles []Role `json:"roles,omitzero"` // preset and custom ones

	// Earlier is what roles among them granted when they were named, those that have been changed or retired since.
	Earlier []EarlierRole `json:"earlier,omitzero"`
}

// TwoPerson says whether acts that weaken protection need a second person.
type TwoPerson string

// The values of TwoPerson. The default is on, where an operator has at least two administrators.
const (
	TwoPersonDefault TwoPerson = ""
	TwoPersonOn      TwoPerson = "on"
	TwoPersonOff     TwoPerson = "off"
)

// For says whether a second person is needed at an operator with so many people who could be one.
func (t TwoPerson) For(administrators int) bool {
	return t == TwoPersonOn || t == TwoPersonDefault && administrators >= 2
}

// Lengths of a password. Source: NIST SP 800-63B-4, 3.1.1.2; OWASP ASVS 5.0, 6.2.1.
const minPasswordWithMFA = 8

// PasswordLength returns the least length of a password: 15 characters if it is the only proof, 8 if the
// person needs a second one; the policy can only ask for more.
func (p SecurityPolicy) PasswordLength() int {
	if p.RequireMFA.All {
		return max(p.MinLength, minPasswordWithMFA)
	}
	return max(p.MinLength, MinPasswordLength)
}

// Idle returns how long a session lasts without use, Overall how long in any case.
func (p SecurityPolicy) Idle() time.Duration { return time.Duration(p.IdleMinutes) * time.Minute }

// Overall returns how long a session lasts in any case.
func (p SecurityPolicy) Overall() time.Duration { return time.Duration(p.SessionHours) * time.Hour }

// DefaultPolicy is what holds where nobody set anything.
func DefaultPolicy() SecurityPolicy { return SecurityPolicy{}.withDefaults() }

func (p SecurityPolicy) withDefaults() SecurityPolicy {
	fill := func(field *int, value int) {
		if *field == 0 {
			*field = value
		}
	}
	fill(&p.WarnDays, 14)
	fill(&p.Lockout.Failures, 5)
	fill(&p.Lockout.Minutes, 15)
	fill(&p.IdleMinutes, 15)
	fill(&p.SessionHours, 12)
	fill(&p.Sessions, 5)
	fill(&p.RecoveryCodeMinutes, 30)
	fill(&p.IdentityProofs, 1)
	fill(&p.ContactConfirmDays, 180)
	return p
}

// narrow returns the operator's policy p as an account narrows it; what the account leaves open stays.
func (p SecurityPolicy) narrow(by SecurityPolicy) SecurityPolicy {
	out := p.withDefaults()
	inherited := out
	out = out.stricter(fillFrom(by, inherited))
	// What a stranger meets before the account is known is the operator's to say.
	out.DetailedMessages, out.ProviderSignIn, out.ChallengeAlways = p.DetailedMessages, p.ProviderSignIn, p.ChallengeAlways
	out.TwoPerson = p.TwoPerson
	return out
}

// fillFrom returns p with what it leaves open taken from the other.
func fillFrom(p, from SecurityPolicy) SecurityPolicy {
	fill := func(field *int, value int) {
		if *field == 0 {
			*field = value
		}
	}
	fill(&p.MaxAgeDays, from.MaxAgeDays)
	fill(&p.WarnDays, from.WarnDays)
	fill(&p.Lockout.Failures, from.Lockout.Failures)
	fill(&p.Lockout.Minutes, from.Lockout.Minutes)
	fill(&p.IdleMinutes, from.IdleMinutes)
	fill(&p.SessionHours, from.SessionHours)
	fill(&p.Sessions, from.Sessions)
	fill(&p.RecoveryCodeMinutes, from.RecoveryCodeMinutes)
	fill(&p.IdentityProofs, from.IdentityProofs)
	fill(&p.ContactConfirmDays, from.ContactConfirmDays)
	return p
}

// stricter returns the stricter of both in each field; both have their defaults filled in.
func (p SecurityPolicy) stricter(q SecurityPolicy) SecurityPolicy {
	return SecurityPolicy{
		MinLength:  max(p.MinLength, q.MinLength),
		MaxAgeDays: leastSet(p.MaxAgeDays, q.MaxAgeDays),
		WarnDays:   max(p.WarnDays, q.WarnDays),
		History:    max(p.History, q.History),
		Classes:    max(p.Classes, q.Classes),
		Lockout: Lockout{
			Failures: min(p.Lockout.Failures, q.Lockout.Failures),
			Minutes:  max(p.Lockout.Minutes, q.Lockout.Minutes),
			Manual:   p.Lockout.Manual || q.Lockout.Manual,
		},
		DetailedMessages: p.DetailedMessages && q.DetailedMessages,
		ProviderSignIn:   p.ProviderSignIn && q.ProviderSignIn,
		ChallengeAlways:  p.ChallengeAlways || q.ChallengeAlways,
		RequireMFA: RequiredMFA{
			All:   p.RequireMFA.All || q.RequireMFA.All,
			Roles: union(p.RequireMFA.Roles, q.RequireMFA.Roles), Earlier: slices.Concat(p.RequireMFA.Earlier, q.RequireMFA.Earlier),
		},
		IdleMinutes:         min(p.IdleMinutes, q.IdleMinutes),
		SessionHours:        min(p.SessionHours, q.SessionHours),
		Sessions:            min(p.Sessions, q.Sessions),
		RecoveryCodeMinutes: min(p.RecoveryCodeMinutes, q.RecoveryCodeMinutes),
		IdentityProofs:      max(p.IdentityProofs, q.IdentityProofs),
		SecurityQuestions:   p.SecurityQuestions || q.SecurityQuestions,
		TwoPerson:           stricterTwoPerson(p.TwoPerson, q.TwoPerson),
		ContactConfirmDays:  min(p.ContactConfirmDays, q.ContactConfirmDays),
	}
}

// leastSet returns the smaller of those that are set.
func leastSet(a, b int) int {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}

func union(a, b []Role) []Role {
	if len(a)+len(b) == 0 {
		return nil
	}
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

func stricterTwoPerson(a, b TwoPerson) TwoPerson {
	for _, t := range []TwoPerson{TwoPersonOn, TwoPersonDefault} {
		if a == t || b == t {
			return t
		}
	}
	return TwoPersonOff
}

// A policyLimit is the range of a number of the policy; 0 always means the default.
type policyLimit struct {
	field       string
	value       int
	least, most int
	unit        string
}

func (p SecurityPolicy) limits() []policyLimit {
	return []policyLimit{
		{"min_length", p.MinLength, minPasswordWithMFA, 64, "characters"},
		{"max_age_days", p.MaxAgeDays, 1, 3650, "days"},
		{"warn_days", p.WarnDays, 1, 90, "days"},
		{"history", p.History, 1, 24, "passwords"},
		{"classes", p.Classes, 1, 4, "kinds"},
		{"lockout_failures", p.Lockout.Failures, 3, MaxFailures, "failures"},
		{"lockout_minutes", p.Lockout.Minutes, 15, 30, "minutes"},
		{"idle_minutes", p.IdleMinutes, 5, 60, "minutes"},
		{"session_hours", p.SessionHours, 1, 24, "hours"},
		{"sessions", p.Sessions, 1, 100, "sessions"},
		{"recovery_code_minutes", p.RecoveryCodeMinutes, 5, 1440, "minutes"},
		{"identity_proofs", p.IdentityProofs, 1, 3, "proofs"},
		{"contact_confirm_days", p.ContactConfirmDays, 30, 730, "days"},
	}
}

// Validate returns an *InputError for the first value out of its range.
func (p SecurityPolicy) Validate() error {
	for _, l := range p.limits() {
		if l.value != 0 && (l.value < l.least || l.value > l.most) {
			return &InputError{l.field, fmt.Sprintf("Give a number from %d to %d (%s), or leave it empty for the default.", l.least, l.most, l.unit)}
		}
	}
	switch p.TwoPerson {
	case TwoPersonDefault, TwoPersonOn, TwoPersonOff:
		return nil
	}
	return &InputError{"two_person", "Choose on, off, or the default."}
}

// A Place is an account or an operator; exactly one is set.
type Place struct {
	Operator storage.OperatorID
	Account  storage.AccountID
}
