package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// pendingSuffix marks a file that is being written, or was left behind by a crash.
const pendingSuffix = ".partial"

// A folder is a store on a local file system: blob aabbcc… is the file aa/bb/aabbcc…, so that no
// folder grows beyond what file systems and people handle well (65,536 leaves).
type folder struct {
	root string

	// durable are the folders this process made sure of: they and their names are on the disk.
	// It doesn't rely on others for that: who made a folder may have died before its fsync.
	mu      sync.Mutex
	durable map[string]*making

	syncs folderSyncs
}

// A making is a folder that is made sure of, or was.
type making struct {
	done chan struct{}
	err  error
}

func openFolder(dir string) (*folder, error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	f := &folder{root: root, durable: map[string]*making{}}
	if err := makeRoot(root); err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	return f, nil
}

// makeRoot makes the archive's folder and those above it that are missing.
func makeRoot(dir string) error {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		return fmt.Errorf("%s is not a folder", dir)
	}
	parent := filepath.Dir(dir)
	if err == nil || !errors.Is(err, fs.ErrNotExist) || parent == dir {
		return err
	}
	if err := makeRoot(parent); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(parent)
}

func (f *folder) path(name string) string {
	return filepath.Join(f.root, name[:2], name[2:4], name)
}

// makeLeaf makes the folder the blob will stand in, durably.
func (f *folder) makeLeaf(name string) error {
	parent := f.root
	for _, part := range []string{name[:2], name[2:4]} {
		dir := filepath.Join(parent, part)
		if err := f.makeDurable(parent, dir); err != nil {
			return err
		}
		parent = dir
	}
	return nil
}

// makeDurable makes sure of a folder, once: who needs it meanwhile waits. Different folders are made
// side by side, since the disk takes their fsyncs together.
func (f *folder) makeDurable(parent, dir string) error {
	f.mu.Lock()
	m, known := f.durable[dir]
	if !known {
		m = &making{done: make(chan struct{})}
		f.durable[dir] = m
	}
	f.mu.Unlock()
	if known {
		<-m.done
		return m.err
	}
	defer close(m.done)
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		m.err = err
	} else {
		m.err = syncFolder(parent)
	}
	if m.err != nil { // the next one tries again
		f.mu.Lock()
		delete(f.durable, dir)
		f.mu.Unlock()
	}
	return m.err
}

func (f *folder) create(_ context.Context, name string) (pending, error) {
	if err := f.makeLeaf(name); err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	path := f.path(name)
	file, err := os.OpenFile(path+pendingSuffix, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	return &pendingFile{File: file, path: path, syncs: &f.syncs}, nil
}

func (f *folder) open(name string) (object, error) {
	file, err := os.Open(f.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, missing(name)
	}
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("archive: %w", errors.Join(err, file.Close()))
	}
	return &openFile{file, info.Size()}, nil
}

func (f *folder) remove(name string) error {
	path := f.path(name)
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return missing(name)
	}
	if err == nil {
		err = f.syncs.sync(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("archive: deleting blob %s: %w", name, err)
	}
	return nil
}

func (f *folder) removePending(name string, before time.Time) (bool, error) {
	path := f.path(name) + pendingSuffix
	info, err := os.Stat(path) // again: it may have been written to, or committed, since it was listed
	if err == nil && !info.ModTime().Before(before) {
		return false, nil
	}
	if err == nil {
		err = os.Remove(path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("archive: removing the left-over of blob %s: %w", name, err)
	}
	return true, nil
}

func (f *folder) list(ctx context.Context, visit func(entry) error) error {
	err := filepath.WalkDir(f.root, func(path string, d fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // committed, aborted or deleted while we look
		}
		if err != nil {
			return err
		}
		return visit(f.entry(path, info))
	})
	if err != nil {
		return fmt.Errorf("archive: listing: %w", err)
	}
	return nil
}

func (f *folder) entry(path string, info fs.FileInfo) entry {
	name, partial := strings.CutSuffix(filepath.Base(path), pendingSuffix)
	if !isName(name) || filepath.Dir(path) != filepath.Dir(f.path(name)) || !info.Mode().IsRegular() {
		return entry{foreign: true}
	}
	return entry{name: name, pending: partial, size: info.Size(), modified: info.ModTime()}
}

func missing(name string) error { return fmt.Errorf("archive: %w: blob %s", ErrMissing, name) }

// syncFolder makes the names in the folder durable.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) {
		err = nil // QUIRK: some network file systems know no fsync of a folder; their names are durable, or nobody can make them so
	}
	return errors.Join(err, d.Close())
}

// openFile is a blob open for reading.
type openFile struct {
	*os.File
	bytes int64
}

func (o *openFile) size() int64 { return o.bytes }
