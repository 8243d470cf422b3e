package jobs

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/ediport/ediport/jobs/internal/failpoint"
	"github.com/ediport/ediport/jobs/internal/guards"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
	"github.com/ediport/ediport/storage/keys"
)

// maxTries bounds how often one attempt begins with a file, or looks what became of it.
const maxTries = 4

// A step is what comes next for a file.
type step struct {
	done   bool   // nothing
	reason string // why it is begun anew: a code; "" the first time
	taken  bool   // another file has the name
}

// What is known of a file after it was to be delivered.
type knowledge int

const (
	arrived  knowledge = iota
	notBegun           // its state is what it was
	notSent            // begun, and certainly not under its name
	unknown            // the end was not seen
)

// deliver delivers one file. A failure that is the file's own is noted, and the next one's turn comes; an
// error ends the attempt.
//
//	generated ──▶ sending ──upload, size check──▶ rename ──▶ sent
//	                 │ ▲                                       ▲
//	                 │ └─ temporary name is there ─┐           │
//	                 └──── crash, broken line ───▶ look ── final name is there
//	                                               └── neither: uncertain, or sent again
func (p *pusher) deliver(ctx context.Context, d *storage.Delivery) error {
	defer func() {
		p.mu.Lock()
		p.progress.FilesDone++
		p.mu.Unlock()
	}()
	unseen := d.State == storage.FileSending && guards.LookBeforeSending
	if !unseen && p.isBlocked(d.Folder) {
		return nil
	}
	var next step
	for try := range maxTries {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		client, err := p.session.client(ctx)
		if err != nil {
			return err
		}
		if unseen {
			if next, err = p.look(ctx, client, d); err != nil {
				return p.note(ctx, client, d, err)
			}
		}
		if next.done {
			return nil
		}
		known, err := p.send(ctx, client, d, next)
		switch {
		case known == arrived:
			return nil
		case known == notSent && errors.Is(err, transfer.ErrExists) && !d.NameFixed && try < maxTries-1:
			unseen, next = false, step{reason: "push.other_name", taken: true}
		case known != unknown:
			return p.failed(ctx, client, d, known, err)
		case errors.Is(err, errLookAgain):
			unseen = true
		case context.Cause(ctx) != nil || Code(err) == "":
			return err // it stays sending, and the next attempt looks
		default:
			p.session.broken(client, err)
			unseen = true
		}
	}
	return p.note(ctx, nil, d, fail(ErrGaveUp, nil))
}

// look finds out what became of a file whose delivery nobody saw the end of.
func (p *pusher) look(ctx context.Context, client *transfer.Client, d *storage.Delivery) (step, error) {
	u, err := p.uploadOf(d)
	if err != nil {
		return step{}, err
	}
	found, err := client.LookForUpload(ctx, u)
	if err != nil {
		return step{}, err
	}
	switch found {
	case transfer.UploadFinal:
		if err := p.markSent(ctx, d, transfer.Uploaded{}, storage.CertaintyFound); err != nil {
			return step{}, err
		}
		p.addSideFile(ctx, client, d)
		return step{done: true}, nil
	case transfer.UploadTemporary:
		return step{reason: "push.started_again"}, nil
	}
	if d.Acknowledgment != "none" && d.Sent == 0 { // the answer to an earlier delivery would prove nothing of this one
		return step{done: true}, p.markSent(ctx, d, transfer.Uploaded{}, storage.CertaintyAcknowledged)
	}
	if p.settings.Uncertain == UncertainAsk {
		return step{done: true}, p.markUncertain(ctx, d)
	}
	return step{reason: "push.resent", taken: found == transfer.UploadForeign}, nil
}

