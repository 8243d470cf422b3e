package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/crypto/ssh"

	"github.com/ediport/ediport/jobs/dropbox"
	"github.com/ediport/ediport/storage"
)

// dropBoxes is the server of drop boxes of a process that stays; nil: it has none.
type dropBoxes struct{ server *dropbox.Server }

// openDropBoxes starts the server if an address is configured.
func (p *program) openDropBoxes(ctx context.Context, o *observer) (*dropBoxes, error) {
	if p.config.DropBoxListen == "" {
		return nil, nil //nolint:nilnil // no server is the normal state
	}
	server, err := dropbox.Start(ctx, dropbox.Config{
		DB: o.db, Archive: o.archive, Keys: o.ring, Listen: p.config.DropBoxListen, Metrics: dropbox.NewMetrics(o.registry), Log: o.log,
	})
	if err != nil {
		return nil, fmt.Errorf("dropbox_listen %s: %w", p.config.DropBoxListen, err)
	}
	fmt.Fprintf(p.stdout, "drop boxes at %s, host key %s\n", server.Addr(), server.Fingerprint())
	return &dropBoxes{server}, nil
}

func (b *dropBoxes) close(ctx context.Context) error {
	if b == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, stopLimit)
	defer cancel()
	return b.server.Stop(ctx)
}

func (p *program) dropBoxCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "dropbox", Short: "Places at our own SFTP server for partners that can only send", Args: cobra.NoArgs,
		Long: "A drop box lets a partner put files into the folder /in of our own SFTP server, which `ediport serve` and `ediport work` run where\n" +
			"dropbox_listen is configured. Partners sign in by key only; docs/exchange.md says what they can do.",
	}
	c.AddCommand(p.dropBoxAddCommand(), p.dropBoxChangeCommand(), p.dropBoxListCommand(), p.dropBoxShowCommand(), p.dropBoxKeyCommand(),
		p.dropBoxHostKeyCommand(), p.dropBoxPauseCommand(),
		p.dropBoxActCommand("resume NAME", "Let a paused drop box go on", "goes on", 1, func(ctx context.Context, e *environment, id storage.DropBoxID, _ []string) error {
			return e.desk().ResumeDropBox(ctx, e.scope(), id)
		}),
		p.dropBoxActCommand("delete NAME", "Delete a drop box; its files stay", "deleted", 1, func(ctx context.Context, e *environment, id storage.DropBoxID, _ []string) error {
			return e.desk().DeleteDropBox(ctx, e.scope(), id)
		}))
	return c
}

// dropBoxFlags are what can be said of a drop box.
type dropBoxFlags struct {
	name, user, partner, account string
	keys, from, suffixes         []string
	repeat                       bool
	maxFile, maxWaitingBytes     int64
	maxWaiting                   int
}

func (f *dropBoxFlags) add(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&f.user, "user", "", "user name, unique in this installation (default: made from the name, not to be guessed)")
	flags.StringVar(&f.partner, "partner", "", "partner whose drop box it is (default: files tell)")
	flags.StringVar(&f.account, "account", "", "account that all files belong to (default: routed by content)")
	flags.StringSliceVar(&f.from, "from", nil, "addresses or networks that may sign in; may be given several times (default: any)")
	flags.StringSliceVar(&f.suffixes, "temporary-suffix", nil, "what names end in while they are written, beside .tmp, .part, .filepart and the like")
	flags.BoolVar(&f.repeat, "repeat-names", false, "take other content under a name that was accepted before as another file, instead of refusing it")
	flags.Int64Var(&f.maxFile, "max-file-bytes", 0, "largest file (default 2 GiB)")
	flags.Int64Var(&f.maxWaitingBytes, "max-waiting-bytes", 0, "most bytes that wait to be loaded (default 20 GiB)")
	flags.IntVar(&f.maxWaiting, "max-waiting-files", 0, "most files that wait to be loaded (default 1000)")
}

