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
	Code   string // password.too_short, too_long, classes, common, context, breached, reused
	Reason string
}

func (e *PasswordError) Error() string { return "accounts: " + e.Code }

// CheckPassword returns a *PasswordError if the password must not be used: too short or too long,
// one that is guessed first, or built from the context words (user id, name, e-mail address,
// organization). There are no rules on kinds of characters; they make passwords worse.
func CheckPassword(password string, context ...string) error {
	if all := weaknesses(DefaultPolicy(), password, context); len(all) > 0 {
		return all[0]
	}
	return nil
}

// weaknesses returns all that is wrong with a password by a policy, without asking anybody.
func weaknesses(policy SecurityPolicy, password string, context []string) []*PasswordError {
	var all []*PasswordError
	add := func(code, reason string) { all = append(all, &PasswordError{code, reason}) }
	n, least := utf8.RuneCountInString(norm.NFC.String(password)), policy.PasswordLength()
	switch {
	case n < least:
		add("password.too_short", fmt.Sprintf(
			"The password has %d characters; it needs at least %d. Four or five unrelated words make a good one.", n, least))
	case n > MaxPasswordLength:
		return []*PasswordError{{"password.too_long", fmt.Sprintf("The password is longer than %d characters.", MaxPasswordLength)}}
	}
	if kinds := classesOf(password); kinds < policy.Classes {
		add("password.classes", fmt.Sprintf(
			"The password mixes %d of capital letters, small letters, digits and signs; your organization asks for %d.", kinds, policy.Classes))
	}
	letters, plain := simplify(password), strings.ToLower(norm.NFKC.String(password))
	words := contextWords(context)
	switch {
	case distinct(letters) < 5:
		add("password.common", "The password repeats a few characters and is easily guessed.")
	case isRun(letters) || isRun(plain) || isRun(withoutTail(plain)):
		add("password.common", "The password follows the keyboard, the alphabet or the numbers and is easily guessed.")
	case madeOf(letters, commonWords()) || isTried(letters):
		add("password.common", "The password is made of words that are tried first by whoever guesses passwords.")
	case madeOf(letters, slices.Concat(words, commonWords())) || holdsNumber(password, context):
		add("password.context", "The password is made of your name, user ID, e-mail address, organization or its numbers.")
	}
	return all
}

// withoutTail leaves out the digits and signs behind the rest, unless little remains.
func withoutTail(text string) string {
	if rest := strings.TrimRightFunc(text, func(r rune) bool { return !unicode.IsLetter(r) }); len(rest) >= 6 {
		return rest
	}
	return text
}

// classesOf counts the kinds of characters: capital letters, small letters, digits, others.
func classesOf(password string) int {
	var kinds [4]int
	for _, r := range password {
		switch {
		case unicode.IsUpper(r):
			kinds[0] = 1
		case unicode.IsDigit(r):
			kinds[2] = 1
		case unicode.IsLetter(r):
			kinds[1] = 1
		default:
			kinds[3] = 1
		}
	}
	return kinds[0] + kinds[1] + kinds[2] + kinds[3]
}

// holdsNumber says whether an identifier of the person's organization stands in the password.
func holdsNumber(password string, context []string) bool {
	return slices.ContainsFunc(context, func(c string) bool {
		return len(c) >= 9 && onlyDigits(c) && strings.Contains(password, c)
	})
}

//go:embed tried.txt
var triedText string

var triedWords = sync.OnceValue(func() map[string]bool {
	words := map[string]bool{}
	for _, word := range slices.Concat(wordsIn(triedText), commonWords()) {
		words[word] = true
	}
	return words
})

// isTried says whether text is one or two words of those that people choose as a whole password. Longer
// phrases of them are good ones.
func isTried(text string) bool {
	words := triedWords()
	text = strings.TrimRight(text, "0123456789")
	if words[text] {
		return true
	}
	for i := range text {
		if i > 0 && words[strings.TrimRight(text[:i], "0123456789")] && words[strings.Trim(text[i:], "0123456789")] {
			return true
		}
	}
	return false
}

//go:embed common.txt
var commonText string

var commonWords = sync.OnceValue(func() []string { return wordsIn(commonText) })

// wordsIn returns the words of a list; lines that begin with # are remarks.
func wordsIn(text string) []string {
	var words []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			words = append(words, strings.Fields(line)...)
		}
	}
	return words
}

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
	"azertyuiopqsdfghjklmwxcvbn", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "qazwsxedcrfvtgbyhnujmikolp",
	"1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "zaq1xsw2cde3vfr4bgt5nhy6mju7ki8lo9p0", "!@#$%^&*()_+",
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
