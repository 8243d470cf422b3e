package jobs

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/ediport/ediport/jobs/internal/failpoint"
	"github.com/ediport/ediport/jobs/internal/guards"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/wrap"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
	"github.com/ediport/ediport/storage/keys"
)

// The reasons of a file whose contents became files of their own.
const (
	reasonUnwrapped = "file.unwrapped"
	reasonNothingIn = "file.unwrapped_empty"
)

// unwrap opens a file that is wrapped, if its folder wants that: what is in it goes into the archive
// and becomes files of their own, each with its job, in one transaction with the state of the file they
// came out of. It is false if the file is to be loaded as it is. A wrap.Error says why it can't be opened.
func (n *Node) unwrap(ctx context.Context, operator storage.OperatorID, file storage.File) (bool, error) {
	settings, err := n.wrapping(ctx, operator, file)
	if err != nil || settings == nil {
		return false, err
	}
	blob, err := n.cfg.Archive.Open(blobOf(file))
	if err != nil {
		return false, fail(ErrArchive, err)
	}
	defer blob.Close()
	if wrapped, err := isWrapped(blob); err != nil || !wrapped {
		return false, err
	}
	u := &unwrapper{node: n, parent: file, operator: operator}
	err = wrap.Open(ctx, wrap.Source{Name: file.Name, Size: file.Size, Content: blob, Spool: u.spool(ctx)}, wrap.Limits{}, *settings, func(e wrap.Entry) error {
		return u.take(ctx, e)
	})
	if err == nil {
		failpoint.Reach("unwrap.stored")
		err = u.commit(ctx)
	} else {
		u.discard()
	}
	return true, err
}

