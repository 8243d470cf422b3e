package keys

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// EnvKeyFile is the environment variable that names the key file.
const EnvKeyFile = "EDIPORT_KEY_FILE"

// ErrInsideData: the key file lies in the data folder, where a backup of the data would take it along.
var ErrInsideData = errors.New("the key file must not lie in the data folder")

// DefaultPath returns where the key file is looked for: what EDIPORT_KEY_FILE says, else
// /etc/ediport/master.key for root, else ediport/master.key in the user's configuration folder.
func DefaultPath(getenv func(string) string) (string, error) {
	if path := getenv(EnvKeyFile); path != "" {
		return path, nil
	}
	if os.Geteuid() == 0 {
		return "/etc/ediport/master.key", nil
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("keys: no folder for the key file, name one in %s: %w", EnvKeyFile, err)
	}
	return filepath.Join(dir, "ediport", "master.key"), nil
}

// RefuseInside returns ErrInsideData if the key file at path lies, or would lie, in dataDir or a
// folder below it, symbolic links resolved. Neither needs to exist.
func RefuseInside(path, dataDir string) error {
	file, err := resolve(path)
	if err != nil {
		return err
	}
	dir, err := resolve(dataDir)
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(dir, file)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return nil //nolint:nilerr // not below it (an error means: on another drive)
	}
	return fmt.Errorf("%w: a backup of %s would take %s along; move the file and name its new place in %s",
		ErrInsideData, dataDir, path, EnvKeyFile)
}

// resolve returns the absolute path without symbolic links, as far as the path exists.
func resolve(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("keys: %w", err)
	}
	rest := ""
	for existing := path; ; {
		real, err := filepath.EvalSymlinks(existing)
		if err == nil {
			return filepath.Join(real, rest), nil
		}
		parent := filepath.Dir(existing)
		if !errors.Is(err, os.ErrNotExist) || parent == existing {
			return "", fmt.Errorf("keys: %w", err)
		}
		rest = filepath.Join(filepath.Base(existing), rest)
		existing = parent
	}
}
