package keys

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
)

// Errors of reading a key file; test by errors.Is.
var (
	// ErrNoKeyFile: there is no file at the path.
	ErrNoKeyFile = errors.New("there is no key file")
	// ErrPermissions: others than its owner may read or write the file. The message says what to do.
	ErrPermissions = errors.New("the key file is open to others")
)

// Load reads the key file at path. Errors: ErrNoKeyFile, ErrPermissions, ErrFormat, or what the
// system says.
func Load(path string) (*Ring, error) {
	masters, err := readKeyFile(path)
	if err != nil {
		return nil, err
	}
	return newRing(masters)
}

// LoadOrCreate reads the key file at path, or makes it with one random key if there is none,
// and says so to log, loudly; missing folders are made for the owner alone. Processes that start
// at once end with the same key, and one of them gets created = true. The file is on the
// disk before LoadOrCreate returns. Errors as of [Load], except ErrNoKeyFile.
//
// A key that was created opens nothing that was sealed before: a caller whose database holds sealed
// data must stop instead of going on with it.
func LoadOrCreate(path string, log *slog.Logger) (ring *Ring, created bool, err error) {
	ring, err = Load(path)
	if !errors.Is(err, ErrNoKeyFile) {
		return ring, false, err
	}
	if err := makeDir(filepath.Dir(path)); err != nil {
		return nil, false, fmt.Errorf("keys: folder of the key file: %w", err)
	}
	masters := []masterKey{newMasterKey(nil)}
	created, err = publish(path, formatKeyFile(masters))
	if err != nil {
		return nil, false, err
	}
	if ring, err = Load(path); err != nil { // what stands in the file counts, whoever wrote it
		return nil, false, err
	}
	if created {
		log.Warn("MASTER KEY CREATED: back this file up now, away from the data; without it archive and stored passwords are lost",
			"key_file", path, "key_id", string(ring.Current()))
	}
	return ring, created, nil
}

// AddKey puts a new random key in front of the others of the key file at path, and returns the
// ring as it then is. The file is written anew: comments a person added are gone. Running processes notice at their next start. Errors as of [Load]; fs.ErrExist
// if another AddKey is at work or was broken off.
func AddKey(path string) (*Ring, error) {
	real, err := filepath.EvalSymlinks(path) // the rename is to replace the file, not a link to it
	if err != nil {
		return nil, noKeyFile(path, err)
	}
	path = real
	// The fixed name is the lock: two processes that each added a key would otherwise lose one.
	next := path + ".next"
	file, err := os.OpenFile(next, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("keys: another key is being added, or adding one was broken off (then remove the file): %w", err)
	}
	defer os.Remove(next)
	masters, err := readKeyFile(path)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	masters = append([]masterKey{newMasterKey(masters)}, masters...)
	if err := writeSync(file, formatKeyFile(masters)); err != nil {
		return nil, err
	}
	if err := os.Rename(next, path); err != nil {
		return nil, fmt.Errorf("keys: replacing the key file: %w", err)
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return nil, err
	}
	return newRing(masters)
}

func readKeyFile(path string) ([]masterKey, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, noKeyFile(path, err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("keys: %s is not a regular file", path)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("%w: %s has mode %04o, so that other users may get at it; run: chmod 600 '%s' "+
			"(if others could log in here, take the key as known to them and rotate it)", ErrPermissions, path, mode, path)
	}
	text, err := io.ReadAll(io.LimitReader(file, maxFileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	masters, err := parseKeyFile(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; restore it from its backup", path, err)
	}
	return masters, nil
}

func noKeyFile(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w at %s", ErrNoKeyFile, path)
	}
	return fmt.Errorf("keys: %w", err)
}

// publish writes text to a file at path that appears whole or not at all, and not if there is
// one already: then created is false. Either way the file at path is durable.
func publish(path string, text []byte) (created bool, err error) {
	var random [8]byte
	_, _ = rand.Read(random[:])
	temp := path + "." + hex.EncodeToString(random[:]) + ".tmp"
	file, err := os.OpenFile(temp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return false, fmt.Errorf("keys: %w", err)
	}
	defer os.Remove(temp)
	if err := writeSync(file, text); err != nil {
		return false, err
	}
	// A rename would replace the key another process has just begun to use; a link doesn't.
	err = os.Link(temp, path)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return false, fmt.Errorf("keys: %w", err)
	}
	return err == nil, syncDir(filepath.Dir(path))
}

// writeSync writes text, brings it to the disk and closes the file.
func writeSync(file *os.File, text []byte) error {
	_, err := file.Write(text)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("keys: writing the key file: %w", err)
	}
	return nil
}

// makeDir makes the folder and those above it that are missing, for the owner alone, durably.
func makeDir(dir string) error {
	parent := filepath.Dir(dir)
	if _, err := os.Stat(dir); err == nil || parent == dir {
		return err
	}
	if err := makeDir(parent); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(parent)
}

// syncDir makes names in the folder durable.
func syncDir(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	err = folder.Sync()
	if errors.Is(err, syscall.EINVAL) {
		err = nil // QUIRK: some network file systems know no fsync of a folder
	}
	if err = errors.Join(err, folder.Close()); err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	return nil
}
