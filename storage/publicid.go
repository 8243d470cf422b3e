package storage

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"strings"
)

// ErrPublicID says that a string is no id of the kind asked for. Treat it as not found.
var ErrPublicID = errors.New("not an id of this kind")

// The kinds of public ids: the letters before the underscore.
const (
	PublicAccount       = "acc"
	PublicOperator      = "opr"
	PublicPartner       = "prt"
	PublicPayer         = "pyr"
	PublicFile          = "fil"
	PublicInterchange   = "int"
	PublicGroup         = "grp"
	PublicSet           = "set"
	PublicUnit          = "unt"
	PublicPayment       = "pay"
	PublicClaim         = "clm"
	PublicEligibility   = "elg"
	PublicStatus        = "sts"
	PublicAuthorization = "aut"
	PublicInquiry       = "inq"
	PublicConnection    = "con"
	PublicSchedule      = "sch"
	PublicRun           = "run"
	PublicUser          = "usr"
	PublicMembership    = "mem"
	PublicSession       = "ses"
	PublicToken         = "tok"
	PublicFactor        = "fac"
	PublicDevice        = "dev"
	PublicKeptForm      = "kfm"
	PublicAudit         = "aud"
	PublicIncident      = "icd"
	PublicNotice        = "ntc"
	PublicJob           = "job"
	PublicCalendar      = "cal"
	PublicIdentifier    = "idn"
	PublicPractice      = "prc"
	PublicDropBox       = "dbx"
)

var publicEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// PublicIDs turns row ids into opaque strings with a kind prefix ("clm_…") and back. A string says
// nothing about how many rows there are, none can be guessed, and the id of one kind is no id of
// another. It is safe for several goroutines.
type PublicIDs struct {
	blocks []cipher.Block
}

// NewPublicIDs returns a codec that writes with the first key and reads with all of them.
func NewPublicIDs(keys ...[32]byte) *PublicIDs {
	p := &PublicIDs{}
	for _, key := range keys {
		p.blocks = append(p.blocks, aesFor("public ids", key))
	}
	return p
}

// aesFor gives each purpose a key of its own, so that public ids and cursors may be given the same.
func aesFor(purpose string, key [32]byte) cipher.Block {
	own, err := hkdf.Key(sha256.New, key[:], nil, "ediport "+purpose, 32)
	if err != nil {
		panic(err) // can't be: 32 bytes are not too many
	}
	b, err := aes.NewCipher(own)
	if err != nil {
		panic(err) // can't be: the key has 32 bytes
	}
	return b
}

// Format returns the public form of an id, "" for 0. It panics without a key: a number must not leave.
func (p *PublicIDs) Format(kind string, id int64) string {
	if id == 0 {
		return ""
	}
	if len(p.blocks) == 0 {
		panic("storage: public ids need a key")
	}
	// One AES block: the id and the kind. Reading checks the kind's 64 bits, so guesses fail.
	var block [aes.BlockSize]byte
	binary.BigEndian.PutUint64(block[:8], uint64(id))
	copy(block[8:], kind)
	p.blocks[0].Encrypt(block[:], block[:])
	return kind + "_" + publicEncoding.EncodeToString(block[:])
}

// Parse returns the row id of a public id of the kind, or ErrPublicID.
func (p *PublicIDs) Parse(kind, s string) (int64, error) {
	text, ok := strings.CutPrefix(s, kind+"_")
	if !ok {
		return 0, ErrPublicID
	}
	sealed, err := publicEncoding.DecodeString(text)
	// The second comparison refuses the other spellings that stray bits of the last letter allow.
	if err != nil || len(sealed) != aes.BlockSize || publicEncoding.EncodeToString(sealed) != text {
		return 0, ErrPublicID
	}
	var want [8]byte
	copy(want[:], kind)
	for _, b := range p.blocks {
		var block [aes.BlockSize]byte
		b.Decrypt(block[:], sealed)
		id := int64(binary.BigEndian.Uint64(block[:8]))
		if [8]byte(block[8:]) == want && id > 0 {
			return id, nil
		}
	}
	return 0, ErrPublicID
}
