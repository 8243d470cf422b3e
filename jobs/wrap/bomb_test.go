package wrap

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
)

const (
	directorySignature = "PK\x01\x02"
	endSignature       = "PK\x05\x06"
)

// overlappingZip has a directory that names the same bytes twice.
func overlappingZip(t *testing.T) []byte {
	t.Helper()
	z := zipped("a", isa)
	end := bytes.LastIndex(z, []byte(endSignature))
	begin := bytes.Index(z, []byte(directorySignature))
	if begin < 0 || end < begin {
		t.Fatal("the zip has no directory")
	}
	directory := slices.Clone(z[begin:end])
	twice := slices.Concat(z[:end], directory, z[end:])
	tail := twice[len(twice)-22:]
	binary.LittleEndian.PutUint16(tail[8:], 2)
	binary.LittleEndian.PutUint16(tail[10:], 2)
	binary.LittleEndian.PutUint32(tail[12:], uint32(2*len(directory)))
	return twice
}

// flaggedZip changes a field of two bytes in all headers; offset is that in the local one.
func flaggedZip(z []byte, offset int, value uint16) []byte {
	z = slices.Clone(z)
	for signature, at := range map[string]int{zipEntry: offset, directorySignature: offset + 2} {
		for i := 0; i+4 <= len(z); i++ {
			if string(z[i:i+4]) == signature {
				binary.LittleEndian.PutUint16(z[i+at:], value)
			}
		}
	}
	return z
}

// lyingZip says in its directory that its entries open to few bytes.
func lyingZip(z []byte, size uint32) []byte {
	z = slices.Clone(z)
	for i := 0; i+4 <= len(z); i++ {
		if string(z[i:i+4]) == directorySignature {
			binary.LittleEndian.PutUint32(z[i+24:], size)
		}
	}
	return z
}
