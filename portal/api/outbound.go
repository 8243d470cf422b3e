package api

import (
	"context"
	"mime"
	"net/http"
	"time"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/storage"
)

// outboundAnswer is an outbound file with its envelopes and deliveries.
type outboundAnswer struct {
	storage.OutboundItem
	Envelopes []envelopeAnswer `json:"envelopes"` // its interchanges and groups, with what was said of each
	Receipts  []receiptAnswer  `json:"receipts"`  // its deliveries, oldest first
}

// envelopeAnswer is an interchange or group of ours, and what its receiver said of it.
type envelopeAnswer struct {
	Interchange      int        `json:"interchange"` // in the file, from 1
	Group            int        `json:"group"`       // in the interchange, from 1; 0: the interchange itself
	SenderID         string     `json:"sender_id"`
	ReceiverID       string     `json:"receiver_id"`
	ControlNumber    int64      `json:"control_number"` // ISA13, or GS06
	FunctionalID     string     `json:"functional_id"`  // GS01; null: the interchange
	Sets             int        `json:"sets"`
	SetsAccepted     int        `json:"sets_accepted"` // of which it is known that they were accepted
	SetsWithErrors   int        `json:"sets_with_errors"`
	SetsRejected     int        `json:"sets_rejected"`
	SetsUnclear      int        `json:"sets_unclear"`   // something was said, and a person must look
	Acknowledgment   string     `json:"acknowledgment"` // the worst that was said: none, A, E, P, R, unclear
	AcknowledgmentID int64      `json:"acknowledgment_id" public:"ack"`
	AcknowledgedAt   *time.Time `json:"acknowledged_at"`
}

// receiptAnswer is one delivery of a file.
type receiptAnswer struct {
	RunID      storage.RunID `json:"run_id" public:"run"` // null: not by a run
	RemotePath string        `json:"remote_path"`
	Size       int64         `json:"size"` // bytes sent
	SentAt     time.Time     `json:"sent_at"`
	Certainty  string        `json:"certainty"` // confirmed, found, person, acknowledged
}

func (a *API) listOutbound(r *http.Request, q *params) (any, storage.Cursor, error) {
	f := storage.OutboundFilter{
		Connection: storage.ConnectionID(q.id("connection_id", storage.PublicConnection)), Partner: storage.PartnerID(q.id("partner_id", storage.PublicPartner)),
		States: q.words("state", storage.OutboundStates), Purpose: q.choice("purpose", "acknowledgment", "request", "hand_in"),
		Acknowledgment: q.choice("acknowledgment", "none", "A", "E", "P", "R", "unclear"), Open: q.isTrue("open"),
	}
	page := q.page()
	if err := q.done(); err != nil {
		return nil, "", err
	}
	return items(a.DB.Outbounds(r.Context(), scopeOf(r), f, page))
}

func (a *API) outbound(ctx context.Context, scope storage.Scope, id storage.FileID) (outboundAnswer, error) {
	return inScope(ctx, a, scope, func(tx *storage.Tx) (out outboundAnswer, err error) {
		if out.OutboundItem, err = tx.Outbound(ctx, id); err != nil {
			return out, err
		}
		envelopes, err := tx.OutboundEnvelopes(ctx, id)
		if err != nil {
			return out, err
		}
		receipts, err := tx.OutboundReceipts(ctx, id)
		if err != nil {
			return out, err
		}
		counts, err := tx.OutboundSetCounts(ctx, id)
		if err != nil {
			return out, err
		}
		out.Envelopes = mapped(envelopes, func(e storage.OutboundEnvelope) envelopeAnswer { return envelopeOf(&e, counts) })
		out.Receipts = mapped(receipts, func(e storage.OutboundReceipt) receiptAnswer {
			return receiptAnswer{e.Run, e.RemotePath, e.Size, e.SentAt, e.Certainty}
		})
		return out, err
	})
}

