package edi

// Text is the value of an element as bytes. In decoded documents it is lent: it lives as long as the
// document says; String makes a copy to keep.
type Text []byte

// String returns a copy of the text.
func (t Text) String() string { return string(t) }

// Is tells whether the text equals s, without allocating.
func (t Text) Is(s string) bool { return string(t) == s }

// MarshalText lets encoders show the text as a string.
func (t Text) MarshalText() ([]byte, error) { return t, nil }
