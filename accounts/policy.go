package accounts

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Limits of the length of a password, in characters (code points after composing). The least is
// that of a password which is the only proof; the most only bounds the work. Source: NIST SP 800-63B-4, 3.1.1.2.
const (
	MinPasswordLength = 15
	MaxPasswordLength = 256
)

// A PasswordError says why a password is not taken, in a sentence for the person who chose it.
type PasswordError struct {
	Code   string // password.too_short, password.too_long, password.common, password.context
	Reason string
}

func (e *PasswordError) Error() string { return "accounts: " + e.Code }

// CheckPassword returns a *PasswordError if the password must not be used: too short or too long,
// one that is guessed first, or built from the context words (user id, name, e-mail address,
// organization). There are no rules on kinds of characters; they make passwords worse.
func CheckPassword(password string, context ...string) error {
	n := utf8.RuneCountInString(norm.NFC.String(password))
	switch {
	case n < MinPasswordLength:
		return &PasswordError{"password.too_short", fmt.Sprintf(
			"The password has %d characters; it needs at least %d. Four or five unrelated words make a good one.", n, MinPasswordLength)}
	case n > MaxPasswordLength:
		return &PasswordError{"password.too_long", fmt.Sprintf("The password is longer than %d characters.", MaxPasswordLength)}
	}
	letters := simplify(password)
	words := contextWords(context)
	switch {
	case distinct(letters) < 5:
		return &PasswordError{"password.common", "The password repeats a few characters and is easily guessed."}
	case isRun(letters):
		return &PasswordError{"password.common", "The password follows the keyboard, the alphabet or the numbers and is easily guessed."}
	case madeOf(letters, commonWords()):
		return &PasswordError{"password.common", "The password is made of words that are tried first by whoever guesses passwords."}
	case madeOf(letters, slices.Concat(words, commonWords())):
		return &PasswordError{"password.context", "The password is made of your name, user id, e-mail address or organization."}
	}
	return nil
}

//go:embed common.txt
var commonText string

var commonWords = sync.OnceValue(func() []string {
	var words []string
	for line := range strings.Lines(commonText) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			words = append(words, line)
		}
	}
	return words
})

// contextWords cuts names and addresses into their words of at least three characters.
func contextWords(context []string) []string {
	words := []string{"ediport"}
	for _, text := range context {
		for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			if word = simplify(word); utf8.RuneCountInString(word) >= 3 {
				words = append(words, word)
			}
		}
	}
	return words
}

// respelled are the digits and signs that people write for letters.
var respelled = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i")

// simplify lower-cases, undoes respellings and leaves out blanks and signs, as well as the years and
// signs that people put before and behind their word.
func simplify(password string) string {
	text := strings.ToLower(norm.NFKC.String(password))
	if hasLetter(text) {
		text = respelled.Replace(strings.TrimFunc(text, func(r rune) bool { return !unicode.IsLetter(r) }))
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text)
}

func hasLetter(text string) bool { return strings.ContainsFunc(text, unicode.IsLetter) }

func distinct(text string) int {
	seen := map[rune]bool{}
	for _, r := range text {
		seen[r] = true
	}
	return len(seen)
}

// rows are the runs that fingers and minds follow, forwards and backwards.
var rows = []string{
	"abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm",
	"azertyuiopqsdfghjklmwxcvbn", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
}

// isRun says whether nearly all neighbours in text are neighbours in a row: what is not a step of
// a run is the seam where one run is followed by the next.
func isRun(text string) bool {
	runes := []rune(text)
	steps := 0
	for i := 1; i < len(runes); i++ {
		if isStep(string(runes[i-1 : i+1])) {
			steps++
		}
	}
	return len(runes) > 1 && steps*5 >= (len(runes)-1)*4
}

func isStep(pair string) bool {
	reversed := []rune(pair)
	slices.Reverse(reversed)
	for _, row := range rows {
		if strings.Contains(row, pair) || strings.Contains(row, string(reversed)) {
			return true
		}
	}
	return false
}

// madeOf says whether text is a chain of the words and of digits or left-over letters, at most two
// letters in all: passwordPassword2026 is, correct-staple-violin is not.
func madeOf(text string, words []string) bool {
	const never = 3
	cost := make([]int, len(text)+1) // fewest left-over letters to explain text[:i]
	for i := 1; i <= len(text); i++ {
		cost[i] = cost[i-1] + 1
		if text[i-1] >= '0' && text[i-1] <= '9' {
			cost[i] = cost[i-1]
		}
		for _, word := range words {
			if strings.HasSuffix(text[:i], word) {
				cost[i] = min(cost[i], cost[i-len(word)])
			}
		}
	}
	return cost[len(text)] < never
}
