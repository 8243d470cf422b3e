package api

import (
	"errors"
	"net/http"
	"slices"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/storage"
)

// policyRoutes are those of the security policies.
func (a *API) policyRoutes() []route {
	manage := need(accounts.ManagePolicies)
	operator, account := a.policyPlace(storage.PublicOperator), a.policyPlace(storage.PublicAccount)
	return []route{
		{"GET /api/v1/policies", manage, a.pages(a.listPolicies)},
		{"GET /api/v1/operators/{id}/policy", manage, a.showPolicy(operator)},
		{"PATCH /api/v1/operators/{id}/policy", manage, a.changePolicy(operator)},
		{"GET /api/v1/accounts/{id}/policy", manage, a.showPolicy(account)},
		{"PATCH /api/v1/accounts/{id}/policy", manage, a.changePolicy(account)},
	}
}

// policyAnswer is the security policy of an operator or an account.
type policyAnswer struct {
	ID         string            `json:"id"`       // of the operator or the account
	HeldFor    string            `json:"held_for"` // operator, account
	Name       string            `json:"name"`
	Version    string            `json:"version"` // of what is set: to be sent with a change
	Set        policySettings    `json:"set"`     // what somebody has set here
	Holds      policySettings    `json:"holds"`   // what holds: with the defaults and, for an account, what its operator sets
	Deviations []deviationAnswer `json:"deviations"`
}

// deviationAnswer is a departure of what holds from current guidance.
type deviationAnswer struct {
	Setting string `json:"setting"` // what is set, in a sentence
	Source  string `json:"source"`  // what says otherwise
	Effect  string `json:"effect"`  // what it costs, and what speaks for it
}

// policySettings are the settings of a policy. A number that is not set is zero.
type policySettings struct {
	MinLength        int      `json:"min_length"`   // of a password, characters
	MaxAgeDays       int      `json:"max_age_days"` // of a password
	WarnDays         int      `json:"warn_days"`    // before a password is too old
	History          int      `json:"history"`      // so many former passwords are refused
	Classes          int      `json:"classes"`      // kinds of characters that a password must mix
	LockoutFailures  int      `json:"lockout_failures"`
	LockoutMinutes   int      `json:"lockout_minutes"`
	LockoutManual    bool     `json:"lockout_manual"`    // until somebody unlocks
	DetailedMessages bool     `json:"detailed_messages"` // strangers are told causes, too; of an operator only
	ProviderSignIn   bool     `json:"provider_sign_in"`  // an NPI is a sign-in name; of an operator only
	ChallengeAlways  bool     `json:"challenge_always"`  // of an operator only
	MFAAll           bool     `json:"mfa_all"`           // everybody needs a second factor
	MFARoles         []string `json:"mfa_roles"`         // who needs one: presets' names, ids of made roles
	IdleMinutes      int      `json:"idle_minutes"`
	SessionHours     int      `json:"session_hours"`
	Sessions         int      `json:"sessions"` // of a person at a time

	RecoveryCodeMinutes int    `json:"recovery_code_minutes"`
	IdentityProofs      int    `json:"identity_proofs"` // asked for in a recovery
	TwoPerson           string `json:"two_person"`      // on, off, or null for the default; of an operator only
	ContactConfirmDays  int    `json:"contact_confirm_days"`
}

// policyInput is a change of a policy. Zero, and an empty text, mean the default.
type policyInput struct {
	Version string `json:"version"` // the one that you read
	Reason  string `json:"reason"`  // for who decides, where it takes two people

	MinLength        *int      `json:"min_length"`
	MaxAgeDays       *int      `json:"max_age_days"`
	WarnDays         *int      `json:"warn_days"`
	History          *int      `json:"history"`
	Classes          *int      `json:"classes"`
	LockoutFailures  *int      `json:"lockout_failures"`
	LockoutMinutes   *int      `json:"lockout_minutes"`
	LockoutManual    *bool     `json:"lockout_manual"`
	DetailedMessages *bool     `json:"detailed_messages"`
	ProviderSignIn   *bool     `json:"provider_sign_in"`
	ChallengeAlways  *bool     `json:"challenge_always"`
	MFAAll           *bool     `json:"mfa_all"`
	MFARoles         *[]string `json:"mfa_roles"` // all of them
	IdleMinutes      *int      `json:"idle_minutes"`
	SessionHours     *int      `json:"session_hours"`
	Sessions         *int      `json:"sessions"`

	RecoveryCodeMinutes *int    `json:"recovery_code_minutes"`
	IdentityProofs      *int    `json:"identity_proofs"`
	TwoPerson           *string `json:"two_person"` // "" for the default
	ContactConfirmDays  *int    `json:"contact_confirm_days"`
}

