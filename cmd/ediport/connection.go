package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

func (p *program) connectionCommand() *cobra.Command {
	c := &cobra.Command{Use: "connection", Short: "Partners' SFTP servers: add, change, test, list", Args: cobra.NoArgs}
	c.AddCommand(p.connectionAddCommand(), p.connectionChangeCommand(), p.connectionTestCommand(), p.connectionListCommand(),
		p.connectionShowCommand(), p.connectionPauseCommand(), p.connectionApproveCommand(), p.connectionKeyCommand(), p.connectionCredentialCommand(),
		p.connectionActCommand("resume", "Let a paused connection go on", "resumed", func(ctx context.Context, e *environment, id storage.ConnectionID) error {
			return e.desk().ResumeConnection(ctx, e.scope(), id)
		}),
		p.connectionActCommand("delete", "Delete a connection that nothing uses; its files and runs stay", "deleted",
			func(ctx context.Context, e *environment, id storage.ConnectionID) error {
				return e.desk().DeleteConnection(ctx, e.scope(), id)
			}))
	return c
}

// connectionFlags are what can be said of a connection on the command line. The documents --folders,
// --push and --network hold everything; the other flags are for the usual case of one folder.
type connectionFlags struct {
	host, user, auth, partner, account string
	port                               int
	hostKeys                           []string
	folder                             jobs.PullFolder
	pushFolder, acknowledgmentFolder   string
	folders, push, network             string // files
	expectedBy, expectedZone           string
	secrets                            secretFlags
}

// secretFlags name the files in which secrets are; on the command line itself others would see them.
type secretFlags struct{ key, password, certificate, pgp string }

const connectionHelp = "The host key must be pinned: get its SHA-256 fingerprint from the partner, or see what the server offers with\n" +
	"`ediport connection test` and compare. Secrets come from files, or from EDIPORT_SFTP_PASSWORD, EDIPORT_SFTP_PASSPHRASE,\n" +
	"EDIPORT_PGP_PASSPHRASE, EDIPORT_JUMP_PASSWORD and EDIPORT_PROXY_PASSWORD, never from a flag. --folders, --push and --network\n" +
	"name files of JSON as `ediport connection show NAME --json` prints them (docs/operations.md)."

// alone is said where other host keys may have been pinned: in the portal and the API they wait for a second person.
const alone = "note: host keys changed here take effect without a second person, and the audit says so"

func (f *connectionFlags) add(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&f.host, "host", "", "name or address of the server")
	flags.IntVar(&f.port, "port", 22, "port")
	flags.StringVar(&f.user, "user", "", "user at the server")
	flags.StringVar(&f.auth, "auth", "", "password, key, key_password or certificate (default: by the secrets given)")
	flags.StringSliceVar(&f.hostKeys, "host-key", nil, "SHA-256 fingerprint of the host key, or 'cert-authority SHA256:…' of the authority that certifies it; may be given several times")
	flags.StringVar(&f.partner, "partner", "", "partner whose server it is (default: files tell)")
	flags.StringVar(&f.account, "account", "", "account that all files belong to (default: routed by content)")
	flags.StringVar(&f.folder.Path, "folder", ".", "remote folder to pull from; '' for none")
	flags.StringSliceVar(&f.folder.Globs, "glob", []string{"*"}, "files to take, in order; a leading ! leaves out")
	flags.StringVar(&f.folder.After, "after", "leave", "what becomes of a file at the server: leave, archive or delete")
	flags.IntVar(&f.folder.DeleteAfterDays, "delete-after-days", 0, "with --after delete: for how many days a file stays first")
	flags.StringSliceVar(&f.folder.Names, "file-name", nil, "names to look for without listing; may hold {yyyy}, {mm}, {dd}, {yyyymmdd}; may be given several times")
	flags.StringVar(&f.folder.ArchiveFolder, "archive-folder", "", "where archived files go at the server; may hold {yyyy}, {mm}, {dd}")
	flags.IntVar(&f.folder.StableSeconds, "stable-seconds", 30, "how long size and time must stand still before a file is taken")
	flags.StringVar(&f.pushFolder, "push-folder", "", "remote folder to deliver files to")
	flags.StringVar(&f.acknowledgmentFolder, "acknowledgment-folder", "", "remote folder to deliver acknowledgments to")
	flags.StringVar(&f.folders, "folders", "", "file of JSON with all folders to pull from")
	flags.StringVar(&f.push, "push", "", "file of JSON with how files are delivered")
	flags.StringVar(&f.network, "network", "", "file of JSON with limits and compatibility")
	flags.StringVar(&f.expectedBy, "expected-by", "", "times by which a file must have come, as a schedule's: '0 7 * * 1-5'")
	flags.StringVar(&f.expectedZone, "expected-zone", "", "time zone of --expected-by (default America/New_York)")
	flags.StringVar(&f.secrets.key, "private-key", "", "file with the private key to sign in with")
	flags.StringVar(&f.secrets.password, "password-file", "", "file with the password")
	flags.StringVar(&f.secrets.certificate, "certificate", "", "file with the SSH certificate of the key")
	flags.StringVar(&f.secrets.pgp, "pgp-private-key", "", "file with the armored OpenPGP key that opens and signs files")
}

