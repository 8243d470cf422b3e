package web

import (
	"encoding/json"
	"net/http"

	"github.com/ediport/ediport/accounts"
)

// judgePassword tells a page's script what there is to say of a password while somebody chooses it. It is open: who
// recovers a password isn't signed in.
func (p *Portal) judgePassword(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	opinion, err := p.Accounts.JudgePassword(r.Context(), principalOf(r), values.Get("password"))
	if err != nil {
		return err
	}
	answer := struct {
		Broken   []string `json:"broken"`
		Reason   string   `json:"reason,omitempty"`
		Strength int      `json:"strength"`
		Word     string   `json:"word"`
	}{append([]string{}, opinion.Broken...), opinion.Reason, opinion.Strength, opinion.Word()}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(answer)
}

// PasswordRules returns what a new password of whoever looks at the page has to meet.
func (v view) PasswordRules() []accounts.PasswordRule {
	if v.Principal == nil {
		return accounts.DefaultPolicy().PasswordRules()
	}
	return v.Principal.Policy.PasswordRules()
}

// PasswordWarning returns in how long the reader's password becomes too old, if that is soon; else "".
func (v view) PasswordWarning() string {
	expires := v.Principal.WarnOfPassword(v.Now)
	if expires.IsZero() || v.Path == stepPaths[accounts.StepPassword] || !expires.After(v.Now) {
		return ""
	}
	return span(expires.Sub(v.Now))
}
