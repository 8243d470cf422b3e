package keys

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrFormat: the key file is not one, or a line of it was changed or mistyped. The message names
// the line and never shows what stands in it.
var ErrFormat = errors.New("malformed key file")

// The key file is text, UTF-8, at most maxFileBytes:
//
//	# comment, also empty lines
//	ediport-keys 1
//	key ID CREATED SECRET CHECK     newest first; one or more
//
// ID is eight hex digits, CREATED the UTC time of making, SECRET 32 bytes in base64, and CHECK
// eight hex digits computed from ID and SECRET: whoever types a key in again from paper learns of a
// slip here and not from data that doesn't open.
const (
	fileHeader   = "ediport-keys 1"
	fileCreated  = "2006-01-02T15:04:05Z"
	maxFileBytes = 64 << 10
)

const fileComment = `# The master key of an ediport installation.
#
# BACK THIS FILE UP, now, and not in the same place as the data: whoever has both can read
# everything, and without this file the archive and all stored passwords are lost for ever.
# A password safe or a printout in a locked drawer will do. ediport's own backups never contain it.
#
# Only the user ediport runs as may read it (mode 0600). Keys are listed newest first; the first
# one seals, all of them open. Remove an old key only when nothing is sealed with it any more.
`

// formatKeyFile returns the text of the key file. parseKeyFile reads it back.
func formatKeyFile(keys []masterKey) []byte {
	var out bytes.Buffer
	out.WriteString(fileComment)
	out.WriteString(fileHeader + "\n")
	for i := range keys {
		k := &keys[i]
		fmt.Fprintf(&out, "key %s %s %s %s\n", k.id, k.created.Format(fileCreated),
			base64.StdEncoding.EncodeToString(k.secret[:]), checkDigits(k))
	}
	return out.Bytes()
}

// parseKeyFile returns the keys in the order of the file, at least one. Errors are ErrFormat.
func parseKeyFile(text []byte) ([]masterKey, error) {
	if len(text) > maxFileBytes {
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrFormat, maxFileBytes)
	}
	var keys []masterKey
	header := false
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		line = strings.TrimSpace(strings.TrimPrefix(line, "\ufeff")) // editors leave byte order marks, CR and blanks
		switch {
		case line == "" || line[0] == '#':
		case !header:
			if line != fileHeader {
				return nil, lineError(number, "expected "+fileHeader)
			}
			header = true
		default:
			key, problem := parseKeyLine(line)
			if problem == "" && holds(keys, key.id) {
				problem = "this key id stands in the file already"
			}
			if problem != "" {
				return nil, lineError(number, problem)
			}
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%w: there is no key in it", ErrFormat)
	}
	return keys, nil
}

func lineError(number int, problem string) error {
	return fmt.Errorf("%w: line %d: %s", ErrFormat, number, problem)
}

// parseKeyLine returns the key of a line, or what is wrong with the line, "" if nothing is.
func parseKeyLine(line string) (key masterKey, problem string) {
	fields := strings.Fields(line)
	if len(fields) != 5 || fields[0] != "key" {
		return key, "expected: key ID CREATED SECRET CHECK"
	}
	if !isKeyID(fields[1]) {
		return key, "the key id is not eight lower-case hex digits"
	}
	key.id = KeyID(fields[1])
	created, err := time.Parse(fileCreated, fields[2])
	if err != nil {
		return key, "the time is not written like " + fileCreated
	}
	key.created = created
	secret, err := base64.StdEncoding.Strict().DecodeString(fields[3])
	if err != nil || len(secret) != len(key.secret) {
		return key, "the secret is not 32 bytes in base64"
	}
	copy(key.secret[:], secret)
	if fields[4] != checkDigits(&key) {
		return key, "the check digits don't fit id and secret: one of the three was changed or mistyped"
	}
	return key, ""
}

func isKeyID(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == keyIDBytes && s == strings.ToLower(s)
}

// checkDigits returns eight hex digits of a hash of id and secret. Being derived by HKDF, they
// say nothing about the secret that could be used.
func checkDigits(key *masterKey) string {
	sum, err := hkdf.Key(sha256.New, key.secret[:], nil, "ediport/1/check/"+string(key.id), 4)
	if err != nil {
		panic(err) // four bytes are never too many
	}
	return hex.EncodeToString(sum)
}
