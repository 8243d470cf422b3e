package jobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/wrap"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
)

// sealing is how files are packed and encrypted before they leave, but for keys that are secret.
func (p Push) sealing() wrap.Sealing {
	s := wrap.Sealing{Gzip: p.Gzip, Recipients: p.PGPRecipients}
	if p.PGPSign {
		s.SignKey = "is asked for when it is needed"
	}
	return s
}

// packedName is the name of what is made of a file before it leaves.
func (p Push) packedName(name string) string {
	suffix := p.sealing().SealedName()
	return strings.TrimSuffix(name, suffix) + suffix
}

// seal makes what leaves of a file, if the connection wants it packed, encrypted or signed. The result is archived
// with the file, because encryption gives other bytes each time, and what is sent again has to be the same.
func (p *pusher) seal(ctx context.Context, d *storage.Delivery) (made bool, err error) {
	s := p.settings.sealing()
	if d.WireBlob != "" || !s.Wraps() {
		return false, nil
	}
	raw, err := transfer.Unescape(d.Name)
	if err != nil {
		return false, err
	}
	s.Name, s.ModTime = strings.TrimSuffix(raw, s.SealedName()), p.node.cfg.DB.Now()
	if p.settings.PGPSign {
		secrets, err := openSecrets(p.node.cfg.Keys, p.connection)
		if err != nil {
			return false, err
		}
		s.SignKey, s.Passphrase = secrets.PGPPrivateKey.Reveal(), secrets.PGPPassphrase.Reveal()
	}
	blob, err := p.sealInto(ctx, d, s)
	if err != nil {
		return false, err
	}
	d.WireBlob, d.WireWrapped, d.WireKeyID = blob.Name, blob.WrappedKey, string(blob.KeyID)
	d.WireSize, d.WireStored, d.WireSHA256 = blob.Size, blob.StoredSize, blob.SHA256[:]
	return true, nil
}

func (p *pusher) sealInto(ctx context.Context, d *storage.Delivery, s wrap.Sealing) (archive.Blob, error) {
	content, err := p.bytes(d)
	if err != nil {
		return archive.Blob{}, err
	}
	defer content.Close()
	w, err := p.node.cfg.Archive.Create(ctx)
	if err != nil {
		return archive.Blob{}, fail(ErrArchive, err)
	}
	defer w.Abort()
	sealer, err := wrap.Seal(markedWriter{w}, s, p.node.cfg.DB.Now())
	if err != nil {
		return archive.Blob{}, err
	}
	_, err = io.Copy(sealer, content)
	if closing := sealer.Close(); err == nil {
		err = closing
	}
	if broken := (*writeError)(nil); errors.As(err, &broken) {
		return archive.Blob{}, fail(ErrArchive, broken.err)
	}
	if err != nil {
		return archive.Blob{}, fail(ErrUnreadable, fmt.Errorf("packing: %w", err))
	}
	blob, err := w.Commit()
	if err != nil {
		return archive.Blob{}, fail(ErrArchive, err)
	}
	return blob, nil
}
