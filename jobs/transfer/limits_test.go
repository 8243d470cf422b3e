package transfer

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// packet is an SFTP packet of a kind.
func packet(kind byte, body string) string {
	n := len(body) + 1
	return string([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n), kind}) + body
}

func number(n uint64) string {
	var b strings.Builder
	for shift := 56; shift >= 0; shift -= 8 {
		b.WriteByte(byte(n >> shift))
	}
	return b.String()
}

// nobody takes what is written to the server.
type nobody struct{ io.Writer }

func (nobody) Close() error { return nil }

func TestGreetingTellsLimits(t *testing.T) {
	t.Parallel()
	hello := packet(packetVersion, "\x00\x00\x00\x03"+"\x00\x00\x00\x12limits@openssh.com\x00\x00\x00\x011")
	plain := packet(packetVersion, "\x00\x00\x00\x03")
	answer := func(read, write uint64) string {
		return packet(packetExtendedReply, "\x00\x00\x00\x00"+number(1<<18)+number(read)+number(write)+number(0))
	}
	for name, c := range map[string]struct {
		says  string
		want  int    // 0: an error
		again string // what the library reads
	}{
		"OpenSSH":              {hello + answer(261120, 261120), 261120, hello},
		"writes are smaller":   {hello + answer(261120, 65536), 65536, hello},
		"less than usual":      {hello + answer(1000, 1000), usualPacket, hello},
		"no limit":             {hello + answer(0, 0), maxPacket, hello},
		"more than we want":    {hello + answer(1<<40, 1<<40), maxPacket, hello},
		"no such extension":    {plain + "the rest", usualPacket, plain + "the rest"},
		"refused all the same": {hello + packet(101, "\x00\x00\x00\x00\x00\x00\x00\x08"), usualPacket, hello},
		"an answer too short":  {hello + packet(packetExtendedReply, "\x00\x00\x00\x00"), usualPacket, hello},
		"silence":              {"", 0, ""},
		"not SFTP":             {"220 FTP here, what do you want?", 0, ""},
		"half an answer":       {(hello + answer(1, 1))[:40], 0, ""},
		"an endless answer":    {hello + "\x7f\xff\xff\xff\xc9", 0, ""},
		"an impossible length": {hello + "\x00\x00\x00\x00\xc9", 0, ""},
	} {
		var sent bytes.Buffer
		begun, err := greet(bytes.NewBufferString(c.says), nobody{&sent})
		if (err != nil) != (c.want == 0) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err != nil {
			continue
		}
		again, err := io.ReadAll(begun.out)
		if begun.packet != c.want || err != nil || string(again) != c.again {
			t.Errorf("%s: %d bytes a packet and %q, want %d and %q", name, begun.packet, again, c.want, c.again)
		}
		// The library's own greeting, in pieces, stays here; what follows goes out.
		before := sent.Len()
		for _, piece := range []string{string(initPacket[:4]), string(initPacket[4:]) + "next", "after"} {
			if n, err := io.WriteString(begun.in, piece); n != len(piece) || err != nil {
				t.Errorf("%s: wrote %d of %d, %v", name, n, len(piece), err)
			}
		}
		if got := sent.String()[before:]; got != "nextafter" {
			t.Errorf("%s: the server gets %q", name, got)
		}
	}
}
