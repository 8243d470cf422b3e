package door

import (
	"crypto/rand"
	"encoding/base32"
)

// crockford has no letters that are mistaken for digits when read over the telephone.
var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// newIncident returns a random id of 50 bits that people can read aloud: "7K2M9-QX4TB".
func newIncident() string {
	var b [7]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the process instead
	text := crockford.EncodeToString(b[:])
	return text[:5] + "-" + text[5:10]
}
