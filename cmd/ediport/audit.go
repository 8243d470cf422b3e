package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/storage"
)

func (p *program) auditCommand() *cobra.Command {
	c := &cobra.Command{Use: "audit", Short: "Check the audit, publish its roots, take it out", Args: cobra.NoArgs}
	c.AddCommand(p.auditRootCommand(), p.auditVerifyCommand(), p.auditExportCommand())
	return c
}

func (e *environment) sealer() *accounts.AuditSealer {
	return accounts.NewAuditSealer(e.db, e.ring, e.log)
}

// auditRoot is the end of a chain, to be kept where the database's administrators can't change it.
type auditRoot struct {
	Chain    string    `json:"chain"` // all, or an organization's public id
	No       int64     `json:"no"`
	SealedAt time.Time `json:"sealed_at"`
	Root     string    `json:"root"`
}

func (e *environment) rootsOf(seals []storage.Seal) []auditRoot {
	roots := make([]auditRoot, len(seals))
	for i, s := range seals {
		roots[i] = auditRoot{e.chainName(s.Chain), s.No, s.SealedAt.UTC(), hex.EncodeToString(s.Hash)}
	}
	return roots
}

// chainName says a chain in public ids.
func (e *environment) chainName(chain string) string {
	kind, number, _ := strings.Cut(chain, ":")
	id, err := strconv.ParseInt(number, 10, 64)
	switch {
	case err != nil:
		return chain
	case id == 0:
		return "nobody known"
	case kind == "account":
		return e.public(storage.PublicAccount, id)
	}
	return e.public(storage.PublicOperator, id)
}

func (p *program) auditRootCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "root", Short: "Seal the audit now and print the end of each chain", Args: cobra.NoArgs,
		Long: "root seals what is new and prints the hash at the end of each chain: that over everything, and those of operator and accounts.\n" +
			"Keep it where nobody who can change the database can change it; `ediport audit verify --root` asks for it again.",
		Example: "  ediport audit root | ssh vault 'cat >> ediport-roots.txt'",
	}
	asJSON := jsonFlag(c)
	c.RunE = p.attached(func(cmd *cobra.Command, e *environment, _ []string) error {
		if _, err := e.sealer().Seal(cmd.Context()); err != nil {
			return err
		}
		heads, err := e.db.AuditHeads(cmd.Context())
		if err != nil {
			return err
		}
		roots := e.rootsOf(heads)
		if *asJSON {
			return printJSON(p.stdout, map[string]any{"roots": roots})
		}
		return p.printTable(rowsOf(roots, func(r auditRoot) []string {
			return []string{r.SealedAt.Format(time.RFC3339), r.Chain, strconv.FormatInt(r.No, 10), r.Root}
		})())
	})
	return c
}

// auditFault is a storage.AuditFault as it is printed.
type auditFault struct {
	Kind   string     `json:"kind"`
	Chain  string     `json:"chain"`
	No     int64      `json:"no,omitempty"`
	Event  string     `json:"event,omitempty"`
	At     *time.Time `json:"at,omitempty"`
	Action string     `json:"action,omitempty"`
}

var faultSentences = map[string]string{
	storage.FaultChanged:   "was changed after it was sealed",
	storage.FaultMissing:   "was sealed and is gone",
	storage.FaultAdded:     "was put in after its time was sealed",
	storage.FaultGap:       "a link of the chain is gone",
	storage.FaultLink:      "a link of the chain was changed, or those around it",
	storage.FaultSignature: "a link was not made by this installation's key",
	storage.FaultRoot:      "the root given is not in the chain: its end was cut off, or it was written anew",
}

func (e *environment) faultOf(f storage.AuditFault) auditFault {
	out := auditFault{Kind: f.Kind, Chain: e.chainName(f.Chain), No: f.No, Event: e.public(storage.PublicAudit, f.Event), Action: f.Action}
	if !f.At.IsZero() {
		at := f.At.UTC()
		out.At = &at
	}
	return out
}

func (f auditFault) String() string {
	where := "chain " + f.Chain
	if f.Chain == "" {
		where = "all chains"
	}
	if f.No != 0 {
		where += ", link " + strconv.FormatInt(f.No, 10)
	}
	if f.Event == "" {
		return where + ": " + faultSentences[f.Kind]
	}
	what := "event " + f.Event
	if f.At != nil {
		what += fmt.Sprintf(" (%s, %s)", f.Action, f.At.Format(time.RFC3339))
	}
	return where + ": " + what + " " + faultSentences[f.Kind]
}

func (p *program) auditVerifyCommand() *cobra.Command {
	var given []string
	c := &cobra.Command{
		Use: "verify", Short: "Check that the audit is what was sealed", Args: cobra.NoArgs,
		Long: "verify compares every event with what was sealed, checks all chains and their signatures, and looks for the roots given:\n" +
			"64 hexadecimal digits, or a file that contains some (the output of `ediport audit root`, or the log of `ediport serve`).\n" +
			"Exit codes: 0 nothing was changed, 1 something was; the first finding is the first damage.",
		Example: "  ediport audit verify --root ediport-roots.txt",
	}
	c.Flags().StringArrayVar(&given, "root", nil, "a root that was kept elsewhere, or a file with roots; may be given several times")
	asJSON := jsonFlag(c)
	c.RunE = p.attached(func(cmd *cobra.Command, e *environment, _ []string) error {
		roots, err := readRoots(given)
		if err != nil {
			return err
		}
		report, err := e.sealer().Verify(cmd.Context(), roots...)
		if err != nil {
			return err
		}
		return p.tellAudit(e, report, *asJSON)
	})
	return c
}

var rootDigits = regexp.MustCompile(`\b[0-9a-fA-F]{64}\b`)

// readRoots reads roots as people keep them.
func readRoots(given []string) (roots []storage.AuditRoot, err error) {
	for _, text := range given {
		if len(text) != 64 || !rootDigits.MatchString(text) {
			content, err := os.ReadFile(text)
			if err != nil {
				return nil, fmt.Errorf("--root is neither 64 hexadecimal digits nor a file: %w", err)
			}
			text = string(content)
		}
		found := rootDigits.FindAllString(text, -1)
		if len(found) == 0 {
			return nil, errors.New("--root names a file without a root of 64 hexadecimal digits")
		}
		for _, digits := range found {
			hash, err := hex.DecodeString(digits)
			if err != nil {
				return nil, err
			}
			roots = append(roots, storage.AuditRoot{Hash: hash})
		}
	}
	return roots, nil
}

func (p *program) tellAudit(e *environment, r storage.AuditReport, asJSON bool) error {
	faults := make([]auditFault, len(r.Faults))
	for i, f := range r.Faults {
		faults[i] = e.faultOf(f)
	}
	if asJSON {
		err := printJSON(p.stdout, map[string]any{
			"events": r.Events, "links": r.Links, "unsealed": r.Unsealed, "faults": faults, "roots": e.rootsOf(r.Heads),
		})
		if err != nil {
			return err
		}
	} else {
		for _, f := range faults {
			fmt.Fprintln(p.stdout, f.String())
		}
		fmt.Fprintf(p.stdout, "checked %d events in %d links; %d events are not sealed yet\n", r.Events, r.Links, r.Unsealed)
	}
	if len(faults) > 0 {
		return &exitError{code: exitFinding, err: errors.New("the audit is not what was sealed")}
	}
	if !asJSON {
		fmt.Fprintln(p.stdout, "nothing was changed")
	}
	return nil
}
