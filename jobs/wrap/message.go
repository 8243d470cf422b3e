package wrap

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	pgperrors "github.com/ProtonMail/go-crypto/openpgp/errors"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// A ring holds the keys of one Open, read.
type ring struct {
	all     openpgp.EntityList
	private *openpgp.Entity // nil: none
	signers openpgp.EntityList
}

// configAt leaves everything to the library's choice but the time.
func configAt(now time.Time) *packet.Config {
	return &packet.Config{Time: func() time.Time { return now }}
}

func (o *opener) keyRing() (*ring, error) {
	if o.ring != nil {
		return o.ring, nil
	}
	r := &ring{}
	var err error
	if o.keys.Private != "" {
		if r.private, err = readPrivate(o.keys.Private, o.keys.Passphrase); err != nil {
			return nil, err
		}
		r.all = append(r.all, r.private)
	}
	if o.keys.Signers != "" {
		if r.signers, err = readRing(o.keys.Signers, openpgp.PublicKeyType); err != nil {
			return nil, err
		}
		r.all = append(r.all, r.signers...)
	}
	o.ring = r
	return r, nil
}

// openArmored opens a message that is text. Other text may stand around it, but no other message: it
// would be passed over.
func (o *opener) openArmored(l layer) error {
	begins := &beginCounter{from: l.stream}
	block, err := armor.Decode(begins)
	if err != nil {
		return o.damaged(err)
	}
	if block.Type != openpgp.MessageType {
		return fail(ErrUnsupported, errors.New("a signed text; send it as a signed message"))
	}
	l.stream = block.Body
	if err := o.openMessage(l, KindArmoredPGP); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, begins); err != nil {
		return err
	}
	if begins.n > 1 {
		return fail(ErrUnsupported, errFollows)
	}
	return nil
}

var errFollows = errors.New("something follows the message")

// nothingFollows reads to the end of what a message came in, and refuses what would be passed over.
func nothingFollows(rest io.Reader) error {
	page := make([]byte, 4096)
	for {
		n, err := rest.Read(page)
		if len(bytes.Trim(page[:n], " \t\r\n\x00\x1a")) > 0 {
			return fail(ErrUnsupported, errFollows)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// A beginCounter counts the begins of armored blocks that pass through.
type beginCounter struct {
	from io.Reader
	tail []byte // the last bytes, in which a begin may have begun
	n    int
}

func (b *beginCounter) Read(p []byte) (int, error) {
	const begin = "-----BEGIN PGP "
	n, err := b.from.Read(p)
	b.tail = append(b.tail, p[:n]...)
	b.n += bytes.Count(b.tail, []byte(begin))
	b.tail = append(b.tail[:0], b.tail[max(0, len(b.tail)-len(begin)+1):]...)
	return n, err
}

// openMessage opens an OpenPGP message: decrypts it, unpacks it, and checks its signature at its end.
func (o *opener) openMessage(l layer, kind Kind) error {
	ring, err := o.keyRing()
	if err != nil {
		return err
	}
	// What the message hides between its packets never comes out, so the library is to count it.
	most := o.budget.left()
	config := configAt(time.Now())
	config.MaxDecompressedMessageSize = &most
	message, err := openpgp.ReadMessage(l.stream, ring.all, nil, config)
	if err != nil {
		return o.messageError(err)
	}
	name := message.LiteralData.FileName
	if name == "" || name == "_CONSOLE" {
		name = without(l.name, ".pgp", ".gpg", ".asc")
	}
	body := &signedReader{from: message.UnverifiedBody, message: message}
	inner := l.inside(kind, name, &metered{from: body, budget: o.budget, damage: o.messageError})
	if message.IsSigned && message.SignedBy != nil && ring.signs(message.SignedBy) {
		inner.signer = fingerprint(message.SignedBy.Entity)
	}
	return o.open(inner)
}

// signs tells whether a key is one of those whose signatures count.
func (r *ring) signs(key *openpgp.Key) bool {
	return slices.ContainsFunc(r.signers, func(e *openpgp.Entity) bool { return fingerprint(e) == fingerprint(key.Entity) })
}

// A signedReader refuses a message at its end whose signature by a known key does not fit.
type signedReader struct {
	from    io.Reader
	message *openpgp.MessageDetails
}

func (s *signedReader) Read(p []byte) (int, error) {
	n, err := s.from.Read(p)
	if err != io.EOF || !s.message.IsSigned || s.message.SignedBy == nil {
		return n, err
	}
	if s.message.SignatureError != nil {
		return n, fail(ErrSignature, s.message.SignatureError)
	}
	if s.message.Signature == nil {
		return n, fail(ErrSignature, errors.New("it is missing at the end"))
	}
	return n, io.EOF
}

// messageError says in our words what the library found.
func (o *opener) messageError(err error) error {
	if o.budget.err != nil {
		return o.budget.err
	}
	if _, ok := errors.AsType[*Error](err); ok {
		return err
	}
	if _, ok := errors.AsType[pgperrors.UnsupportedError](err); ok {
		return fail(ErrUnsupported, err)
	}
	if _, ok := errors.AsType[pgperrors.SignatureError](err); ok {
		return fail(ErrDamaged, err) // of the ciphertext: an attempt to change it, or a broken transfer
	}
	if errors.Is(err, pgperrors.ErrKeyIncorrect) {
		return fail(ErrNoKey, nil)
	}
	return o.damaged(err)
}
