package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/storage"
)

func (p *program) connectionCredentialCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "credential", Short: "A new password or key, beside the present one until the partner has changed over", Args: cobra.NoArgs,
		Long: "While a new credential waits, a session signs in with the one that worked the last time, and tries the other, once, where the\n" +
			"server refuses that. `ediport connection test` says which of the two the server accepts.",
	}
	c.AddCommand(p.credentialAddCommand(),
		p.credentialActCommand("promote", "Sign in with the new credential from now on, and destroy the one before", "the new credential signs in, the one before is destroyed", (*jobs.Desk).PromoteNextCredential),
		p.credentialActCommand("remove", "Destroy the new credential; the present one goes on", "the new credential is destroyed", (*jobs.Desk).RemoveNextCredential))
	return c
}

func (p *program) credentialAddCommand() *cobra.Command {
	var next jobs.NextCredential
	var files secretFlags
	c := &cobra.Command{
		Use: "add NAME", Short: "Enter a new credential beside the present one", Args: cobra.ExactArgs(1),
		Long: "add keeps a new credential, in place of one that waits already. Secrets come from files, or from EDIPORT_SFTP_PASSWORD and\n" +
			"EDIPORT_SFTP_PASSPHRASE, never from a flag. Of a key with password, and of a certificate, what is not given is taken from the\n" +
			"present one. With --generate the public half of the new key is printed, which the partner installs.",
		Example: "  ediport connection credential add tamarind --generate --takes-over\n  ediport connection credential add tamarind --password-file new-password",
	}
	flags := c.Flags()
	flags.StringVar(&next.Auth, "auth", "", "password, key, key_password or certificate (default: by the secrets given)")
	flags.StringVar(&files.password, "password-file", "", "file with the password")
	flags.StringVar(&files.key, "private-key", "", "file with the private key")
	flags.StringVar(&files.certificate, "certificate", "", "file with the SSH certificate of the key")
	flags.BoolVar(&next.Generate, "generate", false, "make a new key pair here")
	flags.BoolVar(&next.TakesOver, "takes-over", false, "it takes the present one's place by itself, as soon as the partner's server accepts it")
	c.RunE = p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
		given, err := p.secrets(files)
		if err != nil {
			return err
		}
		next.Password, next.PrivateKey, next.Passphrase, next.Certificate = given.Password, given.PrivateKey, given.Passphrase, given.Certificate
		switch {
		case next.Auth != "":
		case next.Generate && files.password != "":
			next.Auth = jobs.AuthKeyPassword
		case next.Generate:
			next.Auth = jobs.AuthKey
		default:
			next.Auth = authOf(given)
		}
		c, err := e.connection(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		public, err := e.desk().SetNextCredential(cmd.Context(), e.scope(), c.ID, c.Version, next)
		if err != nil {
			return err
		}
		if next.Generate {
			fmt.Fprintln(p.stdout, public)
			return nil
		}
		fmt.Fprintf(p.stdout, "%s: a new credential waits\n", c.Name)
		return nil
	})
	return c
}

// credentialActCommand is an act on the credential that waits as it stands when the command begins.
func (p *program) credentialActCommand(name, short, done string, act func(*jobs.Desk, context.Context, storage.Scope, storage.ConnectionID, int) error) *cobra.Command {
	return &cobra.Command{
		Use: name + " NAME", Short: short, Args: cobra.ExactArgs(1),
		RunE: p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
			c, err := e.connection(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if err := act(e.desk(), cmd.Context(), e.scope(), c.ID, c.Version); err != nil {
				return err
			}
			fmt.Fprintf(p.stdout, "%s: %s\n", c.Name, done)
			return nil
		}),
	}
}

// nextOf says whether a new credential waits at a connection.
func nextOf(c *storage.Connection) string {
	switch {
	case c.NextAuth == "":
		return "none"
	case c.NextWorksSince != nil:
		return c.NextAuth + ", works since " + at(c.NextWorksSince)
	default:
		return c.NextAuth + ", waits since " + at(c.NextAddedAt)
	}
}
