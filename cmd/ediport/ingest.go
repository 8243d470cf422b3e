package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/storage"
)

// A loadedFile is what `ediport ingest --json` prints of one.
type loadedFile struct {
	Path   string           `json:"path"`
	File   string           `json:"file"` // its id
	State  string           `json:"state"`
	Reason string           `json:"reason,omitempty"`
	Counts *jsonPassThrough `json:"counts"`
}

// jsonPassThrough is JSON that is printed as it is.
type jsonPassThrough string

// MarshalJSON returns the JSON.
func (j jsonPassThrough) MarshalJSON() ([]byte, error) { return []byte(j), nil }

func (p *program) ingestCommand() *cobra.Command {
	var account string
	var asJSON bool
	c := &cobra.Command{
		Use:   "ingest FILE…",
		Short: "Load local files, as if a partner had sent them",
		Long: "ingest archives each file (- is standard input), checks it and loads it, the same way as files that are pulled.\n" +
			"With --account everything in them belongs to that account; without, the content says whose it is.",
		Example: "  ediport ingest payment.835\n  ediport ingest --account 'Cedar Hollow Family Practice' *.edi",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withEnvironment(cmd.Context(), func(e *environment) error {
				return p.ingestFiles(cmd.Context(), e, args, account, asJSON)
			})
		},
	}
	c.Flags().StringVar(&account, "account", "", "name of the account that the files belong to")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	return c
}

func (p *program) ingestFiles(ctx context.Context, e *environment, names []string, account string, asJSON bool) error {
	var owner storage.AccountID
	if account != "" {
		a, err := e.account(ctx, account)
		if err != nil {
			return err
		}
		owner = a.ID
	}
	report := struct {
		Files []loadedFile `json:"files"`
	}{Files: []loadedFile{}}
	failed := false
	for _, name := range names {
		loaded, err := p.ingestFile(ctx, e, name, owner)
		if err != nil {
			fmt.Fprintf(p.stderr, "ediport: %s: %v\n", name, err)
			failed = true
			continue
		}
		report.Files = append(report.Files, loaded)
		if !asJSON {
			fmt.Fprintf(p.stdout, "%s: %s (file %s)\n", name, loaded.State, loaded.File)
		}
	}
	if asJSON {
		if err := printJSON(p.stdout, report); err != nil {
			return err
		}
	}
	if failed {
		return &exitError{code: exitFailed}
	}
	return nil
}

func (p *program) ingestFile(ctx context.Context, e *environment, name string, owner storage.AccountID) (loadedFile, error) {
	in, closeInput, err := p.open(name)
	if err != nil {
		return loadedFile{}, err
	}
	defer closeInput()
	id, err := e.receive(ctx, filepath.Base(name), in, owner)
	if err != nil {
		return loadedFile{}, err
	}
	if err := e.ingester().Load(ctx, e.operator.ID, id); err != nil {
		return loadedFile{}, err
	}
	loaded := loadedFile{Path: name, File: e.db.PublicIDs().Format(storage.PublicFile, int64(id))}
	err = e.db.InLoad(ctx, e.operator.ID, storage.Actor{Kind: storage.ActorCLI}, func(tx *storage.LoadTx) error {
		f, err := tx.FileForLoad(ctx, id)
		counts := jsonPassThrough(f.CountsAsText)
		loaded.State, loaded.Reason, loaded.Counts = string(f.State), f.StateReason, &counts
		return err
	})
	return loaded, err
}

// receive archives content as a file that came in. It is loaded by whoever calls, not by a job.
func (e *environment) receive(ctx context.Context, name string, content io.Reader, owner storage.AccountID) (storage.FileID, error) {
	w, err := e.archive.Create(ctx)
	if err != nil {
		return 0, err
	}
	defer w.Abort()
	if _, err := io.Copy(w, content); err != nil {
		return 0, fmt.Errorf("archiving: %w", err)
	}
	blob, err := w.Commit()
	if err != nil {
		return 0, err
	}
	var id storage.FileID
	err = e.db.InLoad(ctx, e.operator.ID, storage.Actor{Kind: storage.ActorCLI}, func(tx *storage.LoadTx) (err error) {
		id, err = tx.InsertFile(ctx, storage.File{
			Direction: "in", Source: "cli", Name: name, Account: owner, State: storage.FileDownloaded, ReceivedAt: time.Now(),
			Size: blob.Size, SHA256: blob.SHA256[:], BlobName: blob.Name, WrappedKey: blob.WrappedKey, KeyID: string(blob.KeyID), StoredSize: blob.StoredSize,
		})
		return err
	})
	return id, err
}

// account finds an account by its name or public id.
func (e *environment) account(ctx context.Context, name string) (storage.Account, error) {
	var all []storage.Account
	err := e.db.InSystem(ctx, storage.Actor{Kind: storage.ActorCLI}, func(tx *storage.Tx) (err error) {
		all, err = tx.AccountsOf(ctx, e.operator.ID)
		return err
	})
	if err != nil {
		return storage.Account{}, err
	}
	id, _ := e.db.PublicIDs().Parse(storage.PublicAccount, name)
	for _, a := range all {
		if a.Name == name || int64(a.ID) == id {
			return a, nil
		}
	}
	return storage.Account{}, fmt.Errorf("there is no account %q; `ediport account list` shows them", name)
}
