package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/storage"
)

func (p *program) purgeCommand() *cobra.Command {
	var order jobs.PurgeOrder
	var before, account string
	var yes bool
	c := &cobra.Command{
		Use: "purge", Short: "Take old files out for good, with their data and originals; counts only, unless told --yes", Args: cobra.NoArgs,
		Long: "purge counts the files that were received before a day and hold nothing but the kinds named, and, with --yes, takes them out for\n" +
			"good: the rows made of them, of all accounts, and their originals. It can't be undone. What stays: size, hash and time line of each\n" +
			"file, the keys by which the same file or payment is known when it comes again, and the audit.\n" +
			"Kinds: " + strings.Join(storage.PurgeKinds(), ", ") + ". Remittances (835) and what nobody could read (other) stay for six years at\n" +
			"least, everything else for 90 days.\n" +
			"In the portal and the API a purge waits for a second person. The command line asks nobody: whoever runs it on the machine could\n" +
			"write to the database. The audit says that nobody was asked. Where no other process works, this one does for so long.\n" +
			"Exit codes: 0 counted, or purged; 2 it was refused, or did not end well.",
		Example: "  ediport purge --kind 271,277 --before 2026-01-01\n  ediport purge --kind 835 --before 2019-01-01 --account 'Cedar Hollow Family Practice' --yes",
	}
	f := c.Flags()
	f.StringSliceVar(&order.Kinds, "kind", nil, "kinds of data, all that a file holds must be among them")
	f.StringVar(&before, "before", "", "day before which it was received, year-month-day, on this machine's clock")
	f.StringVar(&account, "account", "", "only files that hold data of nobody but this account")
	f.BoolVar(&yes, "yes", false, "do it")
	for _, name := range []string{"kind", "before"} {
		if err := c.MarkFlagRequired(name); err != nil {
			panic(err) // the flag stands above
		}
	}
	asJSON := jsonFlag(c)
	c.RunE = p.attached(func(cmd *cobra.Command, e *environment, _ []string) (err error) {
		if order.Before, err = time.ParseInLocation(time.DateOnly, before, time.Local); err != nil {
			return fmt.Errorf("--before %q is no day such as 2019-12-31", before)
		}
		if account != "" {
			a, err := e.account(cmd.Context(), account)
			if err != nil {
				return err
			}
			order.Account = a.ID
		}
		if err := order.Check(e.db.Now()); err != nil {
			return purgeSentence(err)
		}
		if yes {
			return p.work(cmd.Context(), e, *asJSON, func(ctx context.Context) (id storage.RunID, err error) {
				err = e.db.InScope(ctx, e.scope(), func(tx *storage.Tx) error {
					id, err = e.desk().PurgeIn(ctx, tx, order)
					return err
				})
				return id, err
			})
		}
		counts, err := e.db.PurgePreview(cmd.Context(), e.scope(), order.Filter(e.operator.ID))
		if err != nil {
			return err
		}
		return p.tellPurge(e, *asJSON, counts)
	})
	return c
}

// purgeSentence says what is wrong with an order, and by which kind.
func purgeSentence(err error) error {
	var detailed *jobs.Error
	if errors.Is(err, jobs.ErrPurgeInvalid) && errors.As(err, &detailed) && detailed.Err != nil {
		return fmt.Errorf("%w is not known; the kinds are %s", detailed.Err, strings.Join(storage.PurgeKinds(), ", "))
	}
	return err
}

// tellPurge prints what a purge would do.
func (p *program) tellPurge(e *environment, asJSON bool, counts []storage.PurgeCount) error {
	goes := 0
	for _, c := range counts {
		if c.Verdict == storage.PurgeTake {
			goes += c.Files
		}
	}
	err := p.show(e, asJSON, "counts", counts, "", rowsOf(counts, func(c storage.PurgeCount) []string {
		happens := "stays (" + string(c.Verdict) + ")"
		if c.Verdict == storage.PurgeTake {
			happens = "goes"
		}
		return []string{c.Kind, happens, strconv.Itoa(c.Files) + " files", strconv.FormatInt(c.Sets, 10) + " sets", at(&c.Oldest), at(&c.Newest)}
	}))
	if err != nil || asJSON {
		return err
	}
	fmt.Fprintf(p.stdout, "%d files would go; nothing was purged (--yes does it)\n", goes)
	return nil
}
