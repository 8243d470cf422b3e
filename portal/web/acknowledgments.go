package web

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/ediport/ediport/edi/codes"
	"github.com/ediport/ediport/storage"
)

var acknowledgmentCrumbs = []Crumb{{"Acknowledgments", "/acknowledgments"}}

// An acknowledgmentRow is an acknowledgment that a partner sent, in words.
type acknowledgmentRow struct {
	storage.AcknowledgmentItem
}

// Answers returns which envelope of ours it answers.
func (a acknowledgmentRow) Answers() string {
	if a.Kind == "TA1" {
		return "interchange " + a.InterchangeControlNumber
	}
	return strings.TrimSpace(a.FunctionalID + " group " + a.GroupControlNumber)
}

// Problems returns what the codes beside the verdict say.
func (a acknowledgmentRow) Problems() []string {
	if a.Kind == "TA1" {
		if a.Note == "" || a.Note == "000" {
			return nil
		}
		return []string{codeText(codes.InterchangeNote, a.Note)}
	}
	return codeTexts(codes.GroupError, a.GroupErrorCodes)
}

func codeText(list codes.List, code string) string {
	if text := meaning(list, code); text != "" {
		return text + " (" + code + ")"
	}
	return "code " + code
}

func codeTexts(list codes.List, all []string) []string {
	texts := make([]string, len(all))
	for i, code := range all {
		texts[i] = codeText(list, code)
	}
	return texts
}

// listAcknowledgments shows the TA1 and 999 that partners sent for files of ours, and, on the other
// side, those that we made.
func (p *Portal) listAcknowledgments(w http.ResponseWriter, r *http.Request) error {
	q := p.queryOf(r)
	if q.choice("side", "ours") == "ours" {
		return p.listOwnAcknowledgments(w, r, q)
	}
	f := storage.AcknowledgmentFilter{
		Kind: q.choice("kind", "TA1", "999", "997"), Code: q.choice("code", "A", "E", "P", "R"), ControlNumber: q.text("control_number"), Usage: q.usage(),
		File: storage.FileID(q.id("file", storage.PublicFile)),
	}
	data := listData{Filtered: q.given("kind", "code", "control_number", "usage", "file"), Filter: []filterField{
		q.choices("kind", "Kind", option{"", "TA1, 999 and 997"}, option{"TA1", "TA1"}, option{"999", "999"}, option{"997", "997"}),
		q.choices("code", "Says", option{"", "Anything"}, option{"A", "Accepted"}, option{"E", "Accepted with errors"}, option{"P", "Partly accepted"}, option{"R", "Rejected"}),
		q.field("control_number", "Control number", "search"), q.usageChoice(),
	}}
	if len(q.errors) == 0 {
		all, next, err := p.DB.Acknowledgments(r.Context(), scopeOf(r), f, storage.Page{Cursor: cursorOf(r)})
		if err != nil {
			return err
		}
		rows := make([]acknowledgmentRow, len(all))
		for i, a := range all {
			rows[i] = acknowledgmentRow{a}
		}
		data.Rows, data.Pager = rows, pager(r, next)
	}
	return p.render(w, r, "acknowledgments/list", Page{Title: "Acknowledgments", Data: data, Errors: q.errors, Status: q.status()})
}

// An ownAcknowledgmentRow is a TA1 or 999 that we made.
type ownAcknowledgmentRow struct {
	storage.OutboundItem
	Why *reason
}

