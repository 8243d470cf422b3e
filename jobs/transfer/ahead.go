package transfer

import "io"

const (
	aheadBuffers = 4
	aheadBytes   = 256 << 10
)

// An ahead reads from its source in a goroutine of its own while what came before is on its way: what
// is to be uploaded is decrypted and hashed at the same time as it is sent. It must be closed.
type ahead struct {
	full    chan aheadChunk
	free    chan []byte
	stopped chan struct{}
	rest    []byte // of the buffer that is being given away
	buffer  []byte // that one
	err     error
}

type aheadChunk struct {
	content []byte
	err     error
}

func readAhead(from io.Reader) *ahead {
	a := &ahead{full: make(chan aheadChunk, aheadBuffers), free: make(chan []byte, aheadBuffers), stopped: make(chan struct{})}
	for range aheadBuffers {
		a.free <- make([]byte, aheadBytes)
	}
	go a.run(from)
	return a
}

func (a *ahead) run(from io.Reader) {
	defer close(a.full)
	for {
		select {
		case <-a.stopped:
			return
		case buffer := <-a.free:
			n, err := io.ReadFull(from, buffer)
			if err == io.ErrUnexpectedEOF { //nolint:errorlint // it comes bare
				err = io.EOF
			}
			a.full <- aheadChunk{buffer[:n], err} // there is room for every buffer
			if err != nil {
				return
			}
		}
	}
}

// Read gives what came, and then the source's error.
func (a *ahead) Read(p []byte) (int, error) {
	for len(a.rest) == 0 {
		if a.err != nil {
			return 0, a.err
		}
		if a.buffer != nil {
			a.free <- a.buffer[:cap(a.buffer)]
			a.buffer = nil
		}
		chunk, open := <-a.full
		if !open {
			return 0, io.ErrClosedPipe
		}
		a.rest, a.buffer, a.err = chunk.content, chunk.content, chunk.err
	}
	n := copy(p, a.rest)
	a.rest = a.rest[n:]
	return n, nil
}

// Close ends the reading and returns when the source is not read any more.
func (a *ahead) Close() {
	close(a.stopped)
	for range a.full { //nolint:revive // until it has ended
	}
}
