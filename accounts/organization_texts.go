package accounts

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"github.com/ediport/ediport/storage"
)

// Texts are what an operator says on every page: whom to ask, and what is done with data.
type Texts struct {
	Support    string `json:"support"`     // whom to ask and how: a line
	Hours      string `json:"hours"`       // when somebody answers: a line
	Privacy    string `json:"privacy"`     // the privacy policy, plain text; paragraphs are parted by empty lines
	PrivacyURL string `json:"privacy_url"` // where it stands instead; https only
}

const (
	maxLine    = 300
	maxPrivacy = 40_000
)

// validate tidies the texts and says what can't stand on a page.
func (x *Texts) validate() error {
	x.Support, x.Hours, x.PrivacyURL = strings.TrimSpace(x.Support), strings.TrimSpace(x.Hours), strings.TrimSpace(x.PrivacyURL)
	x.Privacy = strings.TrimSpace(strings.ReplaceAll(x.Privacy, "\r\n", "\n"))
	for _, line := range []struct{ field, text string }{{"support", x.Support}, {"hours", x.Hours}} {
		if len(line.text) > maxLine || strings.ContainsFunc(line.text, unicode.IsControl) {
			return &InputError{line.field, "Keep it to one line of up to 300 characters."}
		}
	}
	if len(x.Privacy) > maxPrivacy || strings.ContainsFunc(x.Privacy, func(r rune) bool { return r != '\n' && unicode.IsControl(r) }) {
		return &InputError{"privacy", "Keep it to plain text of up to 40,000 characters."}
	}
	if !safeLink(x.PrivacyURL) {
		return &InputError{"privacy_url", "Enter a web address that begins with https://, without user name or password."}
	}
	return nil
}

// safeLink takes "" and addresses that lead to a site and nowhere else.
func safeLink(text string) bool {
	if text == "" {
		return true
	}
	u, err := url.Parse(text)
	return err == nil && u.Scheme == "https" && u.Hostname() != "" && u.User == nil && len(text) <= 500 &&
		!strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\\' })
}

// Texts returns what an operator says, operator 0 being the installation's first; zero if nothing was set.
func (s *Service) Texts(ctx context.Context, operator storage.OperatorID) (x Texts, err error) {
	stored, err := s.db.Texts(ctx, operator)
	if err != nil || stored == "" {
		return x, err
	}
	if err := json.Unmarshal([]byte(stored), &x); err != nil {
		return x, fmt.Errorf("accounts: texts: %w", err)
	}
	return x, nil
}

// SetTexts changes what the scope's operator says on every page. The error is an *InputError for what can't be said.
func (s *Service) SetTexts(ctx context.Context, scope storage.Scope, x Texts) error {
	if err := x.validate(); err != nil {
		return err
	}
	text, err := json.Marshal(x)
	if err != nil {
		return fmt.Errorf("accounts: texts: %w", err)
	}
	err = s.db.InScope(ctx, scope, func(t *storage.Tx) error {
		if err := t.SetTexts(ctx, storage.JSON(text)); err != nil {
			return err
		}
		return t.Audit(ctx, storage.AuditEvent{Action: "texts.changed", ObjectKind: "operator", ObjectID: int64(scope.Operator)})
	})
	if err != nil {
		return fmt.Errorf("accounts: texts: %w", err)
	}
	return nil
}

// HomeOperator returns the operator whose texts the principal reads; 0 for nobody.
func (p *Principal) HomeOperator() storage.OperatorID {
	if p == nil {
		return 0
	}
	return p.operatorOf(0)
}

// RolesWith returns the titles of the roles that every installation has and that hold the permission.
func RolesWith(permission Permission) []string {
	var titles []string
	for _, preset := range presets {
		for _, granted := range preset.grants {
			if granted == permission {
				titles = append(titles, preset.title)
				break
			}
		}
	}
	return titles
}
