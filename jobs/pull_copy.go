package jobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ediport/ediport/jobs/internal/failpoint"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
	"github.com/ediport/ediport/storage/keys"
)

// archive moves a file that is ours to the archive folder at the server: where that can't rename, by a copy of what we
// took, unless the folder says that it is not to.
func (p *puller) archive(ctx context.Context, client *transfer.Client, from *folder, f *fetched) error {
	dated, err := datedFolder(from.ArchiveFolder, p.node.cfg.DB.Now())
	if err != nil {
		return fail(ErrConnection, err)
	}
	_, err = client.Archive(ctx, f.file, dated)
	if !errors.Is(err, transfer.ErrNotMoved) || from.ArchiveBy == ArchiveByRename {
		return err
	}
	if err := failpoint.Check("pull.copying"); err != nil {
		return err
	}
	err = p.copyTo(ctx, client, f, dated)
	if err != nil && (overtaken(ctx) || errors.Is(err, storage.ErrFenced)) {
		p.tidyCopy(ctx, f, dated)
	}
	return err
}

// copyTo archives a file by a copy, within the time that its size allows, four times: it is sent, read back,
// perhaps sent again, where nothing can be renamed, and the original is read once more.
func (p *puller) copyTo(ctx context.Context, client *transfer.Client, f *fetched, to string) error {
	if err := p.stillOurs(ctx); err != nil {
		return err
	}
	blob, err := p.blobOf(ctx, f)
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeoutCause(ctx, 4*p.network.fileTime(f.file.Size), ErrFileTimeout)
	defer cancel()
	_, err = client.ArchiveCopy(limited, f.file, to, transfer.Copy{
		SHA256: blob.SHA256, Attempt: p.copyAttempt(),
		Open: func() (io.ReadCloser, error) {
			content, err := openBlob(p.node.cfg.Archive, blob)
			return copyReader{content}, err
		},
		Copied: func() error {
			deleteEarly(ctx, client, f.file)
			if err := failpoint.Check("pull.copied"); err != nil {
				return err
			}
			return p.stillOurs(ctx)
		},
		Named: func() error {
			if err := failpoint.Check("pull.copy_named"); err != nil {
				return err
			}
			return p.stillOurs(ctx)
		},
	})
	if err != nil && ctx.Err() == nil && errors.Is(context.Cause(limited), ErrFileTimeout) {
		p.session.broken(client, err)
		return fail(ErrFileTimeout, err)
	}
	if err == nil {
		p.log(ctx, storage.LogInfo, "pull.copied", map[string]any{"bytes": f.file.Size})
	}
	return err
}

// A copyReader reads what a copy is made of.
type copyReader struct{ io.ReadCloser }

func (r copyReader) Read(b []byte) (int, error) {
	if err := failpoint.Check("pull.copy_reading"); err != nil {
		return 0, err
	}
	return r.ReadCloser.Read(b)
}

// copyAttempt tells attempts apart that may write at the same time: by a node that was cut off, and by the one that has its work.
func (p *puller) copyAttempt() string { return fmt.Sprintf("%d-%d", p.run.ID, p.run.Epoch) }

// blobOf is what was taken of a file.
func (p *puller) blobOf(ctx context.Context, f *fetched) (archive.Blob, error) {
	var file storage.File
	err := p.node.cfg.DB.InLoad(ctx, p.run.Operator, p.scope.Actor, func(tx *storage.LoadTx) (err error) {
		file, err = tx.FileForLoad(ctx, f.id)
		return err
	})
	if err != nil {
		return archive.Blob{}, err
	}
	b := archive.Blob{Name: file.BlobName, WrappedKey: file.WrappedKey, KeyID: keys.KeyID(file.KeyID), Size: file.Size, StoredSize: file.StoredSize}
	copy(b.SHA256[:], file.SHA256)
	return b, nil
}

// openBlob opens what is in the archive; what is empty is in no blob.
func openBlob(a *archive.Archive, b archive.Blob) (io.ReadCloser, error) {
	if b.Size == 0 && b.Name == "" {
		return io.NopCloser(strings.NewReader("")), nil
	}
	r, err := a.Open(b)
	if err != nil {
		return nil, fail(ErrUnreadable, err)
	}
	return r, nil
}

// tidyCopy removes what an attempt wrote that others have overtaken, over a connection of its own: its own may have ended
// by that. What can't be removed is found by the next copy into the folder.
func (p *puller) tidyCopy(ctx context.Context, f *fetched, folder string) {
	tidy(ctx, p.session.target(), func(ctx context.Context, client *transfer.Client) (bool, error) {
		return client.RemoveCopy(ctx, f.file, folder, p.copyAttempt())
	})
}
