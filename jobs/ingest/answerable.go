package ingest

import (
	"encoding/json"
	"strings"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/ack"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/view"
	"github.com/ediport/ediport/storage"
)

// An answerable is an interchange that has to be acknowledged, and what the survey knows of it.
type answerable struct {
	id, start, end int64
	header         edi.Interchange
	complete       bool
	groups         []answerableGroup
	sets           map[int64]int // by the offset of the ST: index in the plan
	dispositions   map[string]int
	from           *storage.Partner // nil: nobody knows
	requests       int              // sets that ask us something
	others         int              // sets that don't, acknowledgments left out
	reused         bool
	kept           string // why its acknowledgments don't leave; "": they do
	strict         bool   // what is at fault is refused
}

type answerableGroup struct {
	id            int64
	functionalID  string
	controlNumber string
}

// answer remembers the interchange that closes, if it has to be acknowledged. Never are: a duplicate, for which its first one was; an
// interchange of our own; one of nothing but acknowledgments. An answer to us that breaks off is not either: what of it is there is loaded, the
// rest may follow, and a TA1 could only refuse all of it.
func (s *surveyor) answer(i *view.Interchange, row *storage.InterchangeRow) {
	if s.outbox == nil || row.DuplicateOf != 0 || s.routing.isOurs(i.Interchange) {
		return
	}
	a := &answerable{
		id: row.ID, start: i.Start, end: i.End, header: i.Interchange, complete: i.Complete, groups: s.groups, sets: s.starts, dispositions: s.sets,
		from: s.partner, requests: s.requests, others: s.others,
		reused: row.DispositionReason == holdReuse && s.requests > 0 && s.partner != nil && s.partner.ReusePolicy == "reject",
	}
	if a.requests+a.others == 0 && (i.Complete || len(i.TA1) > 0) && i.AckRequested != "1" || a.requests == 0 && !i.Complete {
		return
	}
	a.decide(s.testData, row.DispositionReason == holdReuse)
	s.plan.answers = append(s.plan.answers, a)
}

// decide says by the partner's policy whether the acknowledgments leave, and what they refuse. Requests are always acknowledged, unless the
// partner does not want it; everything else only if it does. What waits for a person is not called accepted before.
func (a *answerable) decide(testData, reused bool) {
	asks := a.requests > 0 && a.others == 0
	wanted := asks
	policy := "receive"
	if asks {
		policy = "strict"
	}
	if p := a.from; p != nil {
		wanted = asks && p.AcknowledgeRequests || !asks && p.AcknowledgeAnswers
		policy = p.AnswerPolicy
		if asks {
			policy = p.RequestPolicy
		}
	}
	a.strict = policy == "strict"
	switch {
	case !wanted:
		a.kept = storage.KeptByPolicy
	case testData || reused && !a.reused:
		a.kept = storage.KeptHeld
	}
}

// policy says what findings do to the acknowledgment.
func (a *answerable) policy() ack.Policy {
	if a.from != nil && a.from.AcknowledgmentPolicy != "" {
		if p, err := ReadPolicy(a.from.AcknowledgmentPolicy); err == nil { // it was checked when it was entered
			return p
		}
	}
	if a.strict {
		return ack.DefaultPolicy()
	}
	return ack.TolerantPolicy()
}

// ReadPolicy reads an acknowledgment policy in JSON, as docs/acknowledgments.md describes it.
func ReadPolicy(text string) (ack.Policy, error) {
	var p ack.Policy
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return ack.Policy{}, err
	}
	return p, p.Validate()
}

// isOurs tells whether an interchange comes from ourselves: a file of ours that came back.
func (r *router) isOurs(i edi.Interchange) bool {
	ours := false
	for _, id := range r.identities {
		if id.Identifier != i.SenderID || id.Qualifier != "" && id.Qualifier != i.SenderQualifier {
			continue
		}
		if id.Side == "theirs" {
			return false
		}
		ours = true
	}
	return ours
}

// rulesOf returns what a partner wants beyond the guides; nil if nothing, or if its rules can't be read any more.
func (r *router) rulesOf(p *storage.Partner) *guide.PartnerRules {
	if p == nil || p.Rules == "" {
		return nil
	}
	if rules, known := r.rules7[p.ID]; known {
		return rules
	}
	rules, err := guide.ReadPartnerRules(strings.NewReader(p.Rules))
	if err != nil {
		rules = nil // they were checked when they were entered
	}
	if r.rules7 == nil {
		r.rules7 = map[storage.PartnerID]*guide.PartnerRules{}
	}
	r.rules7[p.ID] = rules
	return rules
}
