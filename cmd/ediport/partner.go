package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/storage"
)

// partner finds a trading partner by its name or public id.
func (e *environment) partner(ctx context.Context, name string) (storage.PartnerItem, error) {
	all, err := e.db.Partners(ctx, e.scope())
	if err != nil {
		return storage.PartnerItem{}, err
	}
	id, _ := e.db.PublicIDs().Parse(storage.PublicPartner, name)
	for _, partner := range all {
		if partner.Name == name || int64(partner.ID) == id {
			return partner, nil
		}
	}
	return storage.PartnerItem{}, fmt.Errorf("there is no partner %q; `ediport partner list` shows them", name)
}

func (p *program) partnerCommand() *cobra.Command {
	c := &cobra.Command{Use: "partner", Short: "Trading partners and what is agreed with them: list, add, set, show", Args: cobra.NoArgs}
	c.AddCommand(p.partnerListCommand(), p.partnerShowCommand(), p.partnerAddCommand(), p.partnerSetCommand())
	return c
}

func (p *program) partnerListCommand() *cobra.Command {
	c := &cobra.Command{Use: "list", Short: "List the trading partners", Args: cobra.NoArgs}
	asJSON := jsonFlag(c)
	c.RunE = p.attached(func(cmd *cobra.Command, e *environment, _ []string) error {
		all, err := e.db.Partners(cmd.Context(), e.scope())
		if err != nil {
			return err
		}
		return p.show(e, *asJSON, "partners", all, "", rowsOf(all, func(partner storage.PartnerItem) []string {
			return []string{e.public(storage.PublicPartner, int64(partner.ID)), partner.Name}
		}))
	})
	return c
}

func (e *environment) partnerSettings(ctx context.Context, name string) (settings *storage.PartnerSettings, err error) {
	partner, err := e.partner(ctx, name)
	if err != nil {
		return nil, err
	}
	err = e.db.InScope(ctx, e.scope(), func(tx *storage.Tx) (err error) {
		settings, err = tx.PartnerSettings(ctx, partner.ID)
		return err
	})
	return settings, err
}

func (p *program) partnerShowCommand() *cobra.Command {
	c := &cobra.Command{Use: "show NAME", Short: "Show what is agreed with a partner", Args: cobra.ExactArgs(1)}
	asJSON := jsonFlag(c)
	c.RunE = p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
		s, err := e.partnerSettings(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		return p.showOne(e, *asJSON, *s, func() [][]string {
			return [][]string{
				{"partner", e.public(storage.PublicPartner, int64(s.ID))},
				{"name", s.Name},
				{"time zone", s.TimeZone},
				{"usage", s.Usage},
				{"requests", s.RequestPolicy, acknowledged(s.AcknowledgeRequests)},
				{"answers", s.AnswerPolicy, acknowledged(s.AcknowledgeAnswers)},
				{"control numbers used again", s.ReusePolicy, fmt.Sprintf("within %d days", s.ReuseWindowDays)},
				{"acknowledgment policy", string(s.AcknowledgmentPolicy)},
				{"rules", string(s.Rules)},
			}
		})
	})
	return c
}

func acknowledged(yes bool) string {
	if yes {
		return "acknowledged"
	}
	return "not acknowledged"
}

// partnerFlags are what can be said of a partner on the command line.
type partnerFlags struct {
	s                             storage.PartnerSettings
	name, acknowledgments, ruling string
}

func (f *partnerFlags) add(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&f.s.TimeZone, "zone", "", "the partner's time zone")
	flags.StringVar(&f.s.Usage, "usage", "", "what is exchanged: P (production) or T (test)")
	flags.StringVar(&f.s.RequestPolicy, "requests", "", "what becomes of requests with errors: strict (rejected) or receive (loaded with findings)")
	flags.StringVar(&f.s.AnswerPolicy, "answers", "", "the same for answers")
	flags.StringVar(&f.s.ReusePolicy, "reuse", "", "of control numbers used again with other content: allow, warn, hold or reject")
	flags.IntVar(&f.s.ReuseWindowDays, "reuse-days", 0, "how long a control number counts as used")
	flags.BoolVar(&f.s.AcknowledgeRequests, "acknowledge-requests", true, "send 999s for requests")
	flags.BoolVar(&f.s.AcknowledgeAnswers, "acknowledge-answers", false, "send 999s for answers and remittances, too")
	flags.StringVar(&f.acknowledgments, "acknowledgment-policy", "", "file of JSON (docs/acknowledgments.md)")
	flags.StringVar(&f.ruling, "rules", "", "file with the partner's own rules (docs/partner-rules.md)")
}

func (f *partnerFlags) apply(cmd *cobra.Command, s *storage.PartnerSettings) error {
	for flag, value := range map[string]struct{ to, from *string }{
		"zone": {&s.TimeZone, &f.s.TimeZone}, "usage": {&s.Usage, &f.s.Usage}, "requests": {&s.RequestPolicy, &f.s.RequestPolicy},
		"answers": {&s.AnswerPolicy, &f.s.AnswerPolicy}, "reuse": {&s.ReusePolicy, &f.s.ReusePolicy}, "name": {&s.Name, &f.name},
	} {
		if given(cmd, flag) {
			*value.to = *value.from
		}
	}
	if given(cmd, "reuse-days") {
		s.ReuseWindowDays = f.s.ReuseWindowDays
	}
	if given(cmd, "acknowledge-requests") {
		s.AcknowledgeRequests = f.s.AcknowledgeRequests
	}
	if given(cmd, "acknowledge-answers") {
		s.AcknowledgeAnswers = f.s.AcknowledgeAnswers
	}
	var err error
	if given(cmd, "acknowledgment-policy") {
		if s.AcknowledgmentPolicy, err = os.ReadFile(f.acknowledgments); err != nil {
			return err
		}
	}
	if given(cmd, "rules") {
		s.Rules, err = os.ReadFile(f.ruling)
	}
	return err
}

func (p *program) partnerAddCommand() *cobra.Command {
	var f partnerFlags
	c := &cobra.Command{
		Use: "add NAME", Short: "Add a trading partner", Args: cobra.ExactArgs(1),
		Example: "  ediport partner add 'Tamarind Health Plan' --acknowledge-answers",
	}
	f.add(c)
	c.RunE = p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
		s := storage.PartnerSettings{Operator: e.operator.ID, Name: args[0], AcknowledgeRequests: true}
		if err := f.apply(cmd, &s); err != nil {
			return err
		}
		if err := e.desk().AddPartner(cmd.Context(), e.scope(), &s); err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "added partner %s (%s)\n", s.Name, e.public(storage.PublicPartner, int64(s.ID)))
		return nil
	})
	return c
}

func (p *program) partnerSetCommand() *cobra.Command {
	var f partnerFlags
	c := &cobra.Command{
		Use: "set NAME", Short: "Change what is agreed with a partner: what is not named stays", Args: cobra.ExactArgs(1),
		Example: "  ediport partner set 'Tamarind Health Plan' --reuse hold --acknowledge-answers=false",
	}
	f.add(c)
	c.Flags().StringVar(&f.name, "name", "", "a new name")
	c.RunE = p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
		s, err := e.partnerSettings(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		if err := f.apply(cmd, s); err != nil {
			return err
		}
		if err := e.desk().ChangePartner(cmd.Context(), e.scope(), s); err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "changed partner %s\n", s.Name)
		return nil
	})
	return c
}
