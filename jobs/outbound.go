package jobs

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"slices"

	"github.com/ediport/ediport/jobs/ingest"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
)

// An Outbox queues what leaves: it finds the connection and folder, takes control numbers, names the
// file, archives its bytes and asks for a push, all in the transaction of who makes it. Loading uses it for
// acknowledgments. It is safe for several goroutines.
type Outbox struct {
	Archive *archive.Archive
}

// A place is where an outbound file goes. A zero connection is nowhere; reason says why.
type place struct {
	connection *storage.Connection
	push       Push
	folder     string
	reason     string
}

// Queue queues acknowledgments of a file, or keeps those that nobody is to get. They need the same numbers, so
// that loads that meet don't wait for each other in a circle: call it once in a transaction, as its last act.
// undo removes what was archived, if the transaction did not happen.
func (o *Outbox) Queue(ctx context.Context, tx *storage.LoadTx, file *storage.File, answers []ingest.Answer) (undo func(), err error) {
	q := &queueing{Outbox: o, tx: tx, file: file, places: map[storage.PartnerID]place{}}
	if err = q.queue(ctx, answers); err != nil {
		q.undo()
		return func() {}, err
	}
	return q.undo, nil
}

// A queueing is one call of Queue.
type queueing struct {
	*Outbox
	tx     *storage.LoadTx
	file   *storage.File
	places map[storage.PartnerID]place
	all    []storage.Connection // nil: not read yet
	blobs  []string
}

// An outgoing acknowledgment, with its envelopes.
type outgoing struct {
	*ingest.Answer
	envelopes []storage.OutboundEnvelope
	place     place
}

func (q *queueing) queue(ctx context.Context, answers []ingest.Answer) error {
	leaving := make([]outgoing, len(answers))
	for i := range answers {
		envelopes, err := scan(bytes.NewReader(answers[i].Content))
		if err != nil {
			return err
		}
		leaving[i] = outgoing{Answer: &answers[i], envelopes: envelopes}
	}
	// Everybody takes numbers in the same order, first all numbers of envelopes, then those of names.
	slices.SortStableFunc(leaving, func(a, b outgoing) int { return cmp.Compare(numberKey(&a.envelopes[0]), numberKey(&b.envelopes[0])) })
	for i := range leaving {
		if err := takeNumbers(ctx, &q.tx.Tx, leaving[i].envelopes); err != nil {
			return err
		}
		var err error
		if leaving[i].place, err = q.placeOf(ctx, leaving[i].Answer); err != nil {
			return err
		}
	}
	slices.SortStableFunc(leaving, func(a, b outgoing) int { return cmp.Compare(a.place.id(), b.place.id()) })
	for i := range leaving {
		if err := q.add(ctx, &leaving[i]); err != nil {
			return err
		}
	}
	return q.push(ctx, leaving)
}

func (p *place) id() storage.ConnectionID {
	if p.connection == nil {
		return 0
	}
	return p.connection.ID
}

// add archives one acknowledgment and queues it.
func (q *queueing) add(ctx context.Context, o *outgoing) error {
	content, err := renumber(o.Content, o.envelopes)
	if err != nil {
		return err
	}
	blob, err := store(ctx, q.Archive, bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return err
	}
	q.blobs = append(q.blobs, blob.Name)
	facts := factsOfEnvelopes(o.envelopes)
	facts.Purpose, facts.Set = storage.PurposeAcknowledgment, o.Kind
	if err := partnerFacts(ctx, &q.tx.Tx, facts, o.Partner); err != nil {
		return err
	}
	f := &storage.OutboundFile{
		File: storage.File{
			Source: "generated", Partner: o.Partner, Connection: o.place.id(), StateReason: o.place.reason,
			Size: blob.Size, SHA256: blob.SHA256[:], BlobName: blob.Name, WrappedKey: blob.WrappedKey, KeyID: string(blob.KeyID), StoredSize: blob.StoredSize,
		},
		Purpose: storage.PurposeAcknowledgment, Priority: acknowledgmentPriority, Envelopes: o.envelopes,
		Answers: &storage.Answers{File: q.file.ID, Interchange: o.Interchange, Kind: o.Kind, Told: o.Told},
	}
	if err := q.name(ctx, f, o, facts); err != nil {
		return err
	}
	_, err = q.tx.QueueOutbound(ctx, f)
	return err
}

// acknowledgmentPriority is before questions and what people hand in: partners wait for acknowledgments by the hour.
const acknowledgmentPriority = 1

func (q *queueing) name(ctx context.Context, f *storage.OutboundFile, o *outgoing, facts *nameFacts) error {
	if o.place.connection == nil {
		facts.Seq = int(f.Envelopes[0].ControlNumber)
		f.Name = facts.render(DefaultNameTemplate)
		return nil
	}
	name, err := nameBy(ctx, &q.tx.Tx, o.place.connection, o.place.push, facts)
	f.Name, f.Folder = transfer.Escape(name), o.place.folder
	f.Temporary = o.place.push.temporaryName(f.Name, 0)
	return err
}

// placeOf finds where an acknowledgment goes: over the connection that brought the file, or else another of the partner's.
func (q *queueing) placeOf(ctx context.Context, a *ingest.Answer) (place, error) {
	if a.Kept != "" {
		return place{reason: a.Kept}, nil
	}
	if p, known := q.places[a.Partner]; known {
		return p, nil
	}
	if q.all == nil {
		all, err := q.tx.Connections(ctx)
		if err != nil {
			return place{}, err
		}
		q.all = all
	}
	p, err := acknowledgmentPlace(q.all, q.file.Connection, a.Partner)
	q.places[a.Partner] = p
	return p, err
}

// acknowledgmentPlace chooses among connections: first the one given, then those of the partner in their order.
func acknowledgmentPlace(all []storage.Connection, first storage.ConnectionID, partner storage.PartnerID) (place, error) {
	found := place{reason: storage.KeptNoFolder}
	for i := range all {
		c := &all[i]
		if c.ID != first && (partner == 0 || c.Partner != partner) {
			continue
		}
		push, err := PushOf(c)
		if err != nil {
			return place{}, err
		}
		if push.AcknowledgmentFolder != "" && (found.connection == nil || c.ID == first) {
			found = place{connection: c, push: push, folder: transfer.Escape(push.AcknowledgmentFolder)}
		}
	}
	return found, nil
}

// push asks for a push of each connection that got something.
func (q *queueing) push(ctx context.Context, leaving []outgoing) error {
	var last storage.ConnectionID
	for i := range leaving { // in the order of connections
		c := leaving[i].place.connection
		if c == nil || c.ID == last || c.Paused {
			continue
		}
		last = c.ID
		if err := pushSoon(ctx, &q.tx.Tx, q.tx.Operator(), c.ID); err != nil {
			return err
		}
	}
	return nil
}

// undo removes the blobs, for which there is no row for certain.
func (q *queueing) undo() {
	for _, name := range q.blobs {
		_ = q.Archive.Delete(name) // one that stays is reported by the archive's sweep
	}
	q.blobs = nil
}

// store archives what reader gives, at most limit bytes.
func store(ctx context.Context, a *archive.Archive, content io.Reader, limit int64) (archive.Blob, error) {
	w, err := a.Create(ctx)
	if err != nil {
		return archive.Blob{}, fail(ErrArchive, err)
	}
	defer w.Abort()
	if err := copyAtMost(w, content, limit); err != nil {
		return archive.Blob{}, err
	}
	blob, err := w.Commit()
	if err != nil {
		return archive.Blob{}, fail(ErrArchive, err)
	}
	return blob, nil
}
