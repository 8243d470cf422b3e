package problem

import (
	"errors"
	"net/http"

	"github.com/ediport/ediport/accounts"
)

var tokenAddress = Problem{
	Code: "token.address", Status: http.StatusForbidden, Title: "Not from this address",
	Sentence: "This token may be used from certain addresses only, and this is none of them.",
	Next:     "Use it from where it belongs, or make a token whose list of addresses has this one.",
}

// fromFactors says the errors of tokens and of setting up a second step.
func fromFactors(err error) (Problem, bool) {
	switch {
	case errors.Is(err, accounts.ErrTokenAddress):
		return tokenAddress, true
	case errors.Is(err, accounts.ErrCeremony):
		return *BadRequest.With("That took too long, or it was done already."), true
	}
	return Problem{}, false
}
