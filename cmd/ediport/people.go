package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/storage"
)

func (e *environment) accounts() (*accounts.Service, error) {
	return accounts.New(accounts.Options{
		DB: e.db, Ring: e.ring, Log: e.log, FactorsOptional: e.demo, ChallengeNewPlaces: !e.demo, Breached: e.breached,
	})
}

func cli() storage.Actor { return storage.Actor{Kind: storage.ActorCLI} }

func (p *program) accountCommand() *cobra.Command {
	c := &cobra.Command{Use: "account", Short: "Add and list the organizations that own results", Args: cobra.NoArgs}
	c.AddCommand(p.accountAddCommand(), p.accountListCommand())
	return c
}

func (p *program) accountAddCommand() *cobra.Command {
	var a accounts.NewAccount
	c := &cobra.Command{
		Use:     "add NAME",
		Short:   "Add an organization with the identifiers that route answers to it",
		Example: "  ediport account add 'Cedar Hollow Family Practice' --npi 2990000012 --tax-id 00-1110001",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withEnvironment(cmd.Context(), func(e *environment) error {
				service, err := e.accounts()
				if err != nil {
					return err
				}
				a.Operator, a.Name = e.operator.ID, strings.TrimSpace(args[0])
				if err := e.freeName(cmd.Context(), a.Name); err != nil {
					return err
				}
				id, err := service.CreateAccount(cmd.Context(), cli(), a)
				if err != nil {
					return sentence(err)
				}
				fmt.Fprintf(p.stdout, "added account %s (%s)\n", a.Name, e.db.PublicIDs().Format(storage.PublicAccount, int64(id)))
				return nil
			})
		},
	}
	c.Flags().StringVar(&a.Kind, "kind", "practice", "practice, billing_service or clearinghouse")
	c.Flags().StringSliceVar(&a.NPI, "npi", nil, "national provider identifier; may be given several times")
	c.Flags().StringSliceVar(&a.TaxID, "tax-id", nil, "federal tax id; may be given several times")
	return c
}

// freeName refuses the name of an account that there is: commands name accounts, so it has to be one only.
func (e *environment) freeName(ctx context.Context, name string) error {
	var all []storage.Account
	err := e.db.InSystem(ctx, cli(), func(tx *storage.Tx) (err error) {
		all, err = tx.AccountsOf(ctx, e.operator.ID)
		return err
	})
	for _, a := range all {
		if strings.EqualFold(a.Name, name) {
			return fmt.Errorf("there is an account %q already: %s", a.Name, e.public(storage.PublicAccount, int64(a.ID)))
		}
	}
	return err
}

func (p *program) accountListCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "list", Short: "List the accounts", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withEnvironment(cmd.Context(), func(e *environment) error { return p.listAccounts(cmd.Context(), e, asJSON) })
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	return c
}

func (p *program) listAccounts(ctx context.Context, e *environment, asJSON bool) error {
	type shown struct {
		ID   string `json:"id"`
		Kind string `json:"kind"`
		Name string `json:"name"`
	}
	list := []shown{}
	err := e.db.InSystem(ctx, cli(), func(tx *storage.Tx) error {
		all, err := tx.AccountsOf(ctx, e.operator.ID)
		for _, a := range all {
			list = append(list, shown{e.db.PublicIDs().Format(storage.PublicAccount, int64(a.ID)), a.Kind, a.Name})
		}
		return err
	})
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(p.stdout, map[string]any{"accounts": list})
	}
	for _, a := range list {
		fmt.Fprintf(p.stdout, "%s  %-16s %s\n", a.ID, a.Kind, a.Name)
	}
	return nil
}

func (p *program) userCommand() *cobra.Command {
	c := &cobra.Command{Use: "user", Short: "Add people, unlock them, set passwords and roles", Args: cobra.NoArgs}
	c.AddCommand(p.userAddCommand(), p.userChangeCommand("unlock", "Let a locked-out person try again", unlockUser), p.userResetCommand(), p.userResetFactorsCommand(), p.userRoleCommand(), p.userListCommand())
	return c
}

