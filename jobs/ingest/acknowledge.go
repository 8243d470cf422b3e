package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/ack"
	"github.com/ediport/ediport/storage"
)

// acknowledge makes the acknowledgments of the interchanges of a file, before anything of it is loaded: what they refuse is not.
func (in *Ingester) acknowledge(l *load, p *plan) ([]Answer, error) {
	var answers []Answer
	for _, a := range p.answers {
		m := &answering{load: l, plan: p, answerable: a, codes: map[int]string{}}
		if err := m.make(in); err != nil {
			return nil, err
		}
		answers = append(answers, m.answers...)
	}
	return answers, nil
}

// An answering makes the acknowledgments of one interchange.
type answering struct {
	*load
	plan *plan
	*answerable
	answers  []Answer
	codes    map[int]string // IK501 by index of the set in the plan
	rejected bool           // all of the interchange
	groups   map[int]bool   // rejected ones, by ordinal
	members  map[int][]int  // sets of a group, by its ordinal
}

func (m *answering) make(in *Ingester) error {
	if m.reused {
		return m.refuseReuse()
	}
	var answer999, answerTA1 bytes.Buffer
	m.groups, m.members = map[int]bool{}, map[int][]int{}
	a := ack.NewAcknowledger(ack.Options{To999: &answer999, ToTA1: &answerTA1, Policy: m.policy(), Time: m.clock()})
	a.Checker.Partner = m.routing.rulesOf(m.from)
	a.Set = m.setAnswered
	a.Rejected = m.wasRejected
	err := in.readRange(m.file, m.start, m.end-m.start, func(r io.Reader) error { return a.Run(&contextReader{m.ctx, r}) })
	if err != nil && !errors.Is(err, edi.ErrNotX12) {
		return fmt.Errorf("acknowledging: %w", err)
	}
	if err := m.add("TA1", answerTA1.Bytes(), m.tellTA1); err != nil {
		return err
	}
	if err := m.add("999", answer999.Bytes(), m.tell999); err != nil {
		return err
	}
	if m.kept == storage.KeptHeld || m.kept != "" && !m.strict {
		return nil // nobody is told, so what is loaded does not depend on it
	}
	return m.follow()
}

// clock is the time that acknowledgments show, by the operator's clock: X12 has no zone.
func (m *answering) clock() time.Time { return m.tx.Now().In(m.routing.zone) }

// refuseReuse answers an interchange whose control number was used before, where that is refused.
func (m *answering) refuseReuse() error {
	var out bytes.Buffer
	e := ack.Reply(m.header, nil)
	e.ControlNumber, e.Time = 1, m.clock()
	err := ack.WriteTA1(&out, e, ack.TA1{
		ControlNumber: edi.Text(m.header.ControlNumber), Date: edi.Text(m.header.Date), Time: edi.Text(m.header.Time),
		Code: edi.Text("R"), Note: edi.Text("025"),
	})
	if _, invalid := errors.AsType[*ack.InvalidError](err); invalid {
		return nil // its header is too broken to be named
	}
	if err != nil {
		return fmt.Errorf("acknowledging: %w", err)
	}
	return m.add("TA1", out.Bytes(), m.tellTA1)
}

func (m *answering) setAnswered(s ack.SetAnswer) {
	k, known := m.sets[m.start+s.Pos.Offset]
	if !known {
		return
	}
	m.codes[k] = s.Code
	m.members[s.Pos.Group] = append(m.members[s.Pos.Group], k)
}

func (m *answering) wasRejected(r ack.Rejection) {
	if r.Group.Ordinal == 0 {
		m.rejected = true
		return
	}
	for _, k := range m.members[r.Group.Ordinal] {
		m.codes[k] = "R"
	}
}

// add keeps an acknowledgment, if there is one, with what it tells.
func (m *answering) add(kind string, content []byte, tell func([]byte) (storage.Told, error)) error {
	if len(content) == 0 {
		return nil
	}
	told, err := tell(content)
	if err != nil {
		return err
	}
	answer := Answer{Kind: kind, Content: content, Interchange: m.id, Kept: m.kept, Told: told}
	if m.from != nil {
		answer.Partner = m.from.ID
	}
	m.answers = append(m.answers, answer)
	return nil
}

// tellTA1 reads back what a TA1 says.
func (m *answering) tellTA1(content []byte) (told storage.Told, err error) {
	for t, err := range ack.TA1s(edi.NewReaderBytes(content)) {
		if err != nil {
			return told, err
		}
		told.Code, told.Note = t.Code.String(), t.Note.String()
	}
	return told, nil
}