// ofOperator returns the first field that is given and that only an operator's policy has; "" for none.
func (in *policyInput) ofOperator() string {
	switch {
	case in.DetailedMessages != nil:
		return "detailed_messages"
	case in.ProviderSignIn != nil:
		return "provider_sign_in"
	case in.ChallengeAlways != nil:
		return "challenge_always"
	case in.TwoPerson != nil:
		return "two_person"
	}
	return ""
}

// apply sets what is given, but for the roles.
func (in *policyInput) apply(p *accounts.SecurityPolicy) {
	set(&p.MinLength, in.MinLength)
	set(&p.MaxAgeDays, in.MaxAgeDays)
	set(&p.WarnDays, in.WarnDays)
	set(&p.History, in.History)
	set(&p.Classes, in.Classes)
	set(&p.Lockout.Failures, in.LockoutFailures)
	set(&p.Lockout.Minutes, in.LockoutMinutes)
	set(&p.Lockout.Manual, in.LockoutManual)
	set(&p.DetailedMessages, in.DetailedMessages)
	set(&p.ProviderSignIn, in.ProviderSignIn)
	set(&p.ChallengeAlways, in.ChallengeAlways)
	set(&p.RequireMFA.All, in.MFAAll)
	set(&p.IdleMinutes, in.IdleMinutes)
	set(&p.SessionHours, in.SessionHours)
	set(&p.Sessions, in.Sessions)
	set(&p.RecoveryCodeMinutes, in.RecoveryCodeMinutes)
	set(&p.IdentityProofs, in.IdentityProofs)
	set(&p.ContactConfirmDays, in.ContactConfirmDays)
	if in.TwoPerson != nil {
		p.TwoPerson = accounts.TwoPerson(*in.TwoPerson)
	}
}

func (a *API) settingsOf(p accounts.SecurityPolicy) policySettings {
	s := policySettings{
		MinLength: p.MinLength, MaxAgeDays: p.MaxAgeDays, WarnDays: p.WarnDays, History: p.History, Classes: p.Classes,
		LockoutFailures: p.Lockout.Failures, LockoutMinutes: p.Lockout.Minutes, LockoutManual: p.Lockout.Manual,
		DetailedMessages: p.DetailedMessages, ProviderSignIn: p.ProviderSignIn, ChallengeAlways: p.ChallengeAlways, MFAAll: p.RequireMFA.All,
		IdleMinutes: p.IdleMinutes, SessionHours: p.SessionHours, Sessions: p.Sessions, RecoveryCodeMinutes: p.RecoveryCodeMinutes,
		IdentityProofs: p.IdentityProofs, TwoPerson: string(p.TwoPerson), ContactConfirmDays: p.ContactConfirmDays,
	}
	for _, role := range p.RequireMFA.Roles {
		s.MFARoles = append(s.MFARoles, a.roleName(role))
	}
	return s
}

// A placeOf finds out whose policy a request is about.
type placeOf func(r *http.Request) (accounts.PolicyPlace, error)

// policyPlace finds the place in the path. One whose policy the principal may not change is not found.
func (a *API) policyPlace(kind string) placeOf {
	return func(r *http.Request) (accounts.PolicyPlace, error) {
		id, err := a.pathID(r, kind)
		if err != nil {
			return accounts.PolicyPlace{}, err
		}
		wanted := accounts.Place{Account: storage.AccountID(id)}
		if kind == storage.PublicOperator {
			wanted = accounts.Place{Operator: storage.OperatorID(id)}
		}
		places := principalOf(r).PolicyPlaces()
		i := slices.IndexFunc(places, func(place accounts.PolicyPlace) bool { return place.Place == wanted })
		if i < 0 {
			return accounts.PolicyPlace{}, &problem.NotFound
		}
		return places[i], nil
	}
}

