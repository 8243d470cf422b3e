package problem

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/storage"
)

// ApprovalNeeded says that what was asked for waits for a second person.
var ApprovalNeeded = Problem{
	Code: "approval.needed", Status: http.StatusConflict, Title: "A second person has to approve it",
	Sentence: "It is written down as a request, and nothing changes until somebody else approves it.",
	Next:     "Ask another administrator to look at Approvals.",
}

// fromRoles maps what refuses to change who may do what.
func fromRoles(err error) (Problem, bool) {
	refused := func(code, title, sentence, next string) (Problem, bool) {
		return Problem{Code: code, Status: http.StatusConflict, Title: title, Sentence: sentence, Next: next}, true
	}
	if more, ok := errors.AsType[*accounts.SeesMoreError](err); ok {
		return seesMore(more), true
	}
	switch {
	case errors.Is(err, accounts.ErrOwnAddress):
		return refused("reset.own_address", "A second person has to do this",
			"You changed this person’s e-mail address less than three days ago, and the code would go there.", "Ask another administrator to start it.")
	case errors.Is(err, storage.ErrMasked):
		return Denied(accounts.ViewPatients), true
	case errors.Is(err, accounts.ErrLastOwner):
		return refused("role.last_owner", "The last owner stays",
			"Nobody would be left who may do everything there.", "Make somebody else an owner first, then try again.")
	case errors.Is(err, accounts.ErrOwnRole):
		return refused("role.own", "Somebody else has to do this",
			"Nobody gives himself a role, and nobody disables himself.", "Ask another administrator.")
	case errors.Is(err, accounts.ErrOutranked):
		return refused("role.outranked", "Somebody with more rights has to do this",
			"The person may administer more than you at this place.", "Ask an owner.")
	case errors.Is(err, accounts.ErrElsewhere):
		return refused("role.elsewhere", "The person has roles elsewhere, too",
			"This would reach organizations that you don't manage.", "Take the roles at your own organization away instead, or ask the exchange's administrator.")
	case errors.Is(err, accounts.ErrDecided):
		return approvalDecided, true
	case errors.Is(err, accounts.ErrAskerMayNot):
		return refused("approval.asker_may_not", "Who asked for this may not do it any more",
			"The person was disabled, or has lost the right, after asking.", "Reject the request. Whoever still needs it, and may do it, asks anew.")
	case errors.Is(err, accounts.ErrOwnRequest):
		return refused("approval.own", "A second person has to decide",
			"What you asked for yourself is decided by somebody else.", "Ask another person who may approve it.")
	}
	return Problem{}, false
}

// seesMore says who can do what would open the account of a person who may do more than who asks.
func seesMore(e *accounts.SeesMoreError) Problem {
	p := Problem{
		Code: "role.sees_more", Status: http.StatusConflict, Title: "Somebody with more rights has to do this",
		Sentence: fmt.Sprintf("Whoever does this could come in as the person, who may %s (%s), and you may not.", e.Permission.Title(), e.Permission),
		Next:     "Ask an owner, or an administrator of the exchange.",
	}
	if e.Rows {
		p.Sentence = fmt.Sprintf("Whoever does this could come in as the person, who may %s (%s) for more providers than you.", e.Permission.Title(), e.Permission)
	}
	if len(e.Able) > 0 {
		names := make([]string, len(e.Able))
		for i, g := range e.Able {
			names[i] = g.Name + " (" + g.Place + ")"
		}
		p.Next = "Ask one of these: " + strings.Join(names, ", ") + "."
	}
	return p
}
