package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/storage"
)

// outboundData is what the page of a file that we send says of its delivery.
type outboundData struct {
	storage.OutboundItem
	Envelopes []outboundEnvelope
	Receipts  []storage.OutboundReceipt
	Refused   []refusedSet // and those with errors, or of which it is not clear
	Others    int          // such sets that are not shown
}

// CanSend tells whether the file can be sent, or sent once more.
func (o *outboundData) CanSend() bool {
	switch storage.FileState(o.State) {
	case storage.FileSent, storage.FileUncertain, storage.FileFailed, storage.FileVoid, storage.FileStored:
		return true
	}
	return false
}

// CanVoid tells whether the file can be taken out of what is sent.
func (o *outboundData) CanVoid() bool {
	switch storage.FileState(o.State) {
	case storage.FileGenerated, storage.FileUncertain, storage.FileFailed, storage.FileStored:
		return true
	}
	return false
}

// Uncertain tells whether nobody knows if the file has arrived.
func (o *outboundData) Uncertain() bool { return o.State == string(storage.FileUncertain) }

// loadOutbound finds the delivery of an outbound file, or the acknowledgments that we made for an inbound one.
func (p *Portal) loadOutbound(r *http.Request, data *fileData) error {
	if !data.Operator {
		return nil
	}
	ctx := r.Context()
	return p.DB.InScopeRead(ctx, scopeOf(r), func(tx *storage.Tx) (err error) {
		if data.Direction != "out" {
			data.Answers, err = tx.AnswersTo(ctx, data.ID)
			return err
		}
		out := &outboundData{}
		out.OutboundItem, err = tx.Outbound(ctx, data.ID)
		switch {
		case errors.Is(err, storage.ErrNotFound): // made by an earlier release, or handed out by hand
			return nil
		case err != nil:
			return err
		}
		if err = out.loadSets(ctx, tx); err != nil {
			return err
		}
		out.Receipts, err = tx.OutboundReceipts(ctx, data.ID)
		data.Outbound = out
		return err
	})
}

// fileAct returns the handler of a change of a file that we send.
func (p *Portal) fileAct(code string, act func(r *http.Request, file storage.FileID) error) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := p.pathID(r, storage.PublicFile)
		if err != nil {
			return err
		}
		if _, err := formOf(r); err != nil {
			return err
		}
		if err := act(r, storage.FileID(id)); err != nil {
			return jobProblem(err)
		}
		return p.done(w, r, "/files/"+r.PathValue("id"), code)
	}
}

func (p *Portal) sendAgain(r *http.Request, file storage.FileID) error {
	return p.Desk.SendAgain(r.Context(), scopeOf(r), file)
}

func (p *Portal) confirmSent(r *http.Request, file storage.FileID) error {
	return p.Desk.ConfirmSent(r.Context(), scopeOf(r), file)
}

func (p *Portal) voidFile(r *http.Request, file storage.FileID) error {
	reason := strings.TrimSpace(r.PostForm.Get("reason"))
	if reason == "" {
		return problem.Invalid.With("Say why the file is not to be sent: its control numbers stay accounted for.")
	}
	return p.Desk.VoidOutbound(r.Context(), scopeOf(r), file, reason)
}