// tell999 reads back what a 999 says of groups, which it answers in their order, and of their sets.
func (m *answering) tell999(content []byte) (told storage.Told, err error) {
	rest := m.answerable.groups
	for g, err := range ack.Groups(edi.NewReaderBytes(content)) {
		if err != nil {
			return told, err
		}
		n := slices.IndexFunc(rest, func(of answerableGroup) bool { return of.named(g) })
		if n < 0 {
			continue
		}
		told.Groups = append(told.Groups, m.toldOf(rest[n].id, g.Code.String()))
		rest = rest[n+1:]
	}
	return told, nil
}

// named tells whether an answer is the group's, whose number it gives in its own way.
func (g *answerableGroup) named(a *ack.Group) bool {
	return a.FunctionalID.Is(g.functionalID) && (a.ControlNumber.Is(g.controlNumber) || sameNumber(a.ControlNumber.String(), g.controlNumber))
}

// toldOf gathers what the sets of a group are told, most of them by one word.
func (m *answering) toldOf(group int64, code string) storage.ToldGroup {
	told := storage.ToldGroup{ID: group, Code: code, Rest: "none", Sets: map[string][]int64{}}
	for k, answer := range m.codes {
		if m.plan.setGroups[k].group == group && answer != "" {
			told.Sets[answer] = append(told.Sets[answer], m.plan.ids[k])
		}
	}
	most := 0
	for _, answer := range slices.Sorted(maps.Keys(told.Sets)) {
		slices.Sort(told.Sets[answer])
		if n := len(told.Sets[answer]); n > most {
			most, told.Rest = n, answer
		}
	}
	delete(told.Sets, told.Rest)
	return told
}

// follow makes what is loaded agree with what the sender is told: a refused set is held, an accepted one is not held for
// its faults.
func (m *answering) follow() error {
	var refused, accepted []int64
	for _, k := range m.sets {
		switch code := m.codes[k]; {
		case (m.rejected || code == "R") && m.plan.load[k]:
			m.plan.load[k] = false
			refused = append(refused, m.plan.ids[k])
		case !m.rejected && (code == "A" || code == "E") && m.plan.refused[k]:
			m.plan.load[k] = true
			accepted = append(accepted, m.plan.ids[k])
		}
	}
	if len(refused)+len(accepted) == 0 {
		return nil
	}
	if err := m.rows.Flush(m.ctx); err != nil {
		return err
	}
	before := rollUp(m.dispositions, m.complete)
	for _, change := range []struct {
		sets                []int64
		disposition, reason string
	}{{refused, dispositionHeld, holdStrict}, {accepted, dispositionFindings, ""}} {
		if err := m.redispose(change.sets, change.disposition, change.reason); err != nil {
			return err
		}
	}
	after := rollUp(m.dispositions, m.complete)
	count(m.counts.Interchanges, before, -1)
	count(m.counts.Interchanges, after, 1)
	return m.tx.RollUpDispositions(m.ctx, m.file.ID, m.id, after)
}

// redispose gives sets another disposition and counts them there.
func (m *answering) redispose(sets []int64, disposition, reason string) error {
	if len(sets) == 0 {
		return nil
	}
	slices.Sort(sets)
	was, err := m.tx.RedisposeSets(m.ctx, m.file.ID, sets, disposition, reason)
	if err != nil {
		return err
	}
	for old, n := range was {
		for _, counts := range []map[string]int{m.counts.Sets, m.dispositions} {
			count(counts, old, -n)
			count(counts, disposition, n)
		}
	}
	return nil
}

func count(counts map[string]int, key string, n int) {
	if counts[key] += n; counts[key] == 0 {
		delete(counts, key)
	}
}

// A contextReader ends with its context.
type contextReader struct {
	ctx context.Context //nolint:containedctx // a reader has no other way to know
	r   io.Reader
}

func (c *contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// sameNumber compares control numbers as numbers.
func sameNumber(a, b string) bool { return trimZeros(a) == trimZeros(b) }

func trimZeros(s string) string {
	for len(s) > 1 && s[0] == '0' {
		s = s[1:]
	}
	return s
}

// readRange hands fn a part of the archived bytes.
func (in *Ingester) readRange(file storage.File, start, n int64, fn func(io.Reader) error) error {
	blob, err := blobOf(file)
	if err != nil {
		return err
	}
	r, err := in.Archive.Open(blob)
	if err != nil {
		return err
	}
	defer r.Close()
	return fn(r.Range(start, n))
}
