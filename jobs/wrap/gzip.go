package wrap

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"io"
)

// openGzip opens a gzip stream, which may be several one after the other, filled up with zeros.
func (o *opener) openGzip(l layer, stream *bufio.Reader) error {
	z, err := gzip.NewReader(stream)
	if err != nil {
		return o.damaged(err)
	}
	defer z.Close()
	z.Multistream(false)
	name := cmp.Or(z.Name, without(l.name, ".gz", ".gzip", ".z"))
	inner := l.inside(KindGzip, name, &metered{from: &members{z, stream}, budget: o.budget, damage: o.damaged})
	if !z.ModTime.IsZero() {
		inner.modTime = z.ModTime.UTC()
	}
	return o.open(inner)
}

// members reads the members of a gzip file as one.
type members struct {
	z      *gzip.Reader
	stream *bufio.Reader
}

func (m *members) Read(p []byte) (int, error) {
	n, err := m.z.Read(p)
	if err != io.EOF {
		return n, err
	}
	more, err := m.next()
	switch {
	case err != nil:
		return n, err
	case !more:
		return n, io.EOF
	default:
		return n, nil
	}
}

// next goes to the next member; zeros at the end, which tapes and mainframes leave, are none.
func (m *members) next() (bool, error) {
	for {
		b, err := m.stream.ReadByte()
		switch {
		case err == io.EOF:
			return false, nil
		case err != nil:
			return false, err
		case b == 0:
			continue
		}
		if err := m.stream.UnreadByte(); err != nil {
			return false, err
		}
		if err := m.z.Reset(m.stream); err != nil {
			return false, err
		}
		m.z.Multistream(false)
		return true, nil
	}
}
