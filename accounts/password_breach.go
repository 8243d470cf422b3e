package accounts

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // the form in which breached passwords are published; nothing is protected by it
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// A BreachFile is a file of the SHA-1 of passwords known from breaches: one to a line, 40 hexadecimal digits, sorted,
// whatever stands behind them on the line. That is how Have I Been Pwned publishes its list, which has tens of gigabytes: it
// stays on disk and is searched there, without asking anybody. Safe for several goroutines.
type BreachFile struct {
	file *os.File
	size int64
}

const sha1Digits = 40

// OpenBreachFile opens the file and checks that its first and last lines are hashes in order.
func OpenBreachFile(path string) (*BreachFile, error) {
	file, err := os.Open(path) //nolint:gosec // the administrator names it
	if err != nil {
		return nil, fmt.Errorf("accounts: breached passwords: %w", err)
	}
	b := &BreachFile{file: file}
	info, err := file.Stat()
	if err == nil {
		b.size = info.Size()
		err = b.check()
	}
	if err != nil {
		_ = file.Close() // the error that led here says more
		return nil, fmt.Errorf("accounts: breached passwords: %w", err)
	}
	return b, nil
}

// Close closes the file.
func (b *BreachFile) Close() error { return b.file.Close() }

func (b *BreachFile) check() error {
	first, _, err := b.lineFrom(0)
	if err != nil {
		return err
	}
	last, _, err := b.lineFrom(max(0, b.size-2*sha1Digits))
	if err != nil {
		return err
	}
	if !isHash(first) || !isHash(last) || first > last {
		return errors.New("the file is not sorted lines of SHA-1 hashes in hexadecimal")
	}
	return nil
}

func isHash(text string) bool {
	_, err := hex.DecodeString(text)
	return err == nil && len(text) == sha1Digits
}

// Contains says whether the password is in the file: about 40 reads of a few bytes.
func (b *BreachFile) Contains(password string) (bool, error) {
	sum := sha1.Sum([]byte(password)) //nolint:gosec // see above
	want := strings.ToUpper(hex.EncodeToString(sum[:]))
	low, high := int64(0), b.size // the line is one that begins in [low, high)
	for low < high {
		middle := low + (high-low)/2
		hash, next, err := b.lineFrom(middle)
		switch {
		case errors.Is(err, io.EOF): // no line begins behind the middle
			high = middle
		case err != nil:
			return false, fmt.Errorf("accounts: breached passwords: %w", err)
		case hash == want:
			return true, nil
		case hash < want:
			low = next
		default:
			high = middle
		}
	}
	return false, nil
}

// longestLine bounds a line: hash, colon, count.
const longestLine = 128

// lineFrom returns the hash of the first line that begins at the offset or behind it, and where the
// next line begins; io.EOF if no line does.
func (b *BreachFile) lineFrom(offset int64) (hash string, next int64, err error) {
	start := max(0, offset-1) // a line that begins at the offset has a line feed before it
	buffer := make([]byte, 2*longestLine)
	n, err := b.file.ReadAt(buffer, start)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", 0, err
	}
	buffer = buffer[:n]
	skipped := 0
	if offset > 0 {
		if skipped = bytes.IndexByte(buffer, '\n') + 1; skipped == 0 {
			if n == cap(buffer) {
				return "", 0, errors.New("a line is too long")
			}
			return "", 0, io.EOF
		}
	}
	line := buffer[skipped:]
	if len(bytes.TrimSpace(line)) == 0 {
		return "", 0, io.EOF
	}
	end := bytes.IndexByte(line, '\n') + 1
	if end == 0 {
		end = len(line)
	}
	if len(line) < sha1Digits {
		return "", 0, errors.New("a line is too short")
	}
	return strings.ToUpper(string(line[:sha1Digits])), start + int64(skipped+end), nil
}
