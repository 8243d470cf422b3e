package wrap

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// A Key is what people are shown of an OpenPGP key.
type Key struct {
	Fingerprint string // 40 or 64 hex digits in capitals
	Users       []string
	CanEncrypt  bool // others can encrypt for it now
	CanSign     bool // it can sign now
	Private     bool
	Expires     *time.Time // nil: never
}

// maxArmored is how long a text with keys may be.
const maxArmored = 1 << 20

// PublicKeys reads armored public keys, one or several blocks, with any text around them. ErrKey says
// what is wrong.
func PublicKeys(armored string) ([]Key, error) {
	ring, err := readRing(armored, openpgp.PublicKeyType)
	return describe(ring), err
}

// PrivateKey reads one armored private key with its passphrase. ErrKey says what is wrong.
func PrivateKey(armored, passphrase string) (Key, error) {
	entity, err := readPrivate(armored, passphrase)
	if err != nil {
		return Key{}, err
	}
	return describe(openpgp.EntityList{entity})[0], nil
}

// PublicKeyOf returns the public half of an armored private key, armored. No passphrase is needed.
func PublicKeyOf(armored string) (string, error) {
	ring, err := readRing(armored, openpgp.PrivateKeyType)
	if err != nil {
		return "", err
	}
	return armoredText(openpgp.PublicKeyType, ring[0].Serialize)
}

// NewKey makes a key pair for a name and an address, either of which may be "", and returns its
// private half, armored. It is RSA of 3,072 bits, which all partners' programs understand.
func NewKey(name, address string, now time.Time) (string, error) {
	config := configAt(now)
	config.RSABits = 3072
	return newKey(name, address, config)
}

func newKey(name, address string, config *packet.Config) (string, error) {
	entity, err := openpgp.NewEntity(name, "", address, config)
	if err != nil {
		return "", fail(ErrKey, err)
	}
	return armoredText(openpgp.PrivateKeyType, func(w io.Writer) error { return entity.SerializePrivate(w, config) })
}

func armoredText(kind string, write func(io.Writer) error) (string, error) {
	var text strings.Builder
	w, err := armor.Encode(&text, kind, nil)
	if err == nil {
		err = write(w)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return "", fail(ErrKey, err)
	}
	return text.String() + "\n", nil
}

// readRing reads all armored blocks of a kind.
func readRing(text, kind string) (openpgp.EntityList, error) {
	if len(text) > maxArmored {
		return nil, fail(ErrKey, errors.New("the text is too long"))
	}
	var ring openpgp.EntityList
	for rest := text; ; {
		begin := strings.Index(rest, "-----BEGIN PGP ")
		if begin < 0 {
			break
		}
		rest = rest[begin:]
		block, err := armor.Decode(strings.NewReader(rest))
		if err != nil {
			return nil, fail(ErrKey, fmt.Errorf("block %d is not complete", len(ring)+1))
		}
		if block.Type != kind {
			return nil, fail(ErrKey, fmt.Errorf("it holds a %q, want a %q", strings.ToLower(block.Type), strings.ToLower(kind)))
		}
		entities, err := openpgp.ReadKeyRing(block.Body)
		if err != nil {
			return nil, fail(ErrKey, err)
		}
		ring = append(ring, entities...)
		rest = rest[len("-----BEGIN PGP "):]
	}
	if len(ring) == 0 {
		return nil, fail(ErrKey, fmt.Errorf("there is no %s in it", strings.ToLower(kind)))
	}
	return ring, nil
}

// readPrivate reads a private key and takes its passphrase off, in memory.
func readPrivate(armored, passphrase string) (*openpgp.Entity, error) {
	ring, err := readRing(armored, openpgp.PrivateKeyType)
	if err != nil {
		return nil, err
	}
	if len(ring) != 1 {
		return nil, fail(ErrKey, errors.New("there is more than one private key in it"))
	}
	entity := ring[0]
	if entity.PrivateKey == nil {
		return nil, fail(ErrKey, errors.New("it has no private half"))
	}
	locked := entity.PrivateKey.Encrypted || slices.ContainsFunc(entity.Subkeys, func(s openpgp.Subkey) bool {
		return s.PrivateKey != nil && s.PrivateKey.Encrypted
	})
	if !locked {
		return entity, nil
	}
	if passphrase == "" {
		return nil, fail(ErrKey, errors.New("it needs its passphrase"))
	}
	if err := entity.DecryptPrivateKeys([]byte(passphrase)); err != nil {
		return nil, fail(ErrKey, errors.New("the passphrase does not fit"))
	}
	return entity, nil
}

func describe(ring openpgp.EntityList) []Key {
	keys := make([]Key, 0, len(ring))
	now := time.Now()
	for _, e := range ring {
		_, encrypts := e.EncryptionKey(now)
		_, signs := e.SigningKey(now)
		k := Key{Fingerprint: fingerprint(e), CanEncrypt: encrypts, CanSign: signs, Private: e.PrivateKey != nil}
		for name := range e.Identities {
			k.Users = append(k.Users, label(name))
		}
		slices.Sort(k.Users)
		if identity := e.PrimaryIdentity(); identity != nil && identity.SelfSignature != nil && identity.SelfSignature.KeyLifetimeSecs != nil {
			if seconds := *identity.SelfSignature.KeyLifetimeSecs; seconds > 0 {
				at := e.PrimaryKey.CreationTime.Add(time.Duration(seconds) * time.Second).UTC()
				k.Expires = &at
			}
		}
		keys = append(keys, k)
	}
	return keys
}

func fingerprint(e *openpgp.Entity) string {
	return strings.ToUpper(hex.EncodeToString(e.PrimaryKey.Fingerprint))
}
