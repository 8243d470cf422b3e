package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/storage"
)

// userResetFactorsCommand is for the administrator who has lost his own phone or key: nobody else can reset it.
func (p *program) userResetFactorsCommand() *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use: "reset-factors USER-ID", Short: "End a person's second factors, recovery codes and sessions", Args: cobra.ExactArgs(1),
		Example: "  ediport user reset-factors j.lindqvist --reason 'lost phone, came by in person'",
	}
	c.Flags().StringVar(&reason, "reason", "", "how you made sure who it is; stands in the audit")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		return p.changeUser(cmd.Context(), args[0], func(ctx context.Context, s *accounts.Service, user storage.UserID) (string, error) {
			return "second factors ended; who needs one sets it up at the next sign-in", s.ResetFactors(ctx, cli(), user, reason)
		})
	}
	return c
}