// send uploads the file.
func (p *pusher) send(ctx context.Context, client *transfer.Client, d *storage.Delivery, next step) (knowledge, error) {
	before := *d
	sealed, err := p.seal(ctx, d)
	if err != nil {
		return notBegun, err
	}
	err = p.begin(ctx, d, next)
	if conflict := errors.Is(err, storage.ErrConflict); conflict || errors.Is(err, storage.ErrFenced) {
		if sealed {
			_ = p.node.cfg.Archive.Delete(d.WireBlob) // one that stays is reported by the archive's sweep
		}
		if conflict {
			return arrived, nil // a person took it back: nothing is to be done any more
		}
	}
	if err != nil {
		return notBegun, err
	}
	if err := failpoint.Check("push.sending"); err != nil {
		return notSent, err
	}
	if before.Attempt > 0 {
		if known, err := p.removeEarlier(ctx, client, &before, next); err != nil {
			return known, err
		}
	}
	u, err := p.uploadOf(d)
	if err != nil {
		return notSent, err
	}
	u.Restart = next.reason == "push.started_again"
	renaming, held := u.Rename == transfer.RenameNone, false
	u.Renaming = func() error {
		if err := failpoint.Check("push.uploaded"); err != nil {
			return err
		}
		if err := p.stillOurs(ctx); err != nil {
			held = true
			return err
		}
		renaming = true
		return nil
	}
	receipt, err := p.upload(ctx, client, d, u)
	if errors.Is(err, transfer.ErrExists) || held {
		// The failure is what counts. Who was overtaken may have lost its connection by that, too.
		if _, left := p.removeTemporary(context.WithoutCancel(ctx), client, d); left != nil && held {
			p.tidyUp(ctx, d)
		}
		return notSent, err
	}
	if err != nil && overtaken(ctx) {
		p.tidyUp(ctx, d)
	}
	if err != nil && (!renaming || errors.Is(err, transfer.ErrNotRenamed) || errors.Is(err, ErrUnreadable)) {
		return notSent, err
	}
	if err != nil {
		return unknown, err
	}
	failpoint.Reach("push.renamed")
	if !u.ModTime.IsZero() && !receipt.ModTime.IsZero() && receipt.ModTime.Unix() != u.ModTime.Unix() {
		p.log(ctx, storage.LogWarn, "push.time_not_kept", map[string]any{"file_id": d.File})
	}
	if err := p.markSent(ctx, d, receipt, storage.CertaintyConfirmed); err != nil {
		return unknown, err
	}
	p.addSideFile(ctx, client, d)
	failpoint.Reach("push.sent")
	return arrived, nil
}

// errLookAgain says that what was seen at the server changed before anything was sent.
var errLookAgain = errors.New("the temporary file is gone")

// removeEarlier removes the temporary file of the attempt before. That a node which was cut off has given it
// its name since it was seen is errLookAgain. One that the server doesn't remove stays: this attempt writes
// under another name.
func (p *pusher) removeEarlier(ctx context.Context, client *transfer.Client, before *storage.Delivery, next step) (knowledge, error) {
	u, err := p.uploadOf(before)
	if err != nil || u.Rename == transfer.RenameNone {
		return notSent, err
	}
	removed, err := p.removeTemporary(ctx, client, before)
	switch {
	case errors.Is(err, transfer.ErrPermission), errors.Is(err, transfer.ErrRefused):
		p.log(ctx, storage.LogWarn, "push.temporary_left", map[string]any{"file_id": before.File, "code": codeOf(err)})
		return notSent, nil
	case err == nil && !removed && next.reason == "push.started_again":
		return unknown, errLookAgain
	default:
		return notSent, err
	}
}

// removeTemporary removes what an attempt left that did not get to its end, and tells whether it was there. Each
// attempt has a temporary name of its own: another node that was cut off may still write under the one before.
func (p *pusher) removeTemporary(ctx context.Context, client *transfer.Client, d *storage.Delivery) (removed bool, err error) {
	u, err := p.uploadOf(d)
	if err != nil || u.Rename == transfer.RenameNone {
		return false, err
	}
	removed, err = client.RemoveTemporary(ctx, u)
	if errors.Is(err, transfer.ErrFolder) {
		return false, nil // the upload will say so
	}
	return removed, err
}

// overtaken tells whether the context ended because other nodes have this node's work by now.
func overtaken(ctx context.Context) bool {
	cause := context.Cause(ctx)
	return errors.Is(cause, ErrNodeLost) || errors.Is(cause, storage.ErrFenced)
}

// tidyLimit is enough for a sign-in and one request.
const tidyLimit = 30 * time.Second

// How often, and at what distance, an overtaken node looks for its temporary file.
const (
	tidyTries = 3
	tidyPause = 500 * time.Millisecond
)

// tidyUp removes the temporary file of an attempt that others have overtaken: they looked for it before this
// node, asleep meanwhile, wrote it, and will not look again. What can't be removed stays, under a name that
// no partner takes.
func (p *pusher) tidyUp(ctx context.Context, d *storage.Delivery) {
	tidy(ctx, p.session.target(), func(ctx context.Context, client *transfer.Client) (bool, error) {
		return p.removeTemporary(ctx, client, d)
	})
}