func (p *Portal) listOwnAcknowledgments(w http.ResponseWriter, r *http.Request, q *query) error {
	f := storage.OutboundFilter{Purpose: storage.PurposeAcknowledgment}
	if state := q.choice("state", "generated", "sending", "sent", "uncertain", "failed", "void", "stored"); state != "" {
		f.States = []string{state}
	}
	data := listData{Filtered: q.given("state"), Filter: []filterField{
		{Name: "side", Label: "Side", Value: "ours", Options: []option{{"ours", "Made here"}}},
		q.choices("state", "State", option{"", "All states"}, option{"generated", "Waiting to be sent"}, option{"sending", "Being sent"}, option{"sent", "Sent"}, option{"stored", "Kept here"}, option{"uncertain", "Uncertain"}, option{"failed", "Failed"}, option{"void", "Void"}),
	}}
	if len(q.errors) == 0 {
		all, next, err := p.DB.Outbounds(r.Context(), scopeOf(r), f, storage.Page{Cursor: cursorOf(r)})
		if err != nil {
			return err
		}
		rows := make([]ownAcknowledgmentRow, len(all))
		for i, o := range all {
			rows[i] = ownAcknowledgmentRow{o, reasonOf(o.StateReason)}
		}
		data.Rows, data.Pager = rows, pager(r, next)
	}
	return p.render(w, r, "acknowledgments/ours", Page{Title: "Acknowledgments", Data: data, Errors: q.errors, Status: q.status()})
}

// An acknowledgedSet is what a 999 says of one set, in words.
type acknowledgedSet struct {
	storage.AcknowledgmentSetItem
	Problems []string
	Errors   []acknowledgedError
	ours     bool // the acknowledgment answers a file whose sets we know
}

// Odd says what is to be known of a set beside its code; "" if nothing is.
func (s acknowledgedSet) Odd() string {
	switch {
	case !s.ours:
		return ""
	case s.MatchedSetID == 0:
		return "We sent no such set in this group, or it is not certain which one is meant."
	case s.MatchedWord == "unclear":
		return "What was said of this set contradicts itself. Ask the receiver."
	case s.MatchedWord == "R" && s.Code != "R":
		return "Something else that was said rejects this set."
	}
	return ""
}

// An acknowledgedError is one error of a set that a 999 names.
type acknowledgedError struct {
	Where, Says string
	Context     []string
}

// showAcknowledgment shows what a TA1 or 999 says, set by set.
func (p *Portal) showAcknowledgment(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicAcknowledgment)
	if err != nil {
		return err
	}
	d, err := p.DB.AcknowledgmentDetail(r.Context(), scopeOf(r), id)
	if err != nil {
		return err
	}
	data := struct {
		acknowledgmentRow
		Sets []acknowledgedSet
	}{acknowledgmentRow: acknowledgmentRow{d.AcknowledgmentItem}}
	for _, s := range d.Sets {
		set := acknowledgedSet{AcknowledgmentSetItem: s, Problems: codeTexts(codes.SetError, s.ErrorCodes), ours: d.SetsKnown}
		for _, e := range s.Errors {
			set.Errors = append(set.Errors, acknowledgedErrorOf(e))
		}
		data.Sets = append(data.Sets, set)
	}
	return p.render(w, r, "acknowledgments/show", Page{Title: d.Kind + " for " + data.Answers(), Crumbs: acknowledgmentCrumbs, Data: data})
}

func acknowledgedErrorOf(e storage.AcknowledgmentErrorItem) acknowledgedError {
	var where strings.Builder
	where.WriteString(e.Segment)
	if e.Element != nil {
		fmt.Fprintf(&where, "%02d", *e.Element)
	}
	if e.Component != nil {
		fmt.Fprintf(&where, "-%d", *e.Component)
	}
	if e.Loop != "" {
		where.WriteString(" in loop " + e.Loop)
	}
	if e.Position != nil {
		fmt.Fprintf(&where, ", segment %d", *e.Position)
	}
	out := acknowledgedError{Where: where.String(), Context: contextsOf(e.Context)}
	switch {
	case e.ElementCode != "":
		out.Says = codeText(codes.ElementError, e.ElementCode)
	case e.SegmentCode != "":
		out.Says = codeText(codes.SegmentError, e.SegmentCode)
	}
	return out
}

// contextsOf returns what CTX segments point to. The value of a person's or claim's identifier stays
// in the X12, whose view is audited.
func contextsOf(segments []string) []string {
	var all []string
	for _, segment := range segments {
		name, _, named := strings.Cut(strings.TrimPrefix(segment, "CTX*"), ":")
		if named || strings.HasPrefix(name, "SITUATIONAL TRIGGER") {
			all = append(all, strings.ReplaceAll(name, "*", " "))
		}
	}
	return all
}
