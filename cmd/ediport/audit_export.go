package main

import (
	"bufio"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/storage"
)

func (p *program) auditExportCommand() *cobra.Command {
	var from, to, format string
	var f storage.AuditFilter
	c := &cobra.Command{
		Use: "export", Short: "Print the audit, oldest event first", Args: cobra.NoArgs,
		Long: "export prints the events of a time as JSON lines or CSV (docs/audit.md says what the fields mean), to be kept elsewhere or read by\n" +
			"other programs. It leaves an event itself, and waits for no second person, other than an export by the portal.",
		Example: "  ediport audit export --from 2026-01-01 --to 2026-02-01 --format csv > audit-2026-01.csv",
	}
	c.Flags().StringVar(&from, "from", "", "first day (2026-01-31, in UTC) or instant (2026-01-31T08:00:00Z)")
	c.Flags().StringVar(&to, "to", "", "day or instant before which it ends")
	c.Flags().StringVar(&format, "format", "ndjson", "ndjson or csv")
	c.Flags().StringVar(&f.Action, "action", "", "only this action, or with a dot at its end those that begin so: signin.")
	c.RunE = p.attached(func(cmd *cobra.Command, e *environment, _ []string) (err error) {
		if f.From, err = instantOf("from", from); err != nil {
			return err
		}
		if f.To, err = instantOf("to", to); err != nil {
			return err
		}
		service, err := e.accounts()
		if err != nil {
			return err
		}
		out := bufio.NewWriter(p.stdout)
		writer, err := accounts.NewAuditWriter(out, format)
		if err != nil {
			return err
		}
		if err := service.ExportAudit(cmd.Context(), e.scope(), f, format, writer.Write); err != nil {
			return err
		}
		return out.Flush()
	})
	return c
}

// instantOf reads a day or an instant; nil for none.
func instantOf(flag, text string) (*time.Time, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // nil is none
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return &at, nil
		}
	}
	return nil, fmt.Errorf("--%s is a day such as 2026-01-31 or an instant such as 2026-01-31T08:00:00Z", flag)
}
