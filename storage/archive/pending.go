package archive

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// A pendingFile is a blob being written, under its temporary name.
type pendingFile struct {
	*os.File
	path  string // its name once committed
	syncs *folderSyncs
	done  bool

	written int64 // bytes
	begun   int64 // of these, the kernel was asked to bring to the disk
}

// writebackEvery is how many bytes gather before the kernel is asked to begin with them.
const writebackEvery = 8 << 20

func (p *pendingFile) Write(b []byte) (int, error) {
	n, err := p.File.Write(b)
	p.written += int64(n)
	if p.written-p.begun >= writebackEvery {
		beginWriteback(p.File, p.begun, p.written-p.begun)
		p.begun = p.written
	}
	return n, err
}

// commit brings the bytes to the disk, then the name: in this order, so that whatever moment the
// power fails at, the name never stands for half a file. An fsync that failed is not tried again: the
// kernel may have dropped what it couldn't write.
func (p *pendingFile) commit() error {
	if p.done {
		return ErrClosed
	}
	if err := p.Sync(); err != nil {
		return errors.Join(err, p.abort())
	}
	p.done = true
	temp := p.path + pendingSuffix
	err := p.Close()
	if err == nil {
		err = os.Rename(temp, p.path)
	}
	if err != nil {
		return errors.Join(err, removeIfThere(temp))
	}
	if err := p.syncs.sync(filepath.Dir(p.path)); err != nil {
		return errors.Join(err, removeIfThere(p.path)) // else a blob would stand there that no row will know
	}
	return nil
}

func (p *pendingFile) abort() error {
	if p.done {
		return nil
	}
	p.done = true
	return errors.Join(p.Close(), removeIfThere(p.path+pendingSuffix))
}

func removeIfThere(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
