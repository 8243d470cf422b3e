package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/deidentify"
)

// deidentifyOptions are the flags of `ediport deidentify`.
type deidentifyOptions struct {
	key         string
	out         string
	maskUnknown bool
}

func (p *program) deidentifyCommand() *cobra.Command {
	var o deidentifyOptions
	c := &cobra.Command{
		Use:   "deidentify FILE",
		Short: "Replace people in an X12 file by made-up ones",
		Long: "deidentify reads a file (- is standard input) and writes it with names, ids, addresses, contacts, dates and free text\n" +
			"replaced. Amounts, codes, counts and structure stay, so the result balances and validates as the original does. What a\n" +
			"guide does not know is taken for personal. All dates move back by the same number of weeks.\n\n" +
			"With --key the same value becomes the same made-up value in every file made with that key; without, the key is thrown\n" +
			"away. A key file that is not there is made. Keep it as secret as the data.\n\n" +
			"A person decides whether the result may be given away: rare diagnoses and amounts can still point at somebody.\n\n" +
			"Exit codes: 0 fine, 2 the file could not be read, or holds a transaction set whose guide is not known.",
		Example: "  ediport deidentify payment.835 -o sample.835\n  ediport deidentify --key ~/sample.key inquiry.270 > a.270\n  ediport deidentify --key ~/sample.key answer.271 > b.271",
		Args:    cobra.ExactArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return p.deidentify(args[0], o) },
	}
	f := c.Flags()
	f.StringVar(&o.key, "key", "", "secret key `file`, at least 16 bytes of anything; it is made if it is not there")
	f.StringVarP(&o.out, "out", "o", "", "write to this `file` instead of standard output")
	f.BoolVar(&o.maskUnknown, "mask-unknown", false, "mask every value of sets whose guide is not known, amounts too, instead of refusing them")
	return c
}

func (p *program) deidentify(name string, o deidentifyOptions) error {
	if sameFile(name, o.out) {
		return errors.New("--out is the file itself: what is not finished would be lost with it")
	}
	key, err := p.deidentifyKey(o.key)
	if err != nil {
		return err
	}
	in, closeInput, err := p.openFor(o.out, name)
	if err != nil {
		return err
	}
	defer closeInput()
	var result deidentify.Result
	err = p.writeOut(o.out, func(w io.Writer) (err error) {
		result, err = deidentify.Write(w, in, deidentify.Options{Key: key, MaskUnknown: o.maskUnknown})
		return err
	})
	if err != nil {
		return deidentifyError(err)
	}
	if result.Masked > 0 {
		fmt.Fprintf(p.stderr, "ediport: %s not known to a guide; all values in them were masked\n",
			plural(int(result.Masked), "segment")+map[bool]string{true: " is", false: " are"}[result.Masked == 1])
	}
	return nil
}

func deidentifyError(err error) error {
	if at, unknown := deidentify.IsUnknown(err); unknown {
		return fmt.Errorf("%s: the guide of this transaction set is not known, so nothing tells what is personal in it; --mask-unknown masks all of it", at)
	}
	var syntax *edi.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("%s: %w", syntax.Pos, syntax.Err)
	}
	return err
}

func sameFile(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

// deidentifyKey reads a key, or makes one.
func (p *program) deidentifyKey(name string) (deidentify.Key, error) {
	if name == "" {
		return deidentify.NewKey(), nil
	}
	b, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		b = deidentify.NewKey()
		if err := writeKey(name, b); err != nil {
			return nil, fmt.Errorf("making a key: %w", err)
		}
		fmt.Fprintf(p.stderr, "ediport: made the key %s; whoever has it can test guesses at what was replaced\n", name)
	} else if err != nil {
		return nil, err
	}
	if len(b) < deidentify.MinKey {
		return nil, fmt.Errorf("%s: %w", name, deidentify.ErrKey)
	}
	sum := sha256.Sum256(b) // of a file of any length
	return sum[:], nil
}

// writeKey writes a new file: a key that somebody else has just made is not to be lost.
func writeKey(name string, key []byte) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(key)
	return errors.Join(err, f.Close())
}
