package transfer

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
)

// usualPacket is what every SFTP server takes and gives in one request, in bytes.
const usualPacket = 32 << 10

// maxPacket is the most we ask of those that can do more.
const maxPacket = 255 << 10

// The packets of SFTP (version 3, draft-ietf-secsh-filexfer-02) that asking for limits needs.
const (
	packetInit          = 1
	packetVersion       = 2
	packetExtended      = 200
	packetExtendedReply = 201

	limitsExtension = "limits@openssh.com" // OpenSSH's PROTOCOL file, section 4.8
	maxAnswer       = 256 << 10
)

// A session is the pipes of an SFTP session whose greetings are over: what sends its own to the server
// is given the answer that the server gave before.
type session struct {
	out    io.Reader
	in     io.WriteCloser
	packet int // how much one request may carry, in bytes
}

// initPacket asks for version 3, which is what servers speak.
var initPacket = []byte{0, 0, 0, 5, packetInit, 0, 0, 0, 3}

// greet begins an SFTP session and asks the server, if it can be asked, how much one request may carry:
// fewer and larger ones cost both sides less.
func greet(out io.Reader, in io.WriteCloser) (*session, error) {
	if _, err := in.Write(initPacket); err != nil {
		return nil, err
	}
	kind, hello, err := readPacket(out)
	if err != nil {
		return nil, err
	}
	packet := usualPacket
	if kind == packetVersion && strings.Contains(string(hello), limitsExtension) {
		if packet, err = askLimits(out, in); err != nil {
			return nil, err
		}
	}
	again := binary.BigEndian.AppendUint32(nil, uint32(1+len(hello))) //nolint:gosec // a packet's length
	again = append(append(again, kind), hello...)
	return &session{io.MultiReader(bytes.NewReader(again), out), &skipping{in, len(initPacket)}, packet}, nil
}

// A skipping writer drops what is written first.
type skipping struct {
	io.WriteCloser
	left int
}

func (s *skipping) Write(p []byte) (int, error) {
	dropped := min(s.left, len(p))
	s.left -= dropped
	if dropped == len(p) {
		return dropped, nil
	}
	n, err := s.WriteCloser.Write(p[dropped:])
	return dropped + n, err
}

// askLimits returns the smaller of what one read and one write may carry; the usual size if the server
// does not say.
func askLimits(out io.Reader, in io.Writer) (int, error) {
	request := binary.BigEndian.AppendUint32(nil, uint32(1+4+4+len(limitsExtension)))
	request = append(request, packetExtended, 0, 0, 0, 0)
	request = binary.BigEndian.AppendUint32(request, uint32(len(limitsExtension)))
	if _, err := in.Write(append(request, limitsExtension...)); err != nil {
		return 0, err
	}
	kind, answer, err := readPacket(out)
	if err != nil {
		return 0, err
	}
	if kind != packetExtendedReply || len(answer) < 4+4*8 {
		return usualPacket, nil
	}
	// The id, then the limits of a packet, a read, a write, and open files; 0 is none.
	read, write := binary.BigEndian.Uint64(answer[12:]), binary.BigEndian.Uint64(answer[20:])
	return max(int(min(atMost(read), atMost(write))), usualPacket), nil //nolint:gosec // bounded by maxPacket
}

func atMost(limit uint64) uint64 {
	if limit == 0 {
		return maxPacket
	}
	return min(limit, maxPacket)
}

// readPacket reads one packet: its kind and what follows.
func readPacket(out io.Reader) (byte, []byte, error) {
	head := make([]byte, 5)
	if _, err := io.ReadFull(out, head); err != nil {
		return 0, nil, err
	}
	length := binary.BigEndian.Uint32(head)
	if length < 1 || length > maxAnswer {
		return 0, nil, errors.New("a packet of impossible length")
	}
	body := make([]byte, length-1)
	_, err := io.ReadFull(out, body)
	return head[4], body, err
}
