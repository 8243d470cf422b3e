package archive_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/ediport/ediport/storage/archive"
	"github.com/ediport/ediport/storage/keys"
)

// A file is kept and a range of it read again.
func Example() {
	dir, err := os.MkdirTemp("", "archive")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	files, err := archive.Open(dir, keys.NewRing()) // a program takes the ring of its key file
	if err != nil {
		panic(err)
	}

	blob, err := keep(files, strings.NewReader("ISA*00*~GS*HP~ST*835*0001~"))
	if err != nil {
		panic(err)
	}
	fmt.Println(blob.Size, "bytes")

	r, err := files.Open(blob)
	if err != nil {
		panic(err)
	}
	defer r.Close()
	segment, err := io.ReadAll(r.Range(14, 11))
	fmt.Println(string(segment), err)
	// Output:
	// 26 bytes
	// ST*835*0001 <nil>
}

func keep(files *archive.Archive, download io.Reader) (archive.Blob, error) {
	w, err := files.Create(context.Background())
	if err != nil {
		return archive.Blob{}, err
	}
	defer w.Abort() // does nothing after Commit
	if _, err := io.Copy(w, download); err != nil {
		return archive.Blob{}, err
	}
	return w.Commit()
}