// policyOf returns what is set and what holds at a place, and how that departs from guidance.
func (a *API) policyOf(r *http.Request, place accounts.PolicyPlace) (policyAnswer, error) {
	stored, err := a.Accounts.StoredPolicy(r.Context(), place.Place)
	if err != nil {
		return policyAnswer{}, err
	}
	holds, err := a.Accounts.Policy(r.Context(), place.Place)
	if err != nil {
		return policyAnswer{}, err
	}
	answer := policyAnswer{
		ID: a.id(storage.PublicOperator, int64(place.Operator)), HeldFor: "operator", Name: place.Name,
		Version: stored.Version(), Set: a.settingsOf(stored), Holds: a.settingsOf(holds),
	}
	if place.Account != 0 {
		answer.ID, answer.HeldFor = a.id(storage.PublicAccount, int64(place.Account)), "account"
	}
	for _, d := range accounts.Deviations(holds) {
		answer.Deviations = append(answer.Deviations, deviationAnswer{d.Setting, d.Source, d.Effect})
	}
	return answer, nil
}

// listPolicies answers GET /api/v1/policies, all of them at once.
func (a *API) listPolicies(r *http.Request, q *params) (any, storage.Cursor, error) {
	if err := q.done(); err != nil {
		return nil, "", err
	}
	items := []policyAnswer{}
	for _, place := range principalOf(r).PolicyPlaces() {
		answer, err := a.policyOf(r, place)
		if err != nil {
			return nil, "", err
		}
		items = append(items, answer)
	}
	return items, "", nil
}

func (a *API) showPolicy(of placeOf) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		place, err := of(r)
		if err != nil {
			return err
		}
		answer, err := a.policyOf(r, place)
		if err != nil {
			return err
		}
		return a.json(w, r, http.StatusOK, a.render(answer))
	}
}

// askedFor is the kind of a request for a second person in the audit.
const askedFor = "approval"

// changePolicy changes a policy and answers with it, or asks a second person where the change protects less, and answers
// with what waits.
func (a *API) changePolicy(of placeOf) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		place, err := of(r)
		if err != nil {
			return err
		}
		did, err := a.once(w, r, http.StatusOK, principalOf(r).Actor(), func(once *storage.Once) (made, error) {
			change, err := a.policyChange(r, place)
			if err != nil {
				return made{}, err
			}
			approval, err := a.Accounts.SetPolicy(r.Context(), principalOf(r).Doing(once), place.Place, change)
			switch {
			case errors.Is(err, storage.ErrConflict):
				return made{}, &problem.ApprovalWaits
			case approval != 0:
				return made{askedFor, approval}, err
			}
			return made{}, err
		})
		if err != nil {
			return err
		}
		if did.kind == askedFor {
			return a.sendApproval(w, r, http.StatusAccepted, did.id)
		}
		answer, err := a.policyOf(r, place)
		if err != nil {
			return err
		}
		return a.json(w, r, http.StatusOK, a.render(answer))
	}
}

// policyChange reads a change. It is made from what is set now; that this is what the version says is looked at when it is stored.
func (a *API) policyChange(r *http.Request, place accounts.PolicyPlace) (c accounts.PolicyChange, err error) {
	var in policyInput
	if err := readJSON(r, &in); err != nil {
		return c, err
	}
	if in.Version == "" {
		return c, wrong("version", "is needed: the one that you read")
	}
	if field := in.ofOperator(); field != "" && place.Account != 0 {
		return c, wrong(field, "is set by the operator's policy only")
	}
	if c.Policy, err = a.Accounts.StoredPolicy(r.Context(), place.Place); err != nil {
		return c, err
	}
	in.apply(&c.Policy)
	c.Seen, c.Reason = in.Version, in.Reason
	if in.MFARoles != nil {
		c.Policy.RequireMFA.Roles, err = a.mfaRoles(r, place, c.Policy.RequireMFA, *in.MFARoles)
	}
	return c, err
}

// mfaRoles returns the roles of these names, each of which is there to be chosen at the place.
func (a *API) mfaRoles(r *http.Request, place accounts.PolicyPlace, before accounts.RequiredMFA, names []string) ([]accounts.Role, error) {
	offered, err := a.Accounts.PolicyRoles(r.Context(), principalOf(r), place.Place)
	if err != nil {
		return nil, err
	}
	var known []string
	for _, role := range append(slices.Clone(before.Roles), rolesOf(offered)...) {
		known = append(known, a.roleName(role))
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, wrong("mfa_roles", "names a role that there isn't at this place")
		}
	}
	return before.Choose(offered, func(role accounts.RoleDefinition) bool { return slices.Contains(names, a.roleName(role.Role)) }), nil
}

func rolesOf(definitions []accounts.RoleDefinition) []accounts.Role {
	return mapped(definitions, func(d accounts.RoleDefinition) accounts.Role { return d.Role })
}
