package jobs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

// The ways to sign in, as Connection.Auth.
const (
	AuthPassword    = "password"
	AuthKey         = "key"
	AuthKeyPassword = "key_password" // the server asks for both
	AuthCertificate = "certificate"  // a key, and an SSH certificate for it
)

const day = 24 * 60 * 60 // in seconds

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// decodeSettings reads one of a connection's documents. A field that this release does not know is an
// error: it would be lost, and the setting not be obeyed.
func decodeSettings(what string, raw json.RawMessage, into any) error {
	if len(raw) == 0 {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fail(ErrConnection, fmt.Errorf("%s: %w", what, err))
	}
	return nil
}

// encodeSettings can't fail: the settings are plain fields.
func encodeSettings(settings any) json.RawMessage {
	raw, _ := json.Marshal(settings)
	return raw
}

// fillDefaults gives a connection the usual values where it has none. Those of its documents are
// filled in when they are read, so that a better default reaches the connections that didn't choose.
func fillDefaults(c *storage.Connection) {
	c.Name, c.Host, c.Username = strings.TrimSpace(c.Name), strings.TrimSpace(c.Host), strings.TrimSpace(c.Username)
	if c.Protocol == "" {
		c.Protocol = "sftp"
	}
	if c.Port == 0 {
		c.Port = 22
	}
	if c.HostKeys == nil {
		c.HostKeys = []string{}
	}
	if c.ExpectedBy == "" {
		c.ExpectedZone = ""
	} else if c.ExpectedZone == "" {
		c.ExpectedZone = "America/New_York"
	}
}

// A complaint collects what is wrong, by field.
type complaint struct {
	prefix string
	wrong  *[]error
}

func (c complaint) in(field string) complaint { return complaint{c.prefix + field + ".", c.wrong} }

func (c complaint) about(bad bool, field, format string, values ...any) {
	if bad {
		*c.wrong = append(*c.wrong, fmt.Errorf(c.prefix+field+": "+format, values...))
	}
}

func (c complaint) oneOf(field, value string, allowed ...string) {
	names := slices.DeleteFunc(slices.Clone(allowed), func(s string) bool { return s == "" })
	c.about(!slices.Contains(allowed, value), field, "choose %s", strings.Join(names, " or "))
}

func (c complaint) between(field string, value, low, high int) {
	c.about(value < low || value > high, field, "between %d and %d", low, high)
}

// suffix wants something plain that can stand at the begin or end of a file's name.
func (c complaint) suffix(field, text string) {
	c.about(len(text) > 32 || strings.ContainsAny(text, "/*?[]{}\\!\x00\r\n"), field, "a short plain text such as .done")
}

// check returns everything that is wrong with a connection, by field, in one ErrConnection.
func check(c *storage.Connection, s Secrets) error {
	var wrong []error
	complain := complaint{wrong: &wrong}
	complain.about(c.Name == "", "name", "give the connection a name")
	complain.about(c.Protocol != "sftp", "protocol", "only sftp is known")
	checkServer(complain, c)
	checkSignIn(complain, c.Auth, s)
	checkDocuments(complain, c, s)
	if c.ExpectedBy != "" {
		_, err := ParseSpec(c.ExpectedBy, c.ExpectedZone)
		complain.about(err != nil, "expected_by", "%v", err)
	}
	if len(wrong) == 0 { // whatever else transfer may dislike
		if target, err := endpointOf(c, s, nil); err != nil {
			wrong = append(wrong, err)
		} else if err := target.Validate(); err != nil {
			wrong = append(wrong, err)
		}
	}
	if len(wrong) > 0 {
		return fail(ErrConnection, errors.Join(wrong...))
	}
	return nil
}

func checkServer(complain complaint, c *storage.Connection) {
	complain.about(c.Host == "" || strings.ContainsFunc(c.Host, func(r rune) bool { return r <= ' ' || r == 0x7f }),
		"host", "it is missing or has characters that no host name has")
	complain.between("port", c.Port, 1, 65535)
	complain.about(c.Username == "", "username", "enter the user at the server")
	for i, key := range c.HostKeys {
		if err := transfer.CheckHostKey(key); err != nil {
			complain.about(true, "host_keys", "no. %d is %v", i+1, err)
		}
	}
}

func checkSignIn(complain complaint, auth string, s Secrets) {
	complain.oneOf("auth", auth, AuthPassword, AuthKey, AuthKeyPassword, AuthCertificate)
	complain.about((auth == AuthPassword || auth == AuthKeyPassword) && s.Password == "", "password", "it is missing")
	complain.about((auth == AuthKey || auth == AuthKeyPassword || auth == AuthCertificate) && s.PrivateKey == "", "private_key", "it is missing")
	complain.about(auth == AuthCertificate && s.Certificate == "", "certificate", "it is missing")
	if s.PrivateKey != "" {
		_, err := transfer.PublicKey(s.PrivateKey, s.Passphrase)
		complain.about(err != nil, "private_key", "%v", transfer.Detail(err))
	}
	if s.PrivateKey != "" && s.Certificate != "" {
		err := transfer.CheckCertificate(s.Certificate, s.PrivateKey, s.Passphrase)
		complain.about(err != nil, "certificate", "%v", transfer.Detail(err))
	}
}

func checkDocuments(complain complaint, c *storage.Connection, s Secrets) {
	folders, err := FoldersOf(c)
	complain.read(err)
	for i, f := range folders {
		f.check(complain.in(fmt.Sprintf("folders[%d]", i)))
	}
	push, err := PushOf(c)
	complain.read(err)
	push.check(complain.in("push"), s)
	network, err := NetworkOf(c)
	complain.read(err)
	network.check(complain.in("network"), s)
}

// read keeps the complaint about a document that can't be read.
func (c complaint) read(err error) {
	if detail, ok := errors.AsType[*Error](err); ok {
		*c.wrong = append(*c.wrong, detail.Err)
	}
}
