package wrap

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// A keyPair is a partner's.
type keyPair struct{ private, public, passphrase string }

func (k keyPair) open() Keys {
	return Keys{Private: k.private, Passphrase: k.passphrase, Signers: k.public}
}

// quickKeys are quick to make and to use: short, and without a passphrase.
func quickKeys(name, address string) (keyPair, error) {
	config := configAt(time.Now())
	config.Algorithm = packet.PubKeyAlgoEdDSA
	private, err := newKey(name, address, config)
	if err != nil {
		return keyPair{}, err
	}
	public, err := PublicKeyOf(private)
	return keyPair{private: private, public: public}, err
}

var openKeys = sync.OnceValues(func() (keyPair, error) { return quickKeys("Payer", "edi@payer.example") })

func testKeys(t testing.TB) keyPair {
	t.Helper()
	keys, err := openKeys()
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// lockedKeys have a passphrase, as people's have.
func lockedKeys(t testing.TB) keyPair {
	t.Helper()
	keys := testKeys(t)
	entity, err := readPrivate(keys.private, "")
	if err != nil {
		t.Fatal(err)
	}
	keys.passphrase = "a phrase for tests"
	if err := entity.EncryptPrivateKeys([]byte(keys.passphrase), nil); err != nil {
		t.Fatal(err)
	}
	keys.private, err = armoredText(openpgp.PrivateKeyType, func(w io.Writer) error { return entity.SerializePrivateWithoutSigning(w, nil) })
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// otherKeys are somebody else's.
func otherKeys(t testing.TB) keyPair {
	t.Helper()
	keys, err := quickKeys("Somebody else", "")
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func sealed(t testing.TB, text string, s Sealing) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := Seal(&b, s, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSealAndOpen(t *testing.T) {
	t.Parallel()
	keys, other := testKeys(t), otherKeys(t)
	text := strings.Repeat(isa, 5000)
	both := keys.public + "\n" + other.public
	for _, c := range []struct {
		name   string
		seal   Sealing
		layers []Kind
		signed bool
	}{
		{"a.835", Sealing{}, nil, false},
		{"a.835.gz", Sealing{Gzip: true}, []Kind{KindGzip}, false},
		{"a.835.zip", Sealing{Zip: true}, []Kind{KindZip}, false},
		{"a.835.pgp", Sealing{Recipients: both}, []Kind{KindPGP}, false},
		{"a.835.gz.pgp", Sealing{Recipients: both, Gzip: true}, []Kind{KindPGP, KindGzip}, false},
		{"a.835.zip.asc", Sealing{Recipients: both, Zip: true, Armor: true}, []Kind{KindArmoredPGP, KindZip}, false},
		{"a.835.pgp", Sealing{Recipients: both, SignKey: keys.private, Passphrase: keys.passphrase}, []Kind{KindPGP}, true},
		{"a.835.asc", Sealing{SignKey: keys.private, Passphrase: keys.passphrase, Armor: true}, []Kind{KindArmoredPGP}, true},
		{"a.835.gz.pgp", Sealing{SignKey: keys.private, Passphrase: keys.passphrase, Gzip: true}, []Kind{KindPGP, KindGzip}, true},
	} {
		c.seal.Name, c.seal.ModTime = "a.835", time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
		content := sealed(t, text, c.seal)
		if c.seal.SealedName() != c.name || c.seal.Wraps() != (len(c.layers) > 0) {
			t.Errorf("%s is called %s, wraps: %v", c.name, c.seal.SealedName(), c.seal.Wraps())
		}
		all, err := openAll(t.Context(), c.name, content, Limits{}, keys.open())
		if err != nil || len(all) != 1 {
			t.Errorf("%s: %d entries, %v", c.name, len(all), err)
			continue
		}
		e := all[0]
		if e.content != text || e.Name != "a.835" || !slices.Equal(e.Layers, c.layers) || (e.Signer != "") != c.signed {
			t.Errorf("%s: name %q, layers %v, signer %q, the same content: %v", c.name, e.Name, e.Layers, e.Signer, e.content == text)
		}
	}
}

func TestMessagesOfOthers(t *testing.T) {
	t.Parallel()
	keys, other, locked := testKeys(t), otherKeys(t), lockedKeys(t)
	strict := keys.open()
	strict.RequireSignature = true
	wrong := locked.open()
	wrong.Passphrase = "not this one"
	bySomebody := Sealing{Recipients: keys.public, SignKey: other.private}
	signed := sealed(t, isa, Sealing{Name: "a", SignKey: keys.private, Passphrase: keys.passphrase})
	forged := bytes.Replace(signed, []byte("SENDER"), []byte("RENDER"), 1)
	for _, c := range []struct {
		name    string
		content []byte
		keys    Keys
		want    error
	}{
		{"for another key", sealed(t, isa, Sealing{Recipients: other.public}), keys.open(), ErrNoKey},
		{"without any key", sealed(t, isa, Sealing{Recipients: keys.public}), Keys{}, ErrNoKey},
		{"a passphrase that does not fit", sealed(t, isa, Sealing{Recipients: keys.public}), wrong, ErrKey},
		{"a passphrase that fits", sealed(t, isa, Sealing{Recipients: keys.public}), locked.open(), nil},
		{"a key that is none", sealed(t, isa, Sealing{Recipients: keys.public}), Keys{Private: "hello"}, ErrKey},
		{"signed by somebody", sealed(t, isa, bySomebody), keys.open(), nil},
		{"signed by somebody, where a signature is needed", sealed(t, isa, bySomebody), strict, ErrSignatureMissing},
		{"not signed, where a signature is needed", sealed(t, isa, Sealing{Recipients: keys.public}), strict, ErrSignatureMissing},
		{"zipped, where a signature is needed", zipped("a", isa), strict, ErrSignatureMissing},
		{"signed and needed", signed, strict, nil},
		{"a signature over something else", forged, keys.open(), ErrSignature},
		{"two armored messages in one file", slices.Concat(sealed(t, isa, Sealing{Recipients: keys.public, Armor: true}), []byte("\n"), sealed(t, isa, Sealing{Recipients: keys.public, Armor: true})), keys.open(), ErrUnsupported},
		{"two messages in one file", slices.Concat(sealed(t, isa, Sealing{Recipients: keys.public}), sealed(t, isa, Sealing{Recipients: keys.public})), keys.open(), ErrUnsupported},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			all, err := openAll(t.Context(), "x.pgp", c.content, Limits{}, c.keys)
			if !errors.Is(err, c.want) || (c.want == nil && (len(all) != 1 || all[0].content != isa)) {
				t.Errorf("error = %v, want %v", err, c.want)
			}
		})
	}
	if bytes.Equal(signed, forged) {
		t.Error("nothing was forged")
	}
}

func TestSealRefuses(t *testing.T) {
	t.Parallel()
	keys := lockedKeys(t)
	for name, s := range map[string]Sealing{
		"recipients that are none": {Recipients: "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nnonsense\n"},
		"a private key to encrypt": {Recipients: keys.private},
		"no passphrase":            {SignKey: keys.private},
		"a public key to sign":     {SignKey: keys.public},
		"half a key":               {Recipients: keys.public[:len(keys.public)/2]},
	} {
		if err := s.Check(time.Now()); !errors.Is(err, ErrKey) {
			t.Errorf("%s: error = %v, want ErrKey", name, err)
		}
	}
	if err := (Sealing{Recipients: keys.public, SignKey: keys.private, Passphrase: keys.passphrase}).Check(time.Now()); err != nil {
		t.Error(err)
	}
}

func TestKeysAreShown(t *testing.T) {
	t.Parallel()
	keys := lockedKeys(t)
	public, err := PublicKeys("our new key:\n" + keys.public + "\n" + otherKeys(t).public)
	if err != nil || len(public) != 2 {
		t.Fatalf("%d keys, %v", len(public), err)
	}
	private, err := PrivateKey(keys.private, keys.passphrase)
	if err != nil {
		t.Fatal(err)
	}
	made, err := NewKey("Us", "edi@us.example", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := (Sealing{SignKey: made, Recipients: keys.public}).Check(time.Now()); err != nil {
		t.Errorf("a new key can't sign: %v", err)
	}
	k := public[0]
	if k.Fingerprint != private.Fingerprint || len(k.Fingerprint) != 40 || !k.CanEncrypt || !k.CanSign || k.Private || !private.Private ||
		!slices.Equal(k.Users, []string{"Payer <edi@payer.example>"}) || k.Expires != nil {
		t.Errorf("key = %+v, private = %+v", k, private)
	}
}

// TestGnuPG exchanges files with the program that most partners use, in both directions.
func TestGnuPG(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("gpg"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("gpg is missing: run .ci/deps.d/gnupg")
		}
		t.Skip("gpg is not installed")
	}
	home, err := os.MkdirTemp("/tmp", "ediport-gpg-") // its sockets need a short path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = exec.Command("gpgconf", "--homedir", home, "--kill", "all").Run() // it may not be running
		_ = os.RemoveAll(home)
	})
	gpg := func(input string, args ...string) []byte {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "gpg", append([]string{"--homedir", home, "--batch", "--yes", "--quiet", "--trust-model", "always"}, args...)...)
		cmd.Stdin = strings.NewReader(input)
		var complaints bytes.Buffer
		cmd.Stderr = &complaints
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("gpg %v: %v\n%s", args, err, complaints.String())
		}
		return out
	}
	ours := testKeys(t)
	gpg("", "--passphrase", "", "--quick-generate-key", "Partner <edi@partner.example>", "default", "default", "never")
	theirs := string(gpg("", "--armor", "--export", "edi@partner.example"))
	gpg(ours.public, "--import")

	text := strings.Repeat(isa, 3000)
	file := filepath.Join(home, "a.835")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	keys := Keys{Private: ours.private, Passphrase: ours.passphrase, Signers: theirs, RequireSignature: true}
	for _, args := range [][]string{
		{"--encrypt", "--sign"},
		{"--armor", "--encrypt", "--sign"},
		{"--sign"},
		{"--sign", "--compress-algo", "none"},
		{"--encrypt", "--sign", "--compress-algo", "bzip2"},
		{"--armor", "--sign"},
	} {
		message := gpg("", append(slices.Clone(args), "--recipient", "edi@payer.example", "--output", "-", file)...)
		all, err := openAll(t.Context(), "a.835.pgp", message, Limits{}, keys)
		if err != nil || len(all) != 1 || all[0].content != text || all[0].Name != "a.835" || all[0].Signer == "" {
			t.Errorf("gpg %v: %d entries, %v", args, len(all), err)
		}
	}
	for _, s := range []Sealing{
		{Recipients: theirs},
		{Recipients: theirs, Armor: true, SignKey: ours.private, Passphrase: ours.passphrase},
		{SignKey: ours.private, Passphrase: ours.passphrase},
	} {
		s.Name = "b.835"
		if got := gpg(string(sealed(t, text, s)), "--decrypt"); string(got) != text {
			t.Errorf("gpg decrypts %d bytes of ours, want %d", len(got), len(text))
		}
	}
}