func (f *dropBoxFlags) apply(cmd *cobra.Command, e *environment, b *storage.DropBox) error {
	if given(cmd, "user") {
		b.Username = f.user
	}
	if given(cmd, "from") {
		b.Sources = f.from
	}
	if given(cmd, "temporary-suffix") {
		b.TemporarySuffixes = f.suffixes
	}
	if given(cmd, "repeat-names") {
		b.RepeatNames = f.repeat
	}
	if given(cmd, "max-file-bytes") {
		b.MaxFileBytes = f.maxFile
	}
	if given(cmd, "max-waiting-bytes") {
		b.MaxWaitingBytes = f.maxWaitingBytes
	}
	if given(cmd, "max-waiting-files") {
		b.MaxWaitingFiles = f.maxWaiting
	}
	if given(cmd, "partner") {
		partner, err := e.partner(cmd.Context(), f.partner)
		if err != nil {
			return err
		}
		b.Partner = partner.ID
	}
	if given(cmd, "account") {
		account, err := e.account(cmd.Context(), f.account)
		if err != nil {
			return err
		}
		b.Account = account.ID
	}
	return nil
}

func (p *program) dropBoxAddCommand() *cobra.Command {
	var f dropBoxFlags
	cmd := &cobra.Command{
		Use: "add NAME", Short: "Add a drop box", Args: cobra.ExactArgs(1),
		Example: "  ediport dropbox add tamarind --partner Tamarind --key tamarind.pub --from 192.0.2.0/24",
	}
	f.add(cmd)
	cmd.Flags().StringSliceVar(&f.keys, "key", nil, "file with a public key that may sign in, as the partner sent it (id_….pub); may be given several times")
	cmd.RunE = p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
		b := &storage.DropBox{Name: args[0]}
		if err := f.apply(cmd, e, b); err != nil {
			return err
		}
		lines, err := keyLines(f.keys)
		if err != nil {
			return err
		}
		if err := e.desk().AddDropBox(cmd.Context(), e.scope(), b, lines); err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "added drop box %s; its user is %s\n", b.Name, b.Username)
		return nil
	})
	return cmd
}

// keyLines reads the lines of files with public keys.
func keyLines(files []string) (lines []string, err error) {
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if strings.Contains(string(text), "PRIVATE KEY") {
			return nil, fmt.Errorf("%s is a private key, which stays with the partner: ask for the public one (.pub)", name)
		}
		for line := range strings.SplitSeq(string(text), "\n") {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
				lines = append(lines, line)
			}
		}
	}
	return lines, nil
}

func (p *program) dropBoxChangeCommand() *cobra.Command {
	var f dropBoxFlags
	cmd := &cobra.Command{Use: "change NAME", Short: "Change a drop box: what is not named stays", Args: cobra.ExactArgs(1)}
	f.add(cmd)
	cmd.Flags().StringVar(&f.name, "name", "", "a new name")
	cmd.RunE = p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
		b, err := e.dropBox(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		if given(cmd, "name") {
			b.Name = f.name
		}
		if err := f.apply(cmd, e, b); err != nil {
			return err
		}
		if err := e.desk().ChangeDropBox(cmd.Context(), e.scope(), b); err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "changed drop box %s\n", b.Name)
		return nil
	})
	return cmd
}

