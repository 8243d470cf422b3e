// Edibench decodes the 835s on standard input, claim by claim, and tells how much memory the process needed at its peak. `make bench`
// runs it: the memory of ediport itself would hide that of the engine.
//
//	edibench < file
//
// It prints the number of claims and segments and the peak in bytes, and exits with 0, or with 2 if the file can't be decoded.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strconv"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/remittance"
)

// collectEarly is how much garbage is let pile up, in percent of what is in use. Decoding makes about 30 kB of it per MB, so that
// to collect it often costs nothing, while by default a process grows by 4 MB before the first time.
const collectEarly = 25

func main() {
	debug.SetGCPercent(collectEarly)
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "edibench:", err)
		os.Exit(2)
	}
}

func run(in io.Reader, out io.Writer) error {
	claims, segments := 0, 0
	for c, err := range remittance.Claims(edi.NewReader(in)) {
		if err != nil {
			return err
		}
		claims++
		segments += len(c.Segments)
	}
	peak, err := peakMemory()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, claims, segments, peak)
	return err
}

// peakMemory returns the largest resident set that the process had, in bytes.
func peakMemory() (int64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, errors.New("this system does not tell the peak memory of a process")
	}
	_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
	fields := bytes.Fields(rest)
	if len(fields) == 0 {
		return 0, errors.New("this system does not tell the peak memory of a process")
	}
	kilobytes, err := strconv.ParseInt(string(fields[0]), 10, 64)
	return kilobytes * 1024, err
}
