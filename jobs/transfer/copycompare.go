package transfer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
)

// compare reads the copy back. One that is wrong is removed, unless it has its name already: an attempt that was overtaken
// must not remove what another one has made whole meanwhile.
func (a *copying) compare(ctx context.Context, u Upload) error {
	const op = "reading the copy back"
	there, err := a.Stat(ctx, u.written())
	if err != nil {
		return err
	}
	if there.Size == a.file.Size {
		same, err := a.begins(ctx, there)
		if err != nil {
			return err
		}
		if same {
			return nil
		}
	}
	if !u.Prefix {
		_ = a.remove(ctx, u.written()) // that it is wrong is what counts
	}
	return failed(ErrIncomplete, op, errors.New("it is not what was taken"))
}

// original reads the file that is to be deleted once more: a partner may have replaced it by one of the same size within the
// second that its time tells. That it is gone is no failure: the copy is whole.
func (a *copying) original(ctx context.Context) error {
	now := sha256.New()
	_, err := a.Download(ctx, a.file, now)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil
	case err != nil:
		return err
	case !bytes.Equal(now.Sum(nil), a.SHA256[:]):
		return failed(ErrChanged, "reading the original once more", errors.New("it is not what was taken"))
	default:
		return nil
	}
}