// dropBox finds a drop box by its name or public id.
func (e *environment) dropBox(ctx context.Context, name string) (*storage.DropBox, error) {
	var all []storage.DropBox
	err := e.db.InScope(ctx, e.scope(), func(tx *storage.Tx) (err error) {
		all, err = tx.DropBoxes(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	id, _ := e.db.PublicIDs().Parse(storage.PublicDropBox, name)
	for i := range all {
		if all[i].Name == name || int64(all[i].ID) == id {
			return &all[i], nil
		}
	}
	return nil, fmt.Errorf("there is no drop box %q; `ediport dropbox list` shows them", name)
}

func (p *program) dropBoxActCommand(use, short, done string, arguments int, act func(context.Context, *environment, storage.DropBoxID, []string) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(arguments),
		RunE: p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
			b, err := e.dropBox(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if err := act(cmd.Context(), e, b.ID, args[1:]); err != nil {
				return err
			}
			fmt.Fprintf(p.stdout, "%s: %s\n", b.Name, done)
			return nil
		}),
	}
}

func (p *program) dropBoxPauseCommand() *cobra.Command {
	var why string
	c := p.dropBoxActCommand("pause NAME", "Let nobody into a drop box; open sessions end", "paused", 1,
		func(ctx context.Context, e *environment, id storage.DropBoxID, _ []string) error {
			return e.desk().PauseDropBox(ctx, e.scope(), id, why)
		})
	c.Flags().StringVar(&why, "reason", "", "why, for those who see it")
	return c
}

func (p *program) dropBoxKeyCommand() *cobra.Command {
	c := &cobra.Command{Use: "key", Short: "The keys that may sign in: add a partner's next one, remove the one before", Args: cobra.NoArgs}
	c.AddCommand(
		p.dropBoxActCommand("add NAME FILE", "Let the public keys of a file sign in", "key added", 2, func(ctx context.Context, e *environment, id storage.DropBoxID, rest []string) error {
			lines, err := keyLines(rest)
			if err != nil {
				return err
			}
			if len(lines) == 0 {
				return errors.New("there is no key in the file")
			}
			for _, line := range lines {
				if err := e.desk().AddDropBoxKey(ctx, e.scope(), id, line); err != nil {
					return err
				}
			}
			return nil
		}),
		p.dropBoxActCommand("remove NAME FINGERPRINT", "Take a key away: SHA256:…, as `ediport dropbox show` prints it", "key removed", 2,
			func(ctx context.Context, e *environment, id storage.DropBoxID, rest []string) error {
				return e.desk().RemoveDropBoxKey(ctx, e.scope(), id, rest[0])
			}))
	return c
}

func (p *program) dropBoxHostKeyCommand() *cobra.Command {
	return &cobra.Command{
		Use: "host-key", Short: "Print our host key, for partners to pin", Args: cobra.NoArgs,
		RunE: p.attached(func(cmd *cobra.Command, e *environment, _ []string) error {
			key, err := dropbox.HostKey(cmd.Context(), e.db, e.ring)
			if err == nil {
				fmt.Fprintf(p.stdout, "%s\n%s", ssh.FingerprintSHA256(key), ssh.MarshalAuthorizedKey(key))
			}
			return err
		}),
	}
}

func dropBoxState(b *storage.DropBox) string {
	switch {
	case b.Paused && b.PausedReason != "":
		return "paused: " + b.PausedReason
	case b.Paused:
		return "paused"
	default:
		return "open"
	}
}

func (p *program) dropBoxListCommand() *cobra.Command {
	c := &cobra.Command{Use: "list", Short: "List the drop boxes", Args: cobra.NoArgs}
	asJSON := jsonFlag(c)
	c.RunE = p.attached(func(cmd *cobra.Command, e *environment, _ []string) error {
		var all []storage.DropBox
		err := e.read(cmd, func(tx *storage.Tx) (err error) {
			all, err = tx.DropBoxes(cmd.Context())
			return err
		})
		if err != nil {
			return err
		}
		return p.show(e, *asJSON, "drop_boxes", all, "", rowsOf(all, func(b storage.DropBox) []string {
			return []string{b.Name, b.Username, dropBoxState(&b), "last file " + at(b.LastFileAt)}
		}))
	})
	return c
}

func (p *program) dropBoxShowCommand() *cobra.Command {
	c := &cobra.Command{Use: "show NAME", Short: "Show a drop box and its keys", Args: cobra.ExactArgs(1)}
	asJSON := jsonFlag(c)
	c.RunE = p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
		b, err := e.dropBox(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		var keys []storage.DropBoxKey
		err = e.read(cmd, func(tx *storage.Tx) (err error) {
			keys, err = tx.DropBoxKeys(cmd.Context(), b.ID)
			return err
		})
		if err != nil {
			return err
		}
		return p.showOne(e, *asJSON, *b, func() [][]string {
			lines := [][]string{
				{"id", e.public(storage.PublicDropBox, int64(b.ID))},
				{"user", b.Username},
				{"state", dropBoxState(b)},
				{"allowed from", strings.Join(b.Sources, ", ")},
				{"largest file", fmt.Sprintf("%d bytes", b.MaxFileBytes)},
				{"may wait", fmt.Sprintf("%d files, %d bytes", b.MaxWaitingFiles, b.MaxWaitingBytes)},
				{"last sign-in", at(b.LastSignInAt)},
				{"last file", at(b.LastFileAt)},
			}
			for _, k := range keys {
				lines = append(lines, []string{"key", k.Fingerprint, k.Comment, "last used " + at(k.LastUsedAt)})
			}
			return lines
		})
	})
	return c
}
