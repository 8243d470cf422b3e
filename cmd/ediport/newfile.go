package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// A newFile is written beside the file whose place it takes when it is complete: nobody meets half of it, and what was there before
// stays if it can't be completed. Its owner alone may read it, for people are in it.
type newFile struct {
	*os.File
	place string // "": it is no file that could be replaced, such as /dev/null, and is written as it is
}

// createFile begins a file. Either keep or discard ends it.
func createFile(name string) (*newFile, error) {
	info, err := os.Stat(name)
	switch {
	case err == nil && !info.Mode().IsRegular():
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		return &newFile{File: f}, err
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, err
	case err == nil: // a link stays, and what it leads to is replaced
		if name, err = filepath.EvalSymlinks(name); err != nil {
			return nil, err
		}
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	var path *fs.PathError
	if errors.As(err, &path) {
		path.Path = name // not the one that nobody knows
	}
	if err != nil {
		return nil, err
	}
	return &newFile{f, name}, nil
}

// keep puts the file in its place.
func (f *newFile) keep() error {
	err := f.Close()
	if f.place == "" {
		return err
	}
	if err == nil {
		err = os.Rename(f.Name(), f.place)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// discard leaves things as they were.
func (f *newFile) discard() {
	_ = f.Close()
	if f.place != "" {
		_ = os.Remove(f.Name())
	}
}
