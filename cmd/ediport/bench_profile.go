package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"runtime/pprof"
)

// profiled runs measure and writes to file, if one is named, where the processor spent its time. The compiler makes use of that: see
// the targets release and profile of the Makefile.
func profiled(file string, measure func()) error {
	if file == "" {
		measure()
		return nil
	}
	var taken bytes.Buffer
	if err := pprof.StartCPUProfile(&taken); err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	measure()
	pprof.StopCPUProfile()
	profile, err := withoutFolders(&taken)
	if err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	return os.WriteFile(file, profile, 0o644) //nolint:gosec // it is part of the sources
}

const profileStrings = 6<<3 | 2 // field of the string_table of profile.proto

var errProfile = errors.New("not in the form of a profile")

// withoutFolders returns a profile whose file names do not tell in which folders the program and its sources stood. The compiler goes by
// the names of functions.
func withoutFolders(taken io.Reader) ([]byte, error) {
	unzipped, err := gzip.NewReader(taken)
	if err != nil {
		return nil, err
	}
	in, err := io.ReadAll(unzipped)
	if err != nil {
		return nil, err
	}
	var out []byte
	for len(in) > 0 {
		field, value, rest, err := nextField(in)
		if err != nil {
			return nil, err
		}
		if field == profileStrings && len(value) > 0 && value[0] == '/' {
			value = []byte(path.Base(string(value)))
		}
		out = binary.AppendUvarint(out, field)
		if field&7 == 2 {
			out = binary.AppendUvarint(out, uint64(len(value)))
		}
		out = append(out, value...)
		in = rest
	}
	var b bytes.Buffer
	zipped := gzip.NewWriter(&b)
	if _, err := zipped.Write(out); err != nil {
		return nil, err
	}
	if err := zipped.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// nextField takes a field of a protocol buffer off in: a number, whose bytes are its value, or bytes.
func nextField(in []byte) (field uint64, value, rest []byte, err error) {
	field, n := binary.Uvarint(in)
	if n <= 0 {
		return 0, nil, nil, errProfile
	}
	in = in[n:]
	number, n := binary.Uvarint(in)
	switch {
	case n <= 0:
		return 0, nil, nil, errProfile
	case field&7 == 0:
		return field, in[:n], in[n:], nil
	case field&7 != 2 || number > uint64(len(in)-n):
		return 0, nil, nil, errProfile
	}
	in = in[n:]
	return field, in[:number], in[number:], nil
}
