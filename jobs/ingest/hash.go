package ingest

import (
	"crypto/sha256"
	"hash"

	"github.com/ediport/ediport/edi"
)

// A contentHash is the SHA-256 of an interchange from ISA to IEA, line breaks outside segments left out: the same
// interchange with other line ends is the same (EXCHANGE 4). It hashes in the background, while the next segments are read.
type contentHash struct {
	h     hash.Hash
	buf   []byte
	other []byte        // being hashed, or free
	busy  chan struct{} // closed when other is hashed; nil: it is
}

const hashBuffer = 64 << 10

func (c *contentHash) reset() {
	c.wait()
	if c.h == nil {
		c.h = sha256.New()
	}
	c.h.Reset()
	c.buf = c.buf[:0]
}

func (c *contentHash) segment(s edi.Segment) {
	c.buf = append(c.buf, s.Raw()...)
	c.buf = append(c.buf, s.Delimiters().Terminator...)
	if len(c.buf) > hashBuffer {
		c.wait()
		c.buf, c.other = c.other[:0], c.buf
		c.busy = make(chan struct{})
		go c.hash(c.other, c.busy)
	}
}

func (c *contentHash) hash(b []byte, done chan<- struct{}) {
	c.h.Write(b)
	close(done)
}

func (c *contentHash) wait() {
	if c.busy != nil {
		<-c.busy
		c.busy = nil
	}
}

func (c *contentHash) sum() []byte {
	c.wait()
	c.h.Write(c.buf)
	c.buf = c.buf[:0]
	return c.h.Sum(nil)
}

// keyHash hashes the parts of an identity, each ended by a zero byte so that they can't run together.
func keyHash(parts ...string) []byte {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return h.Sum(nil)
}

// interchangeKey is what names an interchange: ISA05–08, ISA15 and ISA13.
func interchangeKey(i edi.Interchange) []byte {
	return keyHash(i.SenderQualifier, i.SenderID, i.ReceiverQualifier, i.ReceiverID, i.Usage, i.ControlNumber)
}
