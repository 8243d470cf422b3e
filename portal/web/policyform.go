package web

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ediport/ediport/accounts"
)

// A policyForm is the form of a security policy, group by group.
type policyForm struct {
	Groups []policyGroup
	Roles  []policyRole // who needs a second factor
	All    bool         // everybody does
	Two    accounts.TwoPerson
}

type policyGroup struct {
	Title  string
	Fields []policyField
}

// A policyField is a number or a switch of the policy.
type policyField struct {
	Name, Label, Hint string
	Number            *int  // of the policy that the form was made of
	Switch            *bool // the same
	Holds             func(accounts.SecurityPolicy) int
	Text              string // what stands in the field
	Default           string // what holds if it is empty
	On                bool
	operatorOnly      bool // what a stranger meets before the account is known
}

type policyRole struct {
	accounts.RoleDefinition
	Value string // in the form
	On    bool
}

// fields returns all fields, bound to the policy's.
func policyGroups(p *accounts.SecurityPolicy) []policyGroup {
	number := func(name, label, hint string, n *int, holds func(accounts.SecurityPolicy) int) policyField {
		return policyField{Name: name, Label: label, Hint: hint, Number: n, Holds: holds}
	}
	option := func(name, label, hint string, b *bool, operatorOnly bool) policyField {
		return policyField{Name: name, Label: label, Hint: hint, Switch: b, operatorOnly: operatorOnly}
	}
	type sp = accounts.SecurityPolicy
	return []policyGroup{
		{"Passwords", []policyField{
			number("min_length", "Least length, characters", "15 for those whose password is the only proof, 8 with a second factor; you can ask for more.", &p.MinLength, nil),
			number("max_age_days", "Expires after days", "Empty: never, as guidance asks for.", &p.MaxAgeDays, nil),
			number("warn_days", "Warning before it expires, days", "", &p.WarnDays, func(p sp) int { return p.WarnDays }),
			number("history", "Former passwords that are refused", "Empty: none.", &p.History, nil),
			number("classes", "Kinds of characters to mix", "Of capital letters, small letters, digits, signs. Empty: no such rule, as guidance asks for.", &p.Classes, nil),
		}},
		{"Failed attempts", []policyField{
			number("lockout_failures", "Failures in a row that lock", "", &p.Lockout.Failures, func(p sp) int { return p.Lockout.Failures }),
			number("lockout_minutes", "Minutes until it opens by itself", "15 to 30.", &p.Lockout.Minutes, func(p sp) int { return p.Lockout.Minutes }),
			option("lockout_manual", "Stays locked until somebody unlocks", "Then strangers can keep people out for longer.", &p.Lockout.Manual, false),
			option("detailed_messages", "Say to everybody why a sign-in fails", "Else only whoever knows the password learns it.", &p.DetailedMessages, true),
			option("challenge_always", "Security check at every sign-in", "Else after failures and from new places.", &p.ChallengeAlways, true),
			option("provider_sign_in", "An NPI serves as a sign-in name", "Where one person only uses the NPI.", &p.ProviderSignIn, true),
		}},
		{"Sessions", []policyField{
			number("idle_minutes", "Minutes without use until a session ends", "5 to 60.", &p.IdleMinutes, func(p sp) int { return p.IdleMinutes }),
			number("session_hours", "Hours until it ends in any case", "1 to 24.", &p.SessionHours, func(p sp) int { return p.SessionHours }),
			number("sessions", "Sessions of a person at a time", "", &p.Sessions, func(p sp) int { return p.Sessions }),
		}},
		{"Recovery and contact", []policyField{
			number("recovery_code_minutes", "Minutes that a code is good for", "5 to 1440.", &p.RecoveryCodeMinutes, func(p sp) int { return p.RecoveryCodeMinutes }),
			number("identity_proofs", "Proofs asked for", "NPI, tax id and others on file.", &p.IdentityProofs, func(p sp) int { return p.IdentityProofs }),
			number("contact_confirm_days", "Days until people confirm their contact data", "", &p.ContactConfirmDays, func(p sp) int { return p.ContactConfirmDays }),
		}},
	}
}

// policyFormOf returns the form of what is set at a place, where there are these roles.
func policyFormOf(p accounts.SecurityPolicy, operator bool, roles []accounts.RoleDefinition) policyForm {
	form := policyForm{Groups: policyGroups(&p), All: p.RequireMFA.All, Two: p.TwoPerson}
	for g := range form.Groups {
		group := &form.Groups[g]
		group.Fields = slices.DeleteFunc(group.Fields, func(f policyField) bool { return f.operatorOnly && !operator })
		for i := range group.Fields {
			f := &group.Fields[i]
			if f.Number != nil && *f.Number != 0 {
				f.Text = strconv.Itoa(*f.Number)
			}
			f.On = f.Switch != nil && *f.Switch
		}
	}
	for _, role := range roles {
		form.Roles = append(form.Roles, policyRole{RoleDefinition: role, On: slices.Contains(p.RequireMFA.Roles, role.Role)})
	}
	return form
}

// name fills in what the form calls the roles.
func (f *policyForm) name(p *Portal) {
	for i := range f.Roles {
		f.Roles[i].Value = p.roleValue(f.Roles[i].RoleDefinition)
	}
}

// typed puts back what was typed, also what is no number.
func (f *policyForm) typed(values url.Values) {
	for g := range f.Groups {
		for i := range f.Groups[g].Fields {
			if field := &f.Groups[g].Fields[i]; field.Number != nil {
				field.Text = values.Get(field.Name)
			}
		}
	}
}

// effective fills in what holds where a field is empty.
func (f *policyForm) effective(p accounts.SecurityPolicy) {
	for g := range f.Groups {
		for i := range f.Groups[g].Fields {
			if field := &f.Groups[g].Fields[i]; field.Holds != nil {
				field.Default = strconv.Itoa(field.Holds(p))
			}
		}
	}
}

// readPolicy reads the form but for the roles; what is no number is said by field.
func readPolicy(values url.Values, operator bool) (accounts.SecurityPolicy, FieldErrors) {
	var p accounts.SecurityPolicy
	fields := FieldErrors{}
	for _, group := range policyGroups(&p) {
		for _, f := range group.Fields {
			text := strings.TrimSpace(values.Get(f.Name))
			switch {
			case f.operatorOnly && !operator:
			case f.Switch != nil:
				*f.Switch = text == "yes"
			case text != "":
				n, err := strconv.Atoi(text)
				if err != nil || n < 0 {
					fields[f.Name] = fmt.Sprintf("%s: give a number, or leave it empty.", f.Label)
				}
				*f.Number = n
			}
		}
	}
	p.RequireMFA.All = values.Get("mfa_all") == "yes"
	if operator {
		p.TwoPerson = accounts.TwoPerson(values.Get("two_person"))
	}
	return p, fields
}