// given tells whether a flag was used.
func given(c *cobra.Command, names ...string) bool {
	for _, name := range names {
		if c.Flags().Changed(name) {
			return true
		}
	}
	return false
}

// apply puts what the flags say over a connection; what they don't say stays. A new one has the
// defaults of the flags.
func (f *connectionFlags) apply(ctx context.Context, cmd *cobra.Command, e *environment, c *storage.Connection, fresh bool) error {
	for flag, value := range map[string]struct{ to, from *string }{
		"host": {&c.Host, &f.host}, "user": {&c.Username, &f.user}, "auth": {&c.Auth, &f.auth},
		"expected-by": {&c.ExpectedBy, &f.expectedBy}, "expected-zone": {&c.ExpectedZone, &f.expectedZone},
	} {
		if given(cmd, flag) {
			*value.to = *value.from
		}
	}
	if fresh || given(cmd, "port") {
		c.Port = f.port
	}
	if given(cmd, "host-key") {
		c.HostKeys = f.hostKeys
	}
	if given(cmd, "partner") {
		partner, err := e.partner(ctx, f.partner)
		if err != nil {
			return err
		}
		c.Partner = partner.ID
	}
	if given(cmd, "account") {
		account, err := e.account(ctx, f.account)
		if err != nil {
			return err
		}
		c.Account = account.ID
	}
	return f.applySettings(cmd, c, fresh)
}

func (f *connectionFlags) applySettings(cmd *cobra.Command, c *storage.Connection, fresh bool) error {
	for _, document := range []struct {
		file string
		into *json.RawMessage
	}{{f.folders, &c.Folders}, {f.push, &c.Push}, {f.network, &c.Network}} {
		if document.file == "" {
			continue
		}
		text, err := os.ReadFile(document.file)
		if err != nil {
			return err
		}
		*document.into = text
	}
	if f.folders == "" && (fresh || given(cmd, folderFlags...)) {
		if err := f.applyFolder(cmd, c, fresh); err != nil {
			return err
		}
	}
	if !given(cmd, "push-folder", "acknowledgment-folder") {
		return nil
	}
	push, err := jobs.PushOf(c)
	if err != nil {
		return err
	}
	if given(cmd, "push-folder") {
		push.Folder = f.pushFolder
	}
	if given(cmd, "acknowledgment-folder") {
		push.AcknowledgmentFolder = f.acknowledgmentFolder
	}
	jobs.SetPush(c, push)
	return nil
}

// folderFlags are those of a connection with one folder.
var folderFlags = []string{"folder", "glob", "file-name", "after", "delete-after-days", "archive-folder", "stable-seconds"}

// applyFolder is for connections with one folder.
func (f *connectionFlags) applyFolder(cmd *cobra.Command, c *storage.Connection, fresh bool) error {
	folder := f.folder
	if !fresh {
		old, err := jobs.FoldersOf(c)
		if err != nil {
			return err
		}
		if len(old) > 1 {
			return fmt.Errorf("connection %s pulls from several folders: change them with --folders", c.Name)
		}
		if len(old) == 1 {
			folder = f.overFolder(cmd, old[0])
		}
	}
	if folder.Path == "" {
		jobs.SetFolders(c)
		return nil
	}
	jobs.SetFolders(c, folder)
	return nil
}