func (p *program) userAddCommand() *cobra.Command {
	var u accounts.NewUser
	var role, account string
	c := &cobra.Command{
		Use:   "add USER-ID",
		Short: "Add a person with a role",
		Long: "add asks for a password, or reads it from standard input; with --generate it makes one and prints it. The role administrator is for\n" +
			"the whole exchange; biller and viewer are roles in an account.",
		Example: "  ediport user add maria --name 'Maria Quill' --role administrator\n  ediport user add tom --name 'Tom Reed' --role biller --account 'Cedar Hollow Family Practice'",
		Args:    cobra.ExactArgs(1),
	}
	var generate bool
	c.Flags().StringVar(&u.Name, "name", "", "full name")
	c.Flags().StringVar(&u.Email, "email", "", "e-mail address")
	c.Flags().StringVar(&role, "role", "viewer", "owner, administrator, biller, viewer …: see “ediport role list”")
	c.Flags().StringVar(&account, "account", "", "account of a role of accounts")
	c.Flags().BoolVar(&generate, "generate", false, "make a password, print it, and have it changed at the first sign-in")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		return p.withEnvironment(cmd.Context(), func(e *environment) error {
			u.Login = args[0]
			var err error
			if u.Password, err = p.newPassword(generate); err != nil {
				return err
			}
			u.MustChange = generate
			return p.addUser(cmd.Context(), e, u, role, account, generate)
		})
	}
	return c
}

func (p *program) addUser(ctx context.Context, e *environment, u accounts.NewUser, role, account string, show bool) error {
	service, err := e.accounts()
	if err != nil {
		return err
	}
	grant := accounts.Grant{Role: accounts.Role(role)}
	switch {
	case !grant.Role.Known():
		return fmt.Errorf("role %q is not known; “ediport role list” shows those there are", role)
	case grant.Role.Operator():
		grant.Operator = e.operator.ID
	case account == "":
		return fmt.Errorf("a %s belongs to an account: name it with --account", role)
	default:
		a, err := e.account(ctx, account)
		if err != nil {
			return err
		}
		grant.Account = a.ID
	}
	u.Grants = append(u.Grants, grant)
	if u.Name == "" {
		u.Name = u.Login
	}
	if _, err := service.AddUser(ctx, cli(), u); err != nil {
		return sentence(err)
	}
	fmt.Fprintf(p.stdout, "added %s as %s\n", u.Login, role)
	if show {
		fmt.Fprintf(p.stdout, "password: %s (to be changed at the first sign-in)\n", u.Password)
	}
	return nil
}

// newPassword makes a password, asks for one without showing it, or reads it from standard input.
func (p *program) newPassword(generate bool) (string, error) {
	if generate {
		return accounts.NewPassword(), nil
	}
	if f, ok := p.stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(p.stderr, "Password: ")
		b, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(p.stderr)
		return string(b), err
	}
	line, err := bufio.NewReader(p.stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}

func (p *program) userChangeCommand(name, short string, change func(context.Context, *accounts.Service, storage.UserID) (string, error)) *cobra.Command {
	return &cobra.Command{
		Use: name + " USER-ID", Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.changeUser(cmd.Context(), args[0], change)
		},
	}
}

func (p *program) changeUser(ctx context.Context, login string, change func(context.Context, *accounts.Service, storage.UserID) (string, error)) error {
	return p.withEnvironment(ctx, func(e *environment) error {
		service, err := e.accounts()
		if err != nil {
			return err
		}
		user, err := service.UserByLogin(ctx, login)
		if errors.Is(err, storage.ErrNotFound) {
			return fmt.Errorf("there is no user %q; user ids are case-sensitive", login)
		}
		if err != nil {
			return err
		}
		done, err := change(ctx, service, user)
		if err != nil {
			return sentence(err)
		}
		fmt.Fprintf(p.stdout, "%s: %s\n", login, done)
		return nil
	})
}

func unlockUser(ctx context.Context, s *accounts.Service, user storage.UserID) (string, error) {
	return "unlocked", s.Unlock(ctx, cli(), user)
}

func (p *program) userResetCommand() *cobra.Command {
	var generate bool
	c := &cobra.Command{
		Use: "reset USER-ID", Short: "Set a new password; all sessions of the person end", Args: cobra.ExactArgs(1),
	}
	c.Flags().BoolVar(&generate, "generate", false, "make a password and print it")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		password, err := p.newPassword(generate)
		if err != nil {
			return err
		}
		return p.changeUser(cmd.Context(), args[0], func(ctx context.Context, s *accounts.Service, user storage.UserID) (string, error) {
			done := "password set"
			if generate {
				done += ": " + password
			}
			return done, s.SetPassword(ctx, cli(), user, password)
		})
	}
	return c
}

// sentence shows what a person can mend as a sentence, without the package that found it.
func sentence(err error) error {
	var input *accounts.InputError
	var password *accounts.PasswordError
	switch {
	case errors.As(err, &input):
		return errors.New(input.Reason)
	case errors.As(err, &password):
		return fmt.Errorf("the password can't be used: %s", strings.ReplaceAll(strings.TrimPrefix(password.Code, "password."), "_", " "))
	case errors.Is(err, storage.ErrConflict):
		return errors.New("that name is taken, or somebody else changed it just now")
	}
	return jobSentence(err)
}
