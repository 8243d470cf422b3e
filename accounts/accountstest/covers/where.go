package covers

import (
	"errors"
	"os"
	"path/filepath"
)

// packageDir returns the folder of the package under test within the module: go test starts a test in
// the folder of its package. A test that changed the folder since is a test that says its rows too late.
func packageDir() (string, error) {
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for root := here; ; root = filepath.Dir(root) {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			dir, err := filepath.Rel(root, here)
			return filepath.ToSlash(dir), err
		}
		if root == filepath.Dir(root) {
			return "", errors.New("the folder of the test is in no module")
		}
	}
}