// tidy removes something at a server, over a connection of its own.
func tidy(ctx context.Context, endpoint transfer.Endpoint, remove func(context.Context, *transfer.Client) (removed bool, err error)) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyLimit)
	defer cancel()
	client, err := transfer.Dial(ctx, endpoint)
	if err != nil {
		return
	}
	defer client.Close()
	// The server may still be at what came over the connection before: what is not there yet may be in a moment.
	for range tidyTries {
		if removed, err := remove(ctx, client); removed || err != nil || wait(ctx, tidyPause) != nil {
			return
		}
	}
}

// stillOurs asks, right before the file gets its name, whether another node has the run by now.
func (e *execution) stillOurs(ctx context.Context) error {
	if !guards.FenceEpoch {
		return nil
	}
	return e.node.cfg.DB.InLoad(ctx, e.run.Operator, e.scope.Actor, func(tx *storage.LoadTx) error {
		return tx.CheckEpoch(ctx, e.run.ID, e.run.Epoch)
	})
}

// upload sends the archived bytes within the time that their size allows.
func (p *pusher) upload(ctx context.Context, client *transfer.Client, d *storage.Delivery, u transfer.Upload) (transfer.Uploaded, error) {
	limited, cancel := context.WithTimeoutCause(ctx, p.network.fileTime(u.Size), ErrFileTimeout)
	defer cancel()
	content, err := p.bytes(d)
	if err != nil {
		return transfer.Uploaded{}, err
	}
	defer content.Close()
	receipt, err := client.Upload(limited, &progressReader{from: content, execution: p.execution}, u)
	if err != nil && ctx.Err() == nil && errors.Is(context.Cause(limited), ErrFileTimeout) {
		p.session.broken(client, err)
		return receipt, fail(ErrFileTimeout, err)
	}
	if errors.Is(err, archive.ErrDamaged) {
		return receipt, fail(ErrUnreadable, err)
	}
	return receipt, err
}

// bytes are what is sent: the file's own, or what was made of them.
func (p *pusher) bytes(d *storage.Delivery) (io.ReadCloser, error) {
	b := archive.Blob{Name: d.BlobName, WrappedKey: d.WrappedKey, KeyID: keys.KeyID(d.KeyID), Size: d.Size, StoredSize: d.StoredSize}
	copy(b.SHA256[:], d.SHA256)
	if d.WireBlob != "" {
		b = archive.Blob{Name: d.WireBlob, WrappedKey: d.WireWrapped, KeyID: keys.KeyID(d.WireKeyID), Size: d.WireSize, StoredSize: d.WireStored}
		copy(b.SHA256[:], d.WireSHA256)
	}
	return openBlob(p.node.cfg.Archive, b)
}

// A progressReader counts what goes through it.
type progressReader struct {
	from io.Reader
	*execution
}

func (r *progressReader) Read(b []byte) (int, error) {
	if err := failpoint.Check("push.reading"); err != nil {
		return 0, err
	}
	n, err := r.from.Read(b)
	r.bytesDone.Add(int64(n))
	return n, err
}

// addSideFile leaves the side file of a file that arrived, which stays sent whatever becomes of it.
func (p *pusher) addSideFile(ctx context.Context, client *transfer.Client, d *storage.Delivery) {
	if err := p.sideFile(ctx, client, d); err != nil {
		p.session.broken(client, err)
		p.log(ctx, storage.LogWarn, "push.side_file_failed", map[string]any{"file_id": d.File, "code": codeOf(err)})
	}
}

// sideFile leaves a file with the checksum beside the delivered one, if the connection wants it. One that
// is there already was left before a crash.
func (p *pusher) sideFile(ctx context.Context, client *transfer.Client, d *storage.Delivery) error {
	if !p.settings.Checksum {
		return nil
	}
	u, err := p.uploadOf(d)
	if err != nil {
		return err
	}
	sum := d.SHA256
	if d.WireBlob != "" {
		sum = d.WireSHA256
	}
	text := checksumLine(sum, u.Name)
	u.Name, u.Temporary, u.Size = u.Name+".sha256", u.Temporary+".sha256", int64(len(text))
	_, err = client.Upload(ctx, strings.NewReader(text), u)
	if errors.Is(err, transfer.ErrExists) {
		return nil
	}
	return err
}

// temporaryName is the name under which an attempt writes: the first attempt is 0.
func (p Push) temporaryName(name string, attempt int) string {
	middle := ""
	if attempt > 0 {
		middle = "-" + strconv.Itoa(attempt)
	}
	return p.TemporaryPrefix + name + middle + p.TemporarySuffix
}
