package edi_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"

	"github.com/ediport/ediport/edi"
)

// FuzzReader checks that no bytes make the Reader panic or loop, that positions stay within the file, that
// reading in pieces makes no difference, and that what is read without error is written again byte for byte.
func FuzzReader(f *testing.F) {
	f.Add([]byte(envelope("ST*835*0001~BPR*I*1~SE*3*0001~")))
	f.Add([]byte("junk" + isa + "\n\n~~" + gs + "ST*1~"))
	f.Add([]byte(fold(envelope("ST*835*0001~BPR*I*1~SE*3*0001~"), "\r\n")))
	f.Add([]byte("\xef\xbb\xbfISA *00 * *00 * *ZZ *A *ZZ *B *190827 *0212 *^ *00501 *1 *0 *P *>~GS*HP"))
	if dir := os.Getenv("EDIPORT_CORPUS"); dir != "" {
		files, _ := filepath.Glob(filepath.Join(dir, "malformed", "*.edi"))
		for _, name := range files {
			if b, err := os.ReadFile(name); err == nil && len(b) < 4000 {
				f.Add(b)
			}
		}
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		out, c, findings, err := rewrite(bytes.NewReader(in))
		var syntax *edi.SyntaxError
		if err != nil && !errors.As(err, &syntax) {
			t.Fatalf("neither read nor refused: %v", err)
		}
		for _, f := range findings {
			if f.Pos.Offset < 0 || f.Pos.Offset > int64(len(in)) {
				t.Fatalf("finding outside of the file: %v", f)
			}
		}
		if err == nil && !bytes.Equal(in, out) {
			t.Fatalf("written again, the file differs:\n%q\n%q", in, out)
		}
		_, c2, _, err2 := rewrite(iotest.OneByteReader(bytes.NewReader(in)))
		if c != c2 || (err == nil) != (err2 == nil) {
			t.Fatalf("byte by byte: %+v %v, want %+v %v", c2, err2, c, err)
		}
	})
}

// FuzzResume checks that reading on after a SyntaxError ends.
func FuzzResume(f *testing.F) {
	f.Add([]byte(isa[:50] + isa + gs + "ISA"))
	f.Fuzz(func(t *testing.T, in []byte) {
		r := edi.NewReader(bytes.NewReader(in))
		r.MaxSegment = 200
		for range 2*len(in) + 10 {
			if _, err := r.Next(); err == io.EOF {
				return
			}
		}
		t.Fatal("reading does not end")
	})
}
