// Package encodetest helps the tests of the encoders: it makes documents of which every segment and element comes from the definition
// of a guide, and tells which of them an encoder writes.
package encodetest
