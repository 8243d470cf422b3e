package keys

import (
	"fmt"
	"io"
	"log/slog"
)

const (
	redactedRing   = "keys.Ring(redacted)"
	redactedSubkey = "keys.Subkey(redacted)"
)

// String returns a fixed text without the keys.
func (Ring) String() string { return redactedRing }

// GoString returns a fixed text without the keys.
func (Ring) GoString() string { return redactedRing }

// Format writes a fixed text without the keys, whatever the verb.
func (Ring) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, redactedRing) }

// LogValue returns a fixed text without the keys.
func (Ring) LogValue() slog.Value { return slog.StringValue(redactedRing) }

// MarshalText returns a fixed text without the keys; JSON and YAML use it too.
func (Ring) MarshalText() ([]byte, error) { return []byte(redactedRing), nil }

// String returns a fixed text without the key.
func (Subkey) String() string { return redactedSubkey }

// GoString returns a fixed text without the key.
func (Subkey) GoString() string { return redactedSubkey }

// Format writes a fixed text without the key, whatever the verb.
func (Subkey) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, redactedSubkey) }

// LogValue returns a fixed text without the key.
func (Subkey) LogValue() slog.Value { return slog.StringValue(redactedSubkey) }

// MarshalText returns a fixed text without the key; JSON and YAML use it too.
func (Subkey) MarshalText() ([]byte, error) { return []byte(redactedSubkey), nil }
