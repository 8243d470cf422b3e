package accounts

import "github.com/ediport/ediport/storage"

// ChooseExchange has a person who works for several operators see one operator's exchange at a time: the one that is asked for if he
// has a role there, else the first by name. What he may do for one must not open rows of another, and a page that asks for several
// rights at once would have none to show to whoever holds some of them here and others there. Requests that wait for a second person, and
// what he may do to other people, stay those of all. Call it before the principal is shared.
func (p *Principal) ChooseExchange(operator storage.OperatorID) {
	if len(p.Operators) < 2 {
		return
	}
	p.Exchange = p.Operators[0].ID
	for _, o := range p.Operators {
		if o.ID == operator {
			p.Exchange = operator
		}
	}
}

// inExchange says whether an operator's exchange is in view.
func (p *Principal) inExchange(operator storage.OperatorID) bool {
	return p.Exchange == 0 || p.Exchange == operator
}
