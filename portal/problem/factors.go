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

var (
	tokenFactor = Problem{
		Code: "token.owner_factor", Status: http.StatusForbidden, Title: "The token waits for its owner",
		Sentence: "The person for whom this token acts needs a second step to sign in and has none set up.",
		Next:     "Have the person sign in and set up a passkey or an authenticator app. Then the token works again.",
	}
	tokenPassword = Problem{
		Code: "token.owner_password", Status: http.StatusForbidden, Title: "The token waits for its owner",
		Sentence: "The password of the person for whom this token acts was set by somebody else and has to be changed.",
		Next:     "Have the person sign in and choose a password. Then the token works again.",
	}
	policyChanged = Problem{
		Code: "policy.changed", Status: http.StatusConflict, Title: "The policy was changed since",
		Sentence: "This change was made from a security policy that doesn't hold any more, so nothing was changed.",
		Next:     "Look at the policy as it is now and make the change anew. A request that waits for approval: reject it, and have it asked for again.",
	}
)

// fromFactors says the errors of tokens, of setting up a second step, and of policies.
func fromFactors(err error) (Problem, bool) {
	switch {
	case errors.Is(err, accounts.ErrTokenAddress):
		return tokenAddress, true
	case errors.Is(err, accounts.ErrTokenFactor):
		return tokenFactor, true
	case errors.Is(err, accounts.ErrTokenPassword):
		return tokenPassword, true
	case errors.Is(err, accounts.ErrPolicyChanged):
		return policyChanged, true
	case errors.Is(err, accounts.ErrCeremony):
		return *BadRequest.With("That took too long, or it was done already."), true
	}
	return Problem{}, false
}
