package main

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

// A bar shows itself once reading has taken long, counts the bytes of a regular file, and goes away.
func TestProgress(t *testing.T) {
	t.Parallel()
	path := saved(t, "big.835", strings.Repeat("x", 1<<20))
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for name, in := range map[string]io.Reader{"known size": f, "unknown size": strings.NewReader(strings.Repeat("x", 1<<20))} {
		var out bytes.Buffer
		bar := newProgress(&out, path, in)
		bar.since = time.Now().Add(-time.Minute)
		if n, err := io.Copy(io.Discard, struct{ io.Reader }{bar}); err != nil || n != 1<<20 {
			t.Fatalf("%s: %d bytes, error %v", name, n, err)
		}
		if !strings.Contains(out.String(), "big.835") {
			t.Errorf("%s: %q", name, out.String())
		}
		bar.finish()
		if name == "known size" && bar.size != 1<<20 {
			t.Errorf("size %d", bar.size)
		}
	}
}

func TestProgressOfQuickWork(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	bar := newProgress(&out, "-", strings.NewReader("x"))
	bar.since = time.Now().Add(time.Hour) // however slow the machine is
	_, _ = io.Copy(io.Discard, struct{ io.Reader }{bar})
	bar.finish()
	if out.Len() > 0 {
		t.Errorf("quick work shows %q", out.String())
	}
}