func (f *connectionFlags) overFolder(cmd *cobra.Command, old jobs.PullFolder) jobs.PullFolder {
	if given(cmd, "folder") {
		old.Path = f.folder.Path
	}
	if given(cmd, "glob") {
		old.Globs = f.folder.Globs
	}
	if given(cmd, "file-name") {
		if old.Names = f.folder.Names; len(old.Names) == 0 {
			old.Days = 0
		}
	}
	if given(cmd, "after") {
		if old.After = f.folder.After; old.After != storage.AfterDelete {
			old.DeleteAfterDays = 0
		}
	}
	if given(cmd, "delete-after-days") {
		old.DeleteAfterDays = f.folder.DeleteAfterDays
	}
	if given(cmd, "archive-folder") {
		old.ArchiveFolder = f.folder.ArchiveFolder
	}
	if given(cmd, "stable-seconds") {
		old.StableSeconds = f.folder.StableSeconds
	}
	return old
}

// secrets reads what signs in, from files or the environment.
func (p *program) secrets(f secretFlags) (jobs.Secrets, error) {
	secret := func(name string) transfer.Secret { return transfer.Secret(p.getenv(name)) }
	s := jobs.Secrets{
		Password: secret("EDIPORT_SFTP_PASSWORD"), Passphrase: secret("EDIPORT_SFTP_PASSPHRASE"), PGPPassphrase: secret("EDIPORT_PGP_PASSPHRASE"),
		JumpPassword: secret("EDIPORT_JUMP_PASSWORD"), ProxyPassword: secret("EDIPORT_PROXY_PASSWORD"),
	}
	for _, from := range []struct {
		file string
		into *transfer.Secret
	}{{f.password, &s.Password}, {f.key, &s.PrivateKey}, {f.certificate, &s.Certificate}, {f.pgp, &s.PGPPrivateKey}} {
		if from.file == "" {
			continue
		}
		b, err := os.ReadFile(from.file)
		if err != nil {
			return s, err
		}
		*from.into = transfer.Secret(b)
	}
	if f.password != "" {
		s.Password = transfer.Secret(strings.TrimRight(s.Password.Reveal(), "\r\n"))
	}
	return s, nil
}

// authOf is how to sign in with what is there.
func authOf(s jobs.Secrets) string {
	switch {
	case s.Certificate != "":
		return jobs.AuthCertificate
	case s.PrivateKey != "":
		return jobs.AuthKey
	default:
		return jobs.AuthPassword
	}
}

func (p *program) connectionAddCommand() *cobra.Command {
	var f connectionFlags
	cmd := &cobra.Command{
		Use: "add NAME", Short: "Add a partner's server", Args: cobra.ExactArgs(1),
		Long:    "add stores how to reach a partner's SFTP server. " + connectionHelp,
		Example: "  EDIPORT_SFTP_PASSWORD=… ediport connection add tamarind --host sftp.tamarind.example --user cedar --host-key SHA256:… --folder /outbound --glob '*.x12' --after archive --archive-folder /archive",
	}
	f.add(cmd)
	cmd.RunE = p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
		secrets, err := p.secrets(f.secrets)
		if err != nil {
			return err
		}
		c := storage.Connection{Name: args[0], Auth: authOf(secrets)}
		if err := f.apply(cmd.Context(), cmd, e, &c, true); err != nil {
			return err
		}
		if err := e.desk().AddConnection(cmd.Context(), e.scope(), &c, secrets); err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "added connection %s; try it with `ediport connection test %s`\n", c.Name, c.Name)
		return nil
	})
	return cmd
}

func (p *program) connectionChangeCommand() *cobra.Command {
	var f connectionFlags
	var name string
	cmd := &cobra.Command{
		Use: "change NAME", Short: "Change a partner's server: what is not named stays", Args: cobra.ExactArgs(1),
		Long:    "change writes what its flags name over a connection. " + connectionHelp,
		Example: "  ediport connection change tamarind --user cedar2 --password-file new-password\n  ediport connection change tamarind --push-folder /inbound --acknowledgment-folder /inbound/ack",
	}
	f.add(cmd)
	cmd.Flags().StringVar(&name, "name", "", "a new name")
	cmd.RunE = p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
		secrets, err := p.secrets(f.secrets)
		if err != nil {
			return err
		}
		c, err := e.connection(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		if given(cmd, "name") {
			c.Name = name
		}
		if err := f.apply(cmd.Context(), cmd, e, c, false); err != nil {
			return err
		}
		if err := e.desk().ChangeConnection(cmd.Context(), e.scope(), c, secrets); err != nil {
			return err
		}
		if given(cmd, "host-key", "network") {
			fmt.Fprintln(p.stderr, alone)
		}
		fmt.Fprintf(p.stdout, "changed connection %s\n", c.Name)
		return nil
	})
	return cmd
}
