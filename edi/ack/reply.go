package ack

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

// An interchange is one that is being answered.
type interchange struct {
	header       edi.Interchange
	groups       int
	acknowledged bool      // it holds a TA1 itself
	unnamed      Treatment // of groups that no 999 can name; "" if nothing is wrong with them
	replies      []*reply
}

// A reply is a functional group of 999s: the answers to groups that came one after the other between the same two.
type reply struct {
	envelope Envelope
	body     bytes.Buffer
	writer   setWriter
	sets     int
	rejected int
	leftOut  int
}

// A group is one that is being answered.
type group struct {
	header   edi.Group
	reply    *reply
	skip     bool // it is not answered
	begun    bool // its 999 is
	accepted []span
	unnamed  bool // it can't be answered
	included string
	sets     int
	fail     func(error)
}

func (a *Acknowledger) openGroup(header edi.Group) {
	a.group = &group{header: header, skip: header.FunctionalID == "FA" || a.opt.To999 == nil, fail: a.fail}
	if !a.group.skip {
		a.group.reply = a.inside.reply(&header, a.opt.LineBreak)
	}
}

// reply returns the functional group for answers to g.
func (i *interchange) reply(g *edi.Group, lineBreak string) *reply {
	e := Reply(i.header, g)
	e.LineBreak = lineBreak
	if n := len(i.replies); n > 0 {
		last := i.replies[n-1]
		if last.envelope.GroupSender == e.GroupSender && last.envelope.GroupReceiver == e.GroupReceiver {
			return last
		}
	}
	r := &reply{envelope: e}
	r.writer.out = newOutput(&r.body, e)
	i.replies = append(i.replies, r)
	return r
}

// functionalIDs tells GS01 by ST01, for groups whose own is none.
var functionalIDs = map[string]string{
	"270": "HS", "271": "HB", "276": "HR", "277": "HN", "278": "HI", "835": "HP", "834": "BE", "820": "RA", "837": "HC",
}

// open begins the 999 of the group with the first of its sets, r, or without any if r is nil. It is false if the group is not answered.
func (g *group) open(r *guide.Result) bool {
	if g.skip || g.unnamed || g.begun {
		return g.begun
	}
	id, version := g.header.FunctionalID, g.header.Version
	if !ackCodes("AK1", 1).Has([]byte(id)) {
		id = ""
		if r != nil {
			id = functionalIDs[r.Set]
		}
	}
	if !fits(version, 1, 12) {
		if version = "005010"; r != nil && r.Guide != nil {
			version = r.Guide.ID
		}
	}
	if id == "" {
		g.unnamed = true
		return false
	}
	control := g.header.ControlNumber
	if !isDigits(control, 1, 9) {
		control = "0" // AK905 6 says so
	}
	g.begun = true
	g.fail(g.reply.writer.begin(&Group{FunctionalID: edi.Text(id), ControlNumber: edi.Text(control), Version: edi.Text(version)}))
	return true
}

// A span is where in the body of a reply accepted sets are answered, one behind the other.
type span struct{ start, end, segments int }

// accept notes that a set is accepted, whose answer begins where the body and the 999 were so long.
func (g *group) accept(start, count int) {
	end, segments := g.reply.body.Len(), g.reply.writer.out.count-count
	if n := len(g.accepted); n > 0 && g.accepted[n-1].end == start {
		g.accepted[n-1].end = end
		g.accepted[n-1].segments += segments
		return
	}
	g.accepted = append(g.accepted, span{start, end, segments})
}

// takeBack leaves out the answers to accepted sets: the group is rejected as a whole, and they with it.
func (g *group) takeBack() {
	b := g.reply.body.Bytes()
	for i := len(g.accepted) - 1; i >= 0; i-- {
		a := g.accepted[i]
		b = append(b[:a.start], b[a.end:]...)
		g.reply.writer.out.count -= a.segments
	}
	g.reply.body.Truncate(len(b))
	g.accepted = nil
}

// closeGroup writes AK9.
func (a *Acknowledger) closeGroup() {
	g := a.group
	if g == nil {
		return
	}
	a.group = nil
	told := a.outside.of(a.inside.header.Ordinal, g.header.Ordinal)
	if g.skip {
		return
	}
	if !g.open(nil) {
		a.unnamed(told)
		return
	}
	w := &g.reply.writer
	answer := Group{Received: sent(g.sets)}
	answer.Included = answer.Received
	if isDigits(g.included, 1, 6) {
		n, _ := strconv.Atoi(g.included)
		answer.Included = sent(n)
	}
	accepted := w.named.Accepted
	answer.Code = edi.Text(w.groupCode(accepted))
	if slices.ContainsFunc(told, func(t note) bool { return t.treatment == ToReject }) {
		g.takeBack()
	}
	for _, t := range told {
		if t.treatment == ToReject {
			answer.Code, accepted = edi.Text("R"), 0
		} else if answer.Code.Is("A") {
			answer.Code = edi.Text("E")
		}
		if len(answer.ErrorCodes) < maxCodes {
			answer.ErrorCodes = append(answer.ErrorCodes, edi.Text(t.code))
		}
	}
	answer.Accepted = sent(accepted)
	g.reply.sets += g.sets
	g.reply.rejected += g.sets - accepted
	a.fail(w.end(&answer))
	for _, t := range told {
		if t.treatment == ToReject {
			a.reject(Rejection{a.inside.header, g.header, edi.Code{Kind: "AK905", Value: t.code}})
			return
		}
	}
}

