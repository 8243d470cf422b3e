package keys_test

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/ediport/ediport/storage/keys"
)

// A password is sealed for its row; copied to another row it doesn't open.
func Example() {
	dir, err := os.MkdirTemp("", "keys")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	ring, created, err := keys.LoadOrCreate(filepath.Join(dir, "master.key"), slog.New(slog.DiscardHandler))
	if err != nil {
		panic(err)
	}
	fmt.Println("created:", created)

	sealed, err := ring.Seal(keys.Secrets, []byte("open sesame"), []byte("connection/123/password"))
	if err != nil {
		panic(err)
	}
	password, err := ring.Open(keys.Secrets, sealed, []byte("connection/123/password"))
	fmt.Println(string(password), err)
	_, err = ring.Open(keys.Secrets, sealed, []byte("connection/124/password"))
	fmt.Println(errors.Is(err, keys.ErrSealed))
	fmt.Println(ring)
	// Output:
	// created: true
	// open sesame <nil>
	// true
	// keys.Ring(redacted)
}