// wrapping returns the keys to open a file with; nil if it is not to be opened.
func (n *Node) wrapping(ctx context.Context, operator storage.OperatorID, file storage.File) (*wrap.Keys, error) {
	if file.Direction != directionIn || file.Connection == 0 || file.Parent != 0 || file.BlobName == "" || !waitsForLoad(file) && guards.RecheckState {
		return nil, nil
	}
	var c *storage.Connection
	err := n.cfg.DB.InLoad(ctx, operator, storage.Actor{Kind: storage.ActorJob}, func(tx *storage.LoadTx) (err error) {
		c, err = tx.ConnectionOf(ctx, operator, file.Connection)
		return err
	})
	if errors.Is(err, storage.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	folders, err := FoldersOf(c)
	if err != nil {
		return nil, err
	}
	if folder, ok := folderOf(folders, file.RemotePath); !ok || folder.Unwrap != UnwrapAuto {
		return nil, nil
	}
	secrets, err := openSecrets(n.cfg.Keys, c)
	if err != nil {
		return nil, err
	}
	push, err := PushOf(c)
	return &wrap.Keys{
		Private: secrets.PGPPrivateKey.Reveal(), Passphrase: secrets.PGPPassphrase.Reveal(), Signers: push.PGPRecipients,
	}, err
}

func waitsForLoad(file storage.File) bool {
	return file.State == storage.FileDownloaded || file.State == storage.FileFailed
}

// folderOf returns the folder that a remote file came from: the deepest one above it.
func folderOf(folders []PullFolder, remotePath string) (found PullFolder, ok bool) {
	deepest := -1
	for _, f := range folders {
		at := path.Clean(transfer.Escape(f.Path))
		inside := at == "." || at == "/" || strings.HasPrefix(remotePath, at+"/")
		if depth := len(at); inside && depth > deepest {
			found, ok, deepest = f, true, depth
		}
	}
	return found, ok
}

// isWrapped looks at the first bytes.
func isWrapped(blob *archive.Reader) (bool, error) {
	head := make([]byte, min(512, blob.Size()))
	if _, err := blob.ReadAt(head, 0); err != nil && err != io.EOF {
		return false, fail(ErrArchive, err)
	}
	return wrap.Detect(head) != wrap.KindNone, nil
}

func blobOf(f storage.File) archive.Blob {
	b := archive.Blob{Name: f.BlobName, WrappedKey: f.WrappedKey, KeyID: keys.KeyID(f.KeyID), Size: f.Size, StoredSize: f.StoredSize}
	copy(b.SHA256[:], f.SHA256)
	return b
}

// An unwrapper collects what comes out of a file.
type unwrapper struct {
	node     *Node
	operator storage.OperatorID
	parent   storage.File
	children []storage.File
}

// take brings one entry into the archive. An empty one has no blob.
func (u *unwrapper) take(ctx context.Context, e wrap.Entry) error {
	child := storage.File{
		Direction: directionIn, Source: "container", Name: e.Name, Parent: u.parent.ID, State: storage.FileDownloaded,
		Partner: u.parent.Partner, Connection: u.parent.Connection, Run: u.parent.Run, Account: u.parent.Account,
	}
	w, err := u.node.cfg.Archive.Create(ctx)
	if err != nil {
		return fail(ErrArchive, err)
	}
	defer w.Abort()
	to := &markingWriter{to: w}
	size, err := io.Copy(to, e.Content)
	switch {
	case to.err != nil && ctx.Err() == nil:
		return fail(ErrArchive, to.err)
	case err != nil:
		return err
	case size == 0:
		child.Kind, child.State = "empty", storage.FileStored
		sum := sha256.Sum256(nil)
		child.SHA256 = sum[:]
	default:
		blob, err := w.Commit()
		if err != nil {
			return fail(ErrArchive, err)
		}
		child.Size, child.SHA256, child.BlobName = blob.Size, blob.SHA256[:], blob.Name
		child.WrappedKey, child.KeyID, child.StoredSize = blob.WrappedKey, string(blob.KeyID), blob.StoredSize
	}
	u.children = append(u.children, child)
	return nil
}

// A markingWriter keeps its own errors apart from those of the reader beside it.
type markingWriter struct {
	to  io.Writer
	err error
}

func (w *markingWriter) Write(b []byte) (n int, err error) {
	n, err = w.to.Write(b)
	w.err = cmp.Or(w.err, err)
	return n, err
}

// commit makes the entries files of ours, unless another attempt has.
func (u *unwrapper) commit(ctx context.Context) error {
	done := false
	err := u.node.cfg.DB.InLoad(ctx, u.operator, storage.Actor{Kind: storage.ActorJob}, func(tx *storage.LoadTx) error {
		parent, err := tx.LockFile(ctx, u.parent.ID)
		if err != nil {
			return err
		}
		if done = !waitsForLoad(parent) && guards.RecheckState; done {
			return nil
		}
		return u.insert(ctx, tx)
	})
	switch {
	case err == nil && done:
		u.discard()
	case err == nil:
		failpoint.Reach("unwrap.committed")
	case errors.Is(err, storage.ErrNotFound):
		u.discard() // purged meanwhile
		return nil
	}
	// With any other error the commit may have happened although its answer did not come: the blobs
	// stay. Those without a row are found by the archive's sweep.
	return err
}

func (u *unwrapper) insert(ctx context.Context, tx *storage.LoadTx) error {
	for _, child := range u.children {
		if _, err := tx.FileByHash(ctx, child.Connection, child.SHA256); err == nil {
			child.StateReason = "file.same_bytes"
		} else if !errors.Is(err, storage.ErrNotFound) {
			return err
		}
		id, err := tx.InsertFile(ctx, child)
		if err != nil {
			return err
		}
		if child.State != storage.FileDownloaded {
			continue // there is nothing to load
		}
		if err := EnqueueIngest(ctx, &tx.Tx, u.operator, id); err != nil {
			return err
		}
	}
	reason := reasonUnwrapped
	if len(u.children) == 0 {
		reason = reasonNothingIn
	}
	if u.parent.Run != 0 {
		detail := map[string]any{"file_id": u.parent.ID, "files": len(u.children)}
		if err := tx.LogRun(ctx, u.operator, u.parent.Run, storage.LogInfo, reason, detail); err != nil {
			return err
		}
	}
	if _, err := tx.ResolveIncidents(ctx, u.operator, storage.OfFile(u.parent.ID), sourceIngest); err != nil {
		return err
	}
	return tx.SetFileState(ctx, u.parent.ID, storage.FileChange{State: storage.FileStored, Reason: reason, Kind: "not_x12", Run: u.parent.Run})
}

// discard removes the blobs for which there are no rows for certain.
func (u *unwrapper) discard() {
	for _, child := range u.children {
		if child.BlobName == "" {
			continue
		}
		if err := u.node.cfg.Archive.Delete(child.BlobName); err != nil {
			u.node.log.Warn("a blob that is not needed could not be removed", "error", err)
		}
	}
}

// spool puts a zip that stands inside another layer into the archive for a while, encrypted like all there.
func (u *unwrapper) spool(ctx context.Context) func() (wrap.Spool, error) {
	return func() (wrap.Spool, error) {
		w, err := u.node.cfg.Archive.Create(ctx)
		if err != nil {
			return nil, fail(ErrArchive, err)
		}
		return &archiveSpool{archive: u.node.cfg.Archive, w: w}, nil
	}
}

// An archiveSpool is a blob that is forgotten.
type archiveSpool struct {
	archive *archive.Archive
	w       *archive.Writer
	blob    archive.Blob
	r       *archive.Reader
}

// Write takes what is put aside.
func (s *archiveSpool) Write(b []byte) (int, error) {
	n, err := s.w.Write(b)
	if err != nil {
		err = fail(ErrArchive, err)
	}
	return n, err
}

// Content gives it back.
func (s *archiveSpool) Content() (_ io.ReaderAt, err error) {
	if s.blob, err = s.w.Commit(); err != nil {
		return nil, fail(ErrArchive, err)
	}
	if s.r, err = s.archive.Open(s.blob); err != nil {
		return nil, fail(ErrArchive, err)
	}
	return s.r, nil
}

// Close forgets it.
func (s *archiveSpool) Close() error {
	if s.r != nil {
		_ = s.r.Close()
	}
	if s.blob.Name != "" {
		return s.archive.Delete(s.blob.Name)
	}
	return s.w.Abort()
}
