package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"testing"
)

// TestProfileWithoutFolders: a profile is one still, has the names of functions, and tells nothing of folders.
func TestProfileWithoutFolders(t *testing.T) {
	var heap bytes.Buffer // in the form of all profiles
	if err := pprof.Lookup("allocs").WriteTo(&heap, 0); err != nil {
		t.Fatal(err)
	}
	before := unzip(t, heap.Bytes())
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	got, err := withoutFolders(&heap)
	if err != nil {
		t.Fatal(err)
	}
	after := unzip(t, got)
	if !strings.Contains(after, "runtime.") || len(after) >= len(before) {
		t.Errorf("%d of %d bytes are left", len(after), len(before))
	}
	if strings.Contains(after, filepath.Dir(folder)) || strings.Contains(after, "/src/runtime/") {
		t.Error("it tells of folders")
	}
	if _, err := withoutFolders(bytes.NewReader(got[:len(got)/2])); err == nil {
		t.Error("half a profile is one")
	}
}

// TestEngineProfile: the profile in the sources is one of the engine, and tells nothing of the machine that it was taken on.
func TestEngineProfile(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("engine.pgo")
	if err != nil {
		t.Fatal(err)
	}
	profile := unzip(t, b)
	for _, name := range []string{"edi/guide.(*Validator).check", "edi/guide.(*Walker).step", "edi/eligibility.(*Decoder).segment"} {
		if !strings.Contains(profile, name) {
			t.Errorf("%s is not in it", name)
		}
	}
	for in := []byte(profile); len(in) > 0; {
		field, value, rest, err := nextField(in)
		if err != nil {
			t.Fatal(err)
		}
		if field == profileStrings && len(value) > 0 && value[0] == '/' {
			t.Errorf("the path %s is in it", value)
		}
		in = rest
	}
}

func unzip(t *testing.T, b []byte) string {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}
