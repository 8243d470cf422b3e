package wrap

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
)

// A Kind is a way of wrapping.
type Kind string

// The kinds of wrapping.
const (
	KindNone       Kind = ""
	KindZip        Kind = "zip"
	KindGzip       Kind = "gzip"
	KindPGP        Kind = "openpgp"
	KindArmoredPGP Kind = "openpgp_armored"
)

// headSize is how many bytes tell what a file is.
const headSize = 512

// Detect tells by a file's first 512 bytes how it is wrapped. Office documents, which are zips too, are
// files of their own and not wrapped.
func Detect(head []byte) Kind {
	switch {
	case isZip(head):
		return KindZip
	case len(head) >= 3 && head[0] == 0x1f && head[1] == 0x8b && head[2] == 8:
		return KindGzip
	case isArmored(head):
		return KindArmoredPGP
	case isMessage(head):
		return KindPGP
	default:
		return KindNone
	}
}

const (
	zipEntry = "PK\x03\x04"
	zipEmpty = "PK\x05\x06"
)

// documentEntries are the names with which documents begin that happen to be zips.
var documentEntries = []string{"[content_types].xml", "_rels/", "docprops/", "xl/", "word/", "ppt/", "mimetype", "meta-inf/"}

func isZip(head []byte) bool {
	if bytes.HasPrefix(head, []byte(zipEmpty)) {
		return true
	}
	if !bytes.HasPrefix(head, []byte(zipEntry)) || len(head) < 30 {
		return false
	}
	end := 30 + int(binary.LittleEndian.Uint16(head[26:]))
	name := strings.ToLower(string(head[30:min(end, len(head))]))
	return !slices.ContainsFunc(documentEntries, func(document string) bool { return strings.HasPrefix(name, document) })
}

const (
	armorBegin    = "-----BEGIN PGP MESSAGE"
	armorBeginOld = "-----BEGIN PGP SIGNED MESSAGE"
)

func isArmored(head []byte) bool {
	text := strings.TrimLeft(strings.TrimPrefix(string(head), "\ufeff"), " \t\r\n")
	return strings.HasPrefix(text, armorBegin) || strings.HasPrefix(text, armorBeginOld)
}

// The tags of packets with which a message may begin.
const (
	tagKey         = 1 // session key for a public key
	tagSignature   = 2
	tagPassphrase  = 3 // session key for a passphrase
	tagOnePass     = 4
	tagCompressed  = 8
	tagMarker      = 10
	tagEncrypted   = 18
	tagEncryptedV5 = 20
)

// isMessage looks at the first packet: its tag, and the begin of its body, which is narrow enough to
// take no text or document for one.
func isMessage(head []byte) bool {
	tag, body, ok := firstPacket(head)
	if !ok || len(body) < 3 {
		return false
	}
	version := body[0]
	switch tag {
	case tagKey:
		return version == 3 || version == 6
	case tagPassphrase:
		return version >= 4 && version <= 6
	case tagOnePass:
		return (version == 3 || version == 6) && body[1] <= 1
	case tagSignature:
		return version >= 3 && version <= 6 && body[1] <= 1
	case tagCompressed:
		return version >= 1 && version <= 3
	case tagMarker:
		return bytes.HasPrefix(body, []byte("PGP"))
	case tagEncrypted:
		return version == 1 || version == 2
	case tagEncryptedV5:
		return version == 1
	default:
		return false
	}
}

// firstPacket reads the header of an OpenPGP packet.
func firstPacket(head []byte) (tag byte, body []byte, ok bool) {
	if len(head) < 2 || head[0]&0x80 == 0 {
		return 0, nil, false
	}
	if head[0]&0x40 == 0 { // the old form: the length's size is in the first byte
		size := []int{1, 2, 4, 0}[head[0]&3]
		return head[0] >> 2 & 15, head[min(1+size, len(head)):], true
	}
	size := 1 // partial lengths, and those below 192
	switch length := head[1]; {
	case length == 255:
		size = 5
	case length >= 192 && length < 224:
		size = 2
	}
	return head[0] & 63, head[min(1+size, len(head)):], true
}
