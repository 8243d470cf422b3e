// Package corpustest reads a folder of published X12 files, which is no part of the project, in tests.
package corpustest

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// fewest is the number of files below which a folder is not the corpus, and a test of it proves nothing.
const fewest = 100

// Each shows visit each file of the folder that EDIPORT_CORPUS names, in a test of its own; visit tells whether it is one that counts. It
// skips the test if the folder is not named, and fails it if few files count.
func Each(t *testing.T, visit func(t *testing.T, x12 []byte) bool) {
	t.Helper()
	dir := os.Getenv("EDIPORT_CORPUS")
	if dir == "" {
		t.Skip("EDIPORT_CORPUS is not set: the published sample files are not there")
	}
	n := 0
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".edi" {
			return err
		}
		x12, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			if visit(t, x12) {
				n++
			}
		})
		return nil
	})
	if err != nil || n < fewest {
		t.Fatalf("%d files, error %v", n, err)
	}
}
