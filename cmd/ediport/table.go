package main

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/edi/view"
	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/portal/api"
	"github.com/ediport/ediport/storage"
)

// jsonFlag lets a command print one JSON document instead of text.
func jsonFlag(c *cobra.Command) *bool {
	return c.Flags().Bool("json", false, "print one JSON document")
}

// show prints rows of the store: as a JSON document {name: …} in the API's shape, or as a table.
func (p *program) show(e *environment, asJSON bool, name string, rows any, next storage.Cursor, table func() [][]string) error {
	if !asJSON {
		return p.printTable(table())
	}
	document, err := api.Document(e.db.PublicIDs(), rows)
	if err != nil {
		return err
	}
	out := map[string]any{name: document}
	if next != "" {
		out["next_cursor"] = next
	}
	return printJSON(p.stdout, out)
}

// showOne prints one row of the store: as a JSON document in the API's shape, or as lines.
func (p *program) showOne(e *environment, asJSON bool, row any, lines func() [][]string) error {
	if !asJSON {
		return p.printTable(lines())
	}
	document, err := api.Document(e.db.PublicIDs(), row)
	if err != nil {
		return err
	}
	return printJSON(p.stdout, document)
}

// printTable prints rows in columns, without anything that could command a terminal.
func (p *program) printTable(rows [][]string) error {
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		for i, cell := range row {
			row[i] = strings.ReplaceAll(view.Printable(cell), "\t", " ")
		}
		fmt.Fprintln(w, strings.TrimRight(strings.Join(row, "\t"), "\t"))
	}
	return w.Flush()
}

// rowsOf makes table rows.
func rowsOf[T any](list []T, row func(T) []string) func() [][]string {
	return func() [][]string {
		out := make([][]string, 0, len(list))
		for _, v := range list {
			out = append(out, row(v))
		}
		return out
	}
}

// at shows an instant in the machine's zone, "–" for none.
func at(t *time.Time) string {
	if t == nil || t.IsZero() {
		return "–"
	}
	return t.Local().Format("2006-01-02 15:04:05")
}

// public shows a row's id, "–" for none.
func (e *environment) public(kind string, id int64) string {
	if id == 0 {
		return "–"
	}
	return e.db.PublicIDs().Format(kind, id)
}

// read reads from the exchange.
func (e *environment) read(cmd *cobra.Command, fn func(*storage.Tx) error) error {
	return e.db.InScopeRead(cmd.Context(), e.scope(), fn)
}

// parseID returns the row of a public id.
func (e *environment) parseID(kind, what, text string) (int64, error) {
	id, err := e.db.PublicIDs().Parse(kind, text)
	if err != nil {
		return 0, fmt.Errorf("%q is no %s's id; they begin with %s_", text, what, kind)
	}
	return id, nil
}

// attached is a command's work with an environment.
func (p *program) attached(fn func(cmd *cobra.Command, e *environment, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		return p.withEnvironment(cmd.Context(), func(e *environment) error { return sentence(fn(cmd, e, args)) })
	}
}

// A pageFlags is which part of a list is wanted.
type pageFlags struct {
	limit  int
	cursor string
}

func addPageFlags(c *cobra.Command) *pageFlags {
	f := &pageFlags{}
	c.Flags().IntVar(&f.limit, "limit", 50, "how many, 1 to 500")
	c.Flags().StringVar(&f.cursor, "cursor", "", "where to go on: next_cursor of the page before")
	return f
}

func (f *pageFlags) page() storage.Page {
	return storage.Page{Limit: min(max(f.limit, 1), 500), Cursor: storage.Cursor(f.cursor)}
}

// more says on standard error how a list goes on.
func (p *program) more(asJSON bool, next storage.Cursor) {
	if next != "" && !asJSON {
		fmt.Fprintf(p.stderr, "there are more: --cursor %s\n", next)
	}
}

// jobSentence shows what package jobs complains about without its prefix, with what to do.
func jobSentence(err error) error {
	var detailed *jobs.Error
	if !errors.As(err, &detailed) {
		return err
	}
	problem, known := jobs.Explain(detailed.Code())
	if !known {
		return err
	}
	text := problem.Sentence
	if detailed.Err != nil {
		text += "\n" + detailed.Err.Error()
	} else if problem.Next != "" {
		text += " " + problem.Next
	}
	return errors.New(text)
}
