package accounts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/ediport/ediport/storage"
)

// choosePassword returns the hash of a password that a user has chosen, or a *PasswordError that says why it can't be
// taken: by the rules of the strictest of his places, built from his own words or those of his organizations, known from a
// breach, or one that he has had before. more are further words of his, as of an organization that is being added.
func (s *Service) choosePassword(ctx context.Context, user storage.SignInUser, password string, more ...string) (string, error) {
	policy, words, err := s.rulesFor(ctx, user)
	if err != nil {
		return "", err
	}
	problems, err := s.passwordProblems(policy, password, append(words, more...))
	if err != nil {
		return "", err
	}
	if len(problems) > 0 {
		return "", problems[0]
	}
	if err := s.checkReuse(ctx, storage.UserID(user.ID), policy, password); err != nil {
		return "", err
	}
	return s.hasher.Hash(ctx, password)
}

// rulesFor returns the policy that holds for a user's password, and the words it must not be made of.
func (s *Service) rulesFor(ctx context.Context, user storage.SignInUser) (SecurityPolicy, []string, error) {
	words := []string{user.Login, user.Name}
	if user.Email != nil {
		words = append(words, *user.Email)
	}
	memberships, err := s.store.Memberships(ctx, storage.UserID(user.ID))
	if err != nil {
		return SecurityPolicy{}, nil, fmt.Errorf("accounts: password: %w", err)
	}
	accounts, operators, err := s.store.Places(ctx, memberships)
	if err != nil {
		return SecurityPolicy{}, nil, fmt.Errorf("accounts: password: %w", err)
	}
	var ids []storage.AccountID
	var served []storage.Membership
	for _, a := range accounts {
		ids, words = append(ids, a.ID), append(words, a.Name)
		served = append(served, storage.Membership{OperatorID: a.OperatorID})
	}
	_, exchanges, err := s.store.Places(ctx, served)
	if err != nil {
		return SecurityPolicy{}, nil, fmt.Errorf("accounts: password: %w", err)
	}
	for _, o := range slices.Concat(operators, exchanges) {
		words = append(words, o.Name)
	}
	numbers, err := s.store.AccountNumbers(ctx, ids)
	if err != nil {
		return SecurityPolicy{}, nil, fmt.Errorf("accounts: password: %w", err)
	}
	policy := s.policyAt(memberships, accounts, operators)
	if s.factorsOptional {
		policy.RequireMFA.All = false // then the password may be the only proof
	}
	return policy, append(words, numbers...), nil
}

// passwordProblems returns all that is wrong with a password, the file of breached ones included.
func (s *Service) passwordProblems(policy SecurityPolicy, password string, words []string) ([]*PasswordError, error) {
	problems := weaknesses(policy, password, words)
	if s.breached == nil {
		return problems, nil
	}
	for _, spelling := range []string{password, norm.NFC.String(password)} {
		known, err := s.breached.Contains(spelling)
		if err != nil {
			return nil, err
		}
		if known {
			return append(problems, &PasswordError{
				"password.breached", "The password is known from a breach of another site, so it is tried by whoever guesses passwords. Choose another one.",
			}), nil
		}
	}
	return problems, nil
}

// checkReuse refuses the latest passwords, as many as the policy says.
func (s *Service) checkReuse(ctx context.Context, user storage.UserID, policy SecurityPolicy, password string) error {
	if policy.History == 0 || user == 0 {
		return nil
	}
	hashes, err := s.store.FormerHashes(ctx, user, policy.History)
	if err != nil {
		return fmt.Errorf("accounts: password: %w", err)
	}
	for _, hash := range hashes {
		same, _, err := s.hasher.Verify(ctx, password, hash)
		if err != nil && !errors.Is(err, errHash) {
			return err
		}
		if same {
			return &PasswordError{"password.reused", fmt.Sprintf("You have had this password before; your organization refuses the last %d.", policy.History)}
		}
	}
	return nil
}

// A PasswordRule is one thing that a new password has to meet.
type PasswordRule struct {
	Code string // the PasswordError's that breaks it
	Text string
}

// PasswordRules are the policy's rules, for people to read.
func (p SecurityPolicy) PasswordRules() []PasswordRule {
	rules := []PasswordRule{{"password.too_short", fmt.Sprintf(
		"At least %d characters. Four or five unrelated words make a good one; blanks and every other sign are welcome.", p.PasswordLength())}}
	if p.Classes > 0 {
		rules = append(rules, PasswordRule{"password.classes", fmt.Sprintf("At least %d of these: capital letters, small letters, digits, signs.", p.Classes)})
	}
	rules = append(
		rules, PasswordRule{"password.common", "Not one that is guessed first: known words, runs, repetitions."},
		PasswordRule{"password.context", "Not made of your name, user ID, e-mail address, organization or its numbers."},
	)
	if p.History > 0 {
		rules = append(rules, PasswordRule{"password.reused", fmt.Sprintf("None of your last %d passwords.", p.History)})
	}
	return rules
}

// A PasswordOpinion is what there is to say of a password while somebody chooses it.
type PasswordOpinion struct {
	Broken   []string // codes of the rules it breaks
	Reason   string   // of the first; "" if it can be taken
	Strength int      // 0 can't be taken, 1 good enough, 2 good, 3 very good
}

// Word returns the strength in a word.
func (o PasswordOpinion) Word() string {
	return []string{"can't be taken", "good enough", "good", "very good"}[o.Strength]
}

// JudgePassword says what there is to say of a password while somebody chooses it: the principal, or, if nil, somebody
// who isn't signed in, by the default rules. Whether it is a former one shows only when it is handed in. Nothing is kept.
func (s *Service) JudgePassword(ctx context.Context, p *Principal, password string) (PasswordOpinion, error) {
	policy, words := DefaultPolicy(), []string(nil)
	if p != nil {
		user, _, err := s.store.User(ctx, p.UserID)
		if err != nil && !notKnown(err) {
			return PasswordOpinion{}, fmt.Errorf("accounts: password: %w", err)
		}
		if policy, words, err = s.rulesFor(ctx, user); err != nil {
			return PasswordOpinion{}, err
		}
	}
	problems, err := s.passwordProblems(policy, password, words)
	if err != nil {
		return PasswordOpinion{}, err
	}
	var o PasswordOpinion
	for _, problem := range problems {
		o.Broken = append(o.Broken, problem.Code)
	}
	if len(problems) > 0 {
		o.Reason = problems[0].Reason
		return o, nil
	}
	o.Strength = min(3, 1+max(0, utf8.RuneCountInString(password)+2*len(strings.Fields(password))-policy.PasswordLength())/6)
	return o, nil
}
