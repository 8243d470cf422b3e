package wrap

import (
	"archive/zip"
	"compress/gzip"
	"errors"
	"io"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
)

// Sealing says how a file is wrapped: compressed first, then signed and encrypted.
type Sealing struct {
	Name       string // of the file inside
	ModTime    time.Time
	Zip        bool
	Gzip       bool
	Recipients string // armored public keys that can open it; "": it is not encrypted
	SignKey    string // armored private key that signs it; "": it is not signed
	Passphrase string // of SignKey
	Armor      bool   // OpenPGP as text
}

// Wraps tells whether anything is to be done.
func (s Sealing) Wraps() bool { return s.Zip || s.Gzip || s.messages() }

func (s Sealing) messages() bool { return s.Recipients != "" || s.SignKey != "" }

// SealedName is what the wrapped file is usually called.
func (s Sealing) SealedName() string {
	name := s.Name
	switch {
	case s.Zip:
		name += ".zip"
	case s.Gzip:
		name += ".gz"
	}
	switch {
	case !s.messages():
	case s.Armor:
		name += ".asc"
	default:
		name += ".pgp"
	}
	return name
}

// Check returns ErrKey if the keys can't be used.
func (s Sealing) Check(now time.Time) error {
	w, err := Seal(io.Discard, s, now)
	if err != nil {
		return err
	}
	return w.Close()
}

// Seal returns a writer that wraps what is written into it and writes that to dst. Only Close
// completes it; dst stays open.
func Seal(dst io.Writer, s Sealing, now time.Time) (io.WriteCloser, error) {
	if s.Zip && s.Gzip {
		return nil, fail(ErrUnsupported, errors.New("zip and gzip together"))
	}
	out := &sealer{to: dst}
	if s.messages() {
		if err := out.message(s, now); err != nil {
			return nil, err
		}
	}
	switch {
	case s.Gzip:
		z := gzip.NewWriter(out.to)
		z.Name, z.ModTime = latin1(s.Name), s.ModTime
		out.push(z, z)
	case s.Zip:
		z := zip.NewWriter(out.to)
		entry, err := z.CreateHeader(&zip.FileHeader{Name: s.Name, Method: zip.Deflate, Modified: s.ModTime})
		if err != nil {
			return nil, fail(ErrUnsupported, err)
		}
		out.push(entry, z)
	}
	return out, nil
}

// A sealer is a pile of writers; the last one is written to and closed first.
type sealer struct {
	to    io.Writer
	close []io.Closer
}

func (s *sealer) push(w io.Writer, c io.Closer) { s.to, s.close = w, append(s.close, c) }

// Write wraps p.
func (s *sealer) Write(p []byte) (int, error) { return s.to.Write(p) }

// Close completes the wrapped file.
func (s *sealer) Close() error {
	var failures []error
	for i := len(s.close) - 1; i >= 0; i-- {
		failures = append(failures, s.close[i].Close())
	}
	return errors.Join(failures...)
}

// message puts an OpenPGP message around everything else.
func (s *sealer) message(o Sealing, now time.Time) error {
	var to openpgp.EntityList
	var signer *openpgp.Entity
	var err error
	if o.Recipients != "" {
		if to, err = readRing(o.Recipients, openpgp.PublicKeyType); err != nil {
			return err
		}
		for _, e := range to {
			if _, ok := e.EncryptionKey(now); !ok {
				return fail(ErrKey, errors.New("a recipient's key has expired, was revoked, or can't encrypt"))
			}
		}
	}
	if o.SignKey != "" {
		if signer, err = readPrivate(o.SignKey, o.Passphrase); err != nil {
			return err
		}
		if _, ok := signer.SigningKey(now); !ok {
			return fail(ErrKey, errors.New("the signing key has expired, was revoked, or can't sign"))
		}
	}
	if o.Armor {
		text, err := armor.Encode(s.to, openpgp.MessageType, nil)
		if err != nil {
			return fail(ErrKey, err)
		}
		s.push(text, text)
	}
	hints := &openpgp.FileHints{IsBinary: true, FileName: cut(label(o.Name), 200), ModTime: o.ModTime}
	var w io.WriteCloser
	if len(to) > 0 {
		w, err = openpgp.Encrypt(s.to, to, signer, hints, configAt(now))
	} else {
		w, err = openpgp.Sign(s.to, signer, hints, configAt(now))
	}
	if err != nil {
		return fail(ErrKey, err)
	}
	s.push(w, w)
	return nil
}

// latin1 is all that a gzip header takes.
func latin1(name string) string {
	for _, r := range name {
		if r == 0 || r > 0xff {
			return ""
		}
	}
	return name
}
