package accountstest

import (
	"errors"
	"strconv"
	"testing"

	"github.com/ediport/ediport/accounts"
)

// workBits keep the work before a sign-in cheap in tests.
const workBits = 6

// Solve does the work of a challenge.
func Solve(c accounts.Challenge) string {
	for n := 0; ; n++ {
		if solution := strconv.Itoa(n); accounts.Solves(c.Nonce, solution, c.Bits) {
			return solution
		}
	}
}

// Try attempts to sign in, with the work done where it is asked for, as a browser with scripts does.
func (w *World) Try(t testing.TB, c accounts.Credentials, o accounts.Origin) (accounts.SignedIn, error) {
	t.Helper()
	signedIn, err := w.Accounts.SignIn(t.Context(), c, o)
	var work *accounts.ChallengeError
	if errors.As(err, &work) {
		c.Challenge, c.Solution = work.Challenge.Text, Solve(work.Challenge)
		return w.Accounts.SignIn(t.Context(), c, o)
	}
	return signedIn, err
}