func (a *Acknowledger) reject(r Rejection) {
	if a.Rejected != nil {
		a.Rejected(r)
	}
}

// unnamed notes that a group can't be answered by a 999: its kind is none that an AK1 may have. If that is an error, the TA1 tells it.
func (a *Acknowledger) unnamed(told []note) {
	a.counts.Unnamed++
	for _, t := range told {
		if a.inside.unnamed != ToReject {
			a.inside.unnamed = t.treatment
		}
	}
}

// closeInterchange writes the answers.
func (a *Acknowledger) closeInterchange() {
	i := a.inside
	if i == nil {
		return
	}
	a.closeGroup()
	a.inside = nil
	code, note := a.judge(i)
	a.outside.drop(i.header.Ordinal)
	if code == "R" {
		a.reject(Rejection{Interchange: i.header, Code: edi.Code{Kind: "TA105", Value: note}})
	}
	if code != "" && a.opt.ToTA1 != nil {
		a.writeTA1(i, code, note)
	}
	if code != "R" && a.opt.To999 != nil {
		a.write999(i)
	}
}

// judge returns TA104 and TA105; the code is "" if nothing is to be said.
func (a *Acknowledger) judge(i *interchange) (code, note string) {
	if i.acknowledged && i.groups == 0 {
		return "", ""
	}
	for _, n := range a.outside.of(i.header.Ordinal, 0) {
		if n.treatment == ToReject {
			return "R", n.code
		}
		code, note = "E", n.code
	}
	switch {
	case i.unnamed == ToReject && !i.answered():
		return "R", "024"
	case i.unnamed != "" && code == "": // other groups are answered
		return "E", "024"
	}
	if code == "" && i.header.AckRequested == "1" {
		return "A", "000"
	}
	return code, note
}

// answered tells whether any group was.
func (i *interchange) answered() bool {
	for _, r := range i.replies {
		if r.writer.sets > 0 {
			return true
		}
	}
	return false
}

func (a *Acknowledger) writeTA1(i *interchange, code, note string) {
	e := Reply(i.header, nil)
	e.LineBreak, e.Time, e.ControlNumber = a.opt.LineBreak, a.opt.Time, a.number(0)
	answer := TA1{
		ControlNumber: edi.Text(interchangeNumber(i.header.ControlNumber)), Date: edi.Text(i.header.Date), Time: edi.Text(i.header.Time),
		Code: edi.Text(code), Note: edi.Text(note),
	}
	// A TA1 can't repeat a date or time that is none: it has those of its own interchange then.
	if _, err := edi.ParseDate([]byte("20" + i.header.Date)); err != nil || len(i.header.Date) != 6 {
		answer.Date = edi.Text(e.Time.Format("060102"))
	}
	if len(i.header.Time) != 4 || !edi.IsTime([]byte(i.header.Time)) {
		answer.Time = edi.Text(e.Time.Format("1504"))
	}
	if a.err != nil {
		return
	}
	a.fail(WriteTA1(a.opt.ToTA1, e, answer))
	a.counts.TA1s++
}

// interchangeNumber returns ISA13 as TA101 may have it: with the zeros that it lacks, or zero for one that is none.
func interchangeNumber(isa13 string) string {
	if !isDigits(isa13, 1, 9) {
		return "000000000"
	}
	return "000000000"[len(isa13):] + isa13
}

// write999 writes the replies that hold anything, in one interchange.
func (a *Acknowledger) write999(i *interchange) {
	groups := 0
	for _, r := range i.replies {
		if r.writer.sets > 0 {
			groups++
		}
	}
	if groups == 0 || a.err != nil {
		return
	}
	e := i.replies[0].envelope
	e.Time, e.ControlNumber = a.opt.Time, a.number(0)
	o := newOutput(a.opt.To999, e)
	a.fail(o.begin(e))
	for _, r := range i.replies {
		if r.writer.sets > 0 && a.err == nil {
			a.writeReply(o, r)
		}
	}
	if a.err == nil {
		a.fail(o.end(e, groups))
		a.counts.Interchanges++
	}
}

func (a *Acknowledger) writeReply(o *output, r *reply) {
	e := r.envelope
	e.Time, e.GroupControlNumber = a.opt.Time, a.number(1)
	a.fail(o.beginGroup(e))
	if _, err := io.Copy(a.opt.To999, &r.body); err != nil {
		a.fail(fmt.Errorf("ack: writing: %w", err))
	}
	a.fail(o.endGroup(e, r.writer.sets))
	a.counts.Groups += r.writer.sets
	a.counts.Sets += r.sets
	a.counts.Rejected += r.rejected
	a.counts.LeftOut += r.leftOut
}
