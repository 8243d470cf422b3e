// Command makedoc makes docs/accounts.md from what tests said while they ran; make docs-accounts runs both. It stands
// in the module's folder and takes the file that the tests wrote.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/ediport/ediport/accounts/accountstest/coverdoc"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "makedoc:", err)
		os.Exit(1)
	}
}

// run makes the document, and complains about rows that nobody proved: the document then says so, too.
func run(args []string) error {
	if len(args) != 1 {
		return errors.New("name the file that tests wrote: makedoc PROOFS")
	}
	proofs, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer proofs.Close() //nolint:errcheck // only read
	missing, err := coverdoc.Make(".", proofs)
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		return fmt.Errorf("%d rows are proved by no test that asked a page or the API: %s", len(missing), strings.Join(missing, " "))
	}
	return nil
}
