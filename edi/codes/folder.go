package codes

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// ReplaceAll replaces each list for which folder has a file NAME.csv, as [Replace] does; NAME is that of the [List], such as carc or
// hcpcs. It returns how many were replaced. Lists with a fault stay as they are, and the error tells all of them.
func ReplaceAll(folder fs.FS) (replaced int, err error) {
	names, err := fs.Glob(folder, "*.csv")
	if err != nil {
		return 0, fmt.Errorf("codes: %w", err)
	}
	var faults []error
	for _, name := range names {
		if err := replaceFile(folder, name); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", name, err))
			continue
		}
		replaced++
	}
	return replaced, errors.Join(faults...)
}

func replaceFile(folder fs.FS, name string) error {
	f, err := folder.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return Replace(List(strings.TrimSuffix(path.Base(name), ".csv")), f)
}
