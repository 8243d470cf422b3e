package transfer

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[secret]"

// A Secret is a password, passphrase or private key. It shows as "[secret]", or as nothing when
// empty, wherever it is printed, logged or encoded; only Reveal returns it.
type Secret string

// Reveal returns the secret itself.
func (s Secret) Reveal() string { return string(s) }

// String returns a placeholder.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// Format writes the placeholder whatever the verb, so that %#v, %x and %q don't tell either.
func (s Secret) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, s.String()) // fmt.State can't report an error
}

// LogValue returns the placeholder.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText returns the placeholder: JSON, YAML and XML don't tell either.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
