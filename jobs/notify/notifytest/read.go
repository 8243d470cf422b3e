package notifytest

import (
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
	"testing"
)

// A Read is a mail as its reader sees it.
type Read struct {
	Header  mail.Header
	Subject string
	Text    string
	HTML    string // "": none
}

// Read takes the mail apart.
func (m Taken) Read(t testing.TB) Read {
	t.Helper()
	message, err := mail.ReadMessage(strings.NewReader(m.Data))
	if err != nil {
		t.Fatalf("the mail can't be read: %v", err)
	}
	out := Read{Header: message.Header}
	if out.Subject, err = new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject")); err != nil {
		t.Fatal(err)
	}
	kind, parameters, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if kind == "text/plain" {
		out.Text = decoded(t, message.Header.Get("Content-Transfer-Encoding"), message.Body)
		return out
	}
	for parts := multipart.NewReader(message.Body, parameters["boundary"]); ; {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		text := decoded(t, part.Header.Get("Content-Transfer-Encoding"), part)
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			out.HTML = text
		} else {
			out.Text = text
		}
	}
}

func decoded(t testing.TB, encoding string, body io.Reader) string {
	t.Helper()
	if encoding == "quoted-printable" {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

// code is a line of its own, indented by four blanks.
var code = regexp.MustCompile(`(?m)^    (\S+)$`)

// Code returns the code or the user ID that the mail tells; a mail without one fails the test.
func (r Read) Code(t testing.TB) string {
	t.Helper()
	found := code.FindStringSubmatch(r.Text)
	if found == nil {
		t.Fatalf("the mail has no code:\n%s", r.Text)
	}
	return found[1]
}
