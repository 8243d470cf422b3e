package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/storage"
)

// userRoleCommand gives a person a role at a place in place of those he has there.
func (p *program) userRoleCommand() *cobra.Command {
	var account string
	var revoke bool
	c := &cobra.Command{
		Use:   "role USER-ID [ROLE]",
		Short: "Give a person a role, or take all at a place away",
		Long: "role gives a person a role in place of those he has at that place: the exchange, or the account named with --account. It holds from\n" +
			"the person's next request on. “ediport role list” shows the roles. Exit code 1: no such person, role or account.",
		Example: "  ediport user role tom biller --account 'Cedar Hollow Family Practice'\n  ediport user role maria owner\n  ediport user role tom --revoke --account 'Cedar Hollow Family Practice'",
		Args:    cobra.RangeArgs(1, 2),
	}
	c.Flags().StringVar(&account, "account", "", "account of a role of accounts")
	c.Flags().BoolVar(&revoke, "revoke", false, "take the person's roles at the place away")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if revoke == (len(args) == 2) {
			return fmt.Errorf("name a role to give, or --revoke")
		}
		return p.changeUserRole(cmd.Context(), args, account)
	}
	return c
}

func (p *program) changeUserRole(ctx context.Context, args []string, account string) error {
	return p.withEnvironment(ctx, func(e *environment) error {
		grant := accounts.Grant{}
		if account != "" {
			a, err := e.account(ctx, account)
			if err != nil {
				return err
			}
			grant.Account = a.ID
		} else {
			grant.Operator = e.operator.ID
		}
		service, err := e.accounts()
		if err != nil {
			return err
		}
		user, err := service.UserByLogin(ctx, args[0])
		if err != nil {
			return fmt.Errorf("there is no user %q; user ids are case-sensitive", args[0])
		}
		if len(args) == 1 {
			if err := service.Revoke(ctx, cli(), user, grant); err != nil {
				return sentence(err)
			}
			fmt.Fprintf(p.stdout, "%s: no role there any more\n", args[0])
			return nil
		}
		if grant.Role = accounts.Role(args[1]); grant.Role.Known() && !grant.Role.Operator() && account == "" {
			return fmt.Errorf("the role %s belongs to an account: name it with --account", grant.Role)
		}
		if err := service.Grant(ctx, cli(), user, grant); err != nil {
			return sentence(err)
		}
		fmt.Fprintf(p.stdout, "%s: %s\n", args[0], grant.Role.Title())
		return nil
	})
}

// userListCommand lists who has access.
func (p *program) userListCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "list", Short: "List who has access, with roles and state", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withEnvironment(cmd.Context(), func(e *environment) error { return p.listUsers(cmd.Context(), e, asJSON) })
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	return c
}

func (p *program) listUsers(ctx context.Context, e *environment, asJSON bool) error {
	type shown struct {
		Login string   `json:"login"`
		Name  string   `json:"name"`
		State string   `json:"state"`
		Roles []string `json:"roles"`
	}
	service, err := e.accounts()
	if err != nil {
		return err
	}
	list := []shown{}
	for cursor, more := storage.Cursor(""), true; more; more = cursor != "" {
		var people []accounts.Person
		if people, cursor, err = service.People(ctx, e.scope(), cursor, 100); err != nil {
			return err
		}
		for _, person := range people {
			row := shown{person.Login, person.Name, person.State, []string{}}
			for _, r := range person.Roles {
				row.Roles = append(row.Roles, r.Title+" at "+r.Place)
			}
			list = append(list, row)
		}
	}
	if asJSON {
		return printJSON(p.stdout, map[string]any{"users": list})
	}
	for _, u := range list {
		fmt.Fprintf(p.stdout, "%-20s %-9s %s (%s)\n", u.Login, u.State, u.Name, strings.Join(u.Roles, ", "))
	}
	return nil
}

func (p *program) roleCommand() *cobra.Command {
	c := &cobra.Command{Use: "role", Short: "Show the roles and what they grant", Args: cobra.NoArgs}
	var asJSON bool
	list := &cobra.Command{
		Use: "list", Short: "List the built-in roles with what they grant", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return p.listRoles(asJSON) },
	}
	list.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	c.AddCommand(list)
	return c
}

func (p *program) listRoles(asJSON bool) error {
	type shown struct {
		Role        accounts.Role         `json:"role"`
		Title       string                `json:"title"`
		HeldFor     string                `json:"held_for"`
		Permissions []accounts.Permission `json:"permissions"`
	}
	list := []shown{}
	for _, r := range accounts.Roles() {
		row := shown{r, r.Title(), "account", r.Permissions()}
		if r.Operator() {
			row.HeldFor = "operator"
		}
		list = append(list, row)
	}
	if asJSON {
		return printJSON(p.stdout, map[string]any{"roles": list})
	}
	for _, r := range list {
		names := make([]string, len(r.Permissions))
		for i, permission := range r.Permissions {
			names[i] = string(permission)
		}
		fmt.Fprintf(p.stdout, "%-26s %-9s %s\n", r.Role, r.HeldFor, strings.Join(names, " "))
	}
	return nil
}
