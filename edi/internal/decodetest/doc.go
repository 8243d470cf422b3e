// Package decodetest helps the tests of the decoders: golden files, dumps of decoded values, the facts of a corpus of files.
package decodetest