func envelopeOf(e *storage.OutboundEnvelope, counts []storage.SetCount) envelopeAnswer {
	a := envelopeAnswer{
		Interchange: e.Interchange, Group: e.Group, SenderID: e.SenderID, ReceiverID: e.ReceiverID, ControlNumber: e.ControlNumber,
		FunctionalID: e.FunctionalID, Sets: e.Sets, Acknowledgment: e.Acknowledgment, AcknowledgmentID: e.AcknowledgmentID, AcknowledgedAt: e.AcknowledgedAt,
	}
	words := map[string]*int{"A": &a.SetsAccepted, "E": &a.SetsWithErrors, "R": &a.SetsRejected, "unclear": &a.SetsUnclear}
	for _, c := range counts {
		if n := words[c.Acknowledgment]; n != nil && c.Interchange == e.Interchange && c.Group == e.Group {
			*n = c.Sets
		}
	}
	return a
}

// listOutboundSets lists the sets of an outbound file, with what was said of each.
func (a *API) listOutboundSets(r *http.Request, q *params) (any, storage.Cursor, error) {
	id, err := a.pathID(r, storage.PublicFile)
	if err != nil {
		return nil, "", err
	}
	f := storage.OutboundSetFilter{File: storage.FileID(id), Acknowledgment: q.choice("acknowledgment", "none", "A", "E", "R", "unclear")}
	page := q.page()
	if err := q.done(); err != nil {
		return nil, "", err
	}
	_, err = inScope(r.Context(), a, scopeOf(r), func(tx *storage.Tx) (storage.OutboundItem, error) { return tx.Outbound(r.Context(), f.File) })
	if err != nil {
		return nil, "", err // a file that isn't there, or isn't theirs, has no list of sets, not an empty one
	}
	return items(a.DB.OutboundSets(r.Context(), scopeOf(r), f, page))
}

// listAnswers lists the acknowledgments that we made for a file, whether they leave or not.
func (a *API) listAnswers(r *http.Request, q *params) (any, storage.Cursor, error) {
	id, err := a.pathID(r, storage.PublicFile)
	if err != nil {
		return nil, "", err
	}
	if err := q.done(); err != nil {
		return nil, "", err
	}
	if _, err := a.DB.FileDetail(r.Context(), scopeOf(r), storage.FileID(id)); err != nil {
		return nil, "", err // a file that isn't there, or isn't theirs, has no list of answers, not an empty one
	}
	rows, err := inScope(r.Context(), a, scopeOf(r), func(tx *storage.Tx) ([]storage.OutboundItem, error) {
		return tx.AnswersTo(r.Context(), storage.FileID(id))
	})
	return rows, "", err
}

const (
	octets     = "application/octet-stream"
	nameHeader = "Content-Disposition"

	// maxHandIn is the largest file that is taken by the API.
	maxHandIn = 2 << 30
)

// handIn takes a file to be sent over a connection: the body is the file, its name stands in
// Content-Disposition, since names may speak of patients and URLs are kept in logs.
func (a *API) handIn(r *http.Request, scope storage.Scope) (int64, error) {
	id, err := a.pathID(r, storage.PublicConnection)
	if err != nil {
		return 0, err
	}
	in := jobs.HandIn{Content: r.Body, Source: "api"}
	if in.Name, err = fileName(r); err != nil {
		return 0, err
	}
	q, err := a.queryOf(r)
	if err != nil {
		return 0, err
	}
	in.AsIs, in.Again, in.Template = q.isTrue("as_is"), q.isTrue("again"), q.isTrue("template")
	if err := q.done(); err != nil {
		return 0, err
	}
	if in.Name == "" && !in.Template {
		return 0, errNoName()
	}
	file, err := a.Desk.HandIn(r.Context(), scope, storage.ConnectionID(id), in)
	return int64(file), err
}

// fileName returns the name of the file that the body is; "": none is given.
func fileName(r *http.Request) (string, error) {
	if r.Header.Get("Content-Type") != octets {
		return "", wrong("Content-Type", "is "+octets+", and the body is the file")
	}
	_, values, err := mime.ParseMediaType(r.Header.Get(nameHeader))
	if err != nil {
		return "", nil //nolint:nilerr // no name is an answer, too
	}
	return values["filename"], nil
}

func errNoName() error {
	return wrong(nameHeader, `carries the file's name: attachment; filename="NAME"`)
}

// takeIn takes a file to be loaded, as if a partner had sent it.
func (a *API) takeIn(r *http.Request, scope storage.Scope) (int64, error) {
	name, err := fileName(r)
	if err != nil {
		return 0, err
	}
	if name == "" {
		return 0, errNoName()
	}
	file, err := a.Desk.TakeIn(r.Context(), scope, name, r.Body)
	return int64(file), err
}
