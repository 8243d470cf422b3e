package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/jobs/ingest"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
	"github.com/ediport/ediport/storage/cluster"
	"github.com/ediport/ediport/storage/keys"
)

const (
	databaseName = "ediport"
	stopLimit    = 30 * time.Second
)

// An environment is what a command that needs data works with.
type environment struct {
	log      *slog.Logger
	ring     *keys.Ring
	archive  *archive.Archive
	cluster  *cluster.Cluster // nil with a database URL
	db       *storage.DB
	operator storage.Operator
	demo     bool                 // nobody needs a second factor
	breached *accounts.BreachFile // nil: none
}

// logLevels are the values of log_level.
var logLevels = map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}

// logger writes to standard error: from log_level up for the commands that stay, only what a person must know for those that end.
func (p *program) logger() *slog.Logger {
	options := &slog.HandlerOptions{Level: slog.LevelWarn}
	if p.stays {
		options.Level = logLevels[p.config.LogLevel] // info, if it is not said
	}
	if p.config.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(p.stderr, options))
	}
	return slog.New(slog.NewTextHandler(p.stderr, options))
}

// openEnvironment opens keys, archive and database. Without a database URL it runs the private Postgres of the data folder, or attaches
// to the one that runs there. The first start makes an operator.
func (p *program) openEnvironment(ctx context.Context, role cluster.Role) (e *environment, err error) {
	e = &environment{log: p.logger()}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.close())
			e = nil
		}
	}()
	if err := p.openDatabase(ctx, e, role); err != nil {
		return e, err
	}
	if e.archive, err = archive.Open(p.archiveFolder(), e.ring); err != nil {
		return e, err
	}
	if p.config.Breached != "" {
		if e.breached, err = accounts.OpenBreachFile(p.config.Breached); err != nil {
			return e, err
		}
	}
	e.operator, err = p.ensureOperator(ctx, e.db)
	return e, err
}

// openDatabase opens keys and database and brings the private one up to date.
func (p *program) openDatabase(ctx context.Context, e *environment, role cluster.Role) error {
	if err := os.MkdirAll(p.config.Data, 0o711); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	ring, created, err := p.openKeys(e.log)
	if err != nil {
		return err
	}
	e.ring = ring
	if e.cluster, err = p.openCluster(ctx, e.log, role); err != nil {
		return err
	}
	if e.db, err = p.openStore(e); err != nil {
		return err
	}
	if e.cluster != nil {
		if err := e.db.Setup(ctx); err != nil {
			return err
		}
		if err := e.db.Migrate(ctx); err != nil {
			return err
		}
	}
	status, err := e.db.Status(ctx)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	if !status.Current() {
		return errors.New("the database's schema is older than this ediport; run `ediport db migrate` first")
	}
	if err := e.db.Check(ctx); err != nil {
		return err
	}
	return p.refuseLostKey(ctx, e, created)
}

// archiveFolder is the one that is configured; the benchmarks and the demo choose a data folder after that.
func (p *program) archiveFolder() string {
	if p.config.Archive != "" {
		return p.config.Archive
	}
	return filepath.Join(p.config.Data, "archive")
}

func (p *program) keyFile() (string, error) {
	switch {
	case p.config.KeyFile != "":
		return p.config.KeyFile, nil
	case isDemo(p.config.Data):
		return demoKey(p.config.Data), nil
	default:
		return keys.DefaultPath(p.getenv)
	}
}

func (p *program) openKeys(log *slog.Logger) (*keys.Ring, bool, error) {
	path, err := p.keyFile()
	if err != nil {
		return nil, false, err
	}
	if err := keys.RefuseInside(path, p.config.Data); err != nil {
		return nil, false, err
	}
	return keys.LoadOrCreate(path, log)
}

// refuseLostKey stops a start that would seal with another key what the old one, now lost, has sealed before. A key that was made by
// this start is taken away again, or the next start would find it and go on.
func (p *program) refuseLostKey(ctx context.Context, e *environment, created bool) error {
	sealed, err := e.db.Sealed(ctx)
	if err != nil {
		return err
	}
	if created && sealed.InUse {
		path, err := p.keyFile()
		if err == nil {
			err = os.Remove(path)
		}
		return errors.Join(errors.New("the master key file is missing, and this database was used with one: "+
			"put it back (EDIPORT_KEY_FILE names it); without it the archive can't be read"), err)
	}
	known := e.ring.IDs()
	for _, id := range sealed.KeyIDs {
		if !slices.Contains(known, keys.KeyID(id)) {
			return fmt.Errorf("the master key file does not hold key %s, with which this database's files are sealed: "+
				"name the right one (EDIPORT_KEY_FILE)", id)
		}
	}
	return nil
}

func (p *program) openCluster(ctx context.Context, log *slog.Logger, role cluster.Role) (*cluster.Cluster, error) {
	if p.config.DatabaseURL != "" {
		return nil, nil //nolint:nilnil // no private cluster is a normal state
	}
	c, err := cluster.Open(ctx, cluster.Options{
		Dir: p.config.Data, Role: role, BinDir: p.config.PostgresBin, AllowFetch: true, Logger: log,
	})
	if err != nil {
		return nil, err
	}
	if err := c.EnsureDatabase(ctx, databaseName); err != nil {
		return nil, errors.Join(err, c.Stop(ctx))
	}
	return c, nil
}

func (p *program) openStore(e *environment) (*storage.DB, error) {
	cfg := storage.Config{
		OwnerURL: p.config.DatabaseURL, LoaderURL: p.config.LoaderURL, AppURL: p.config.AppURL, DirectURL: p.config.DirectURL,
		ReplicaURL: p.config.ReplicaURL, Log: e.log,
	}
	switch {
	case e.cluster != nil:
		cfg.OwnerURL = e.cluster.URL(databaseName, "ediport")
		cfg.LoaderURL = e.cluster.URL(databaseName, storage.LoaderRole)
		cfg.AppURL = e.cluster.URL(databaseName, storage.AppRole)
		cfg.DirectURL = cfg.OwnerURL
	default:
		var err error
		if cfg.LoaderURL == "" {
			if cfg.LoaderURL, err = roleURL(cfg.OwnerURL, storage.LoaderRole, e.ring); err != nil {
				return nil, err
			}
		}
		if cfg.AppURL == "" {
			if cfg.AppURL, err = roleURL(cfg.OwnerURL, storage.AppRole, e.ring); err != nil {
				return nil, err
			}
			if cfg.ReplicaURL != "" {
				if cfg.ReplicaURL, err = roleURL(cfg.ReplicaURL, storage.AppRole, e.ring); err != nil {
					return nil, err
				}
			}
		}
	}
	for _, id := range e.ring.IDs() {
		for _, keys := range []*[][32]byte{&cfg.IDKeys, &cfg.CursorKeys} {
			key, err := cursorKey(e.ring, id)
			if err != nil {
				return nil, err
			}
			*keys = append(*keys, key)
		}
	}
	return storage.Open(cfg)
}

func cursorKey(ring *keys.Ring, id keys.KeyID) (key [32]byte, err error) {
	sub, err := ring.Subkey(keys.Cursors, id)
	if err != nil {
		return key, err
	}
	copy(key[:], sub.Bytes())
	return key, nil
}

// roleURL is the owner's URL for another role, whose password is made from the master key: `ediport db setup` sets it.
func roleURL(owner, role string, ring *keys.Ring) (string, error) {
	u, err := url.Parse(owner)
	if err != nil || u.Scheme == "" {
		return "", errors.New("the database URL is not of the form postgres://user@host/database")
	}
	mac, err := ring.MAC(keys.Secrets, []byte("database role "+role), nil)
	if err != nil {
		return "", err
	}
	u.User = url.UserPassword(role, hex.EncodeToString(mac))
	return u.String(), nil
}

// ensureOperator returns the operator that runs this exchange; the first start makes it.
func (p *program) ensureOperator(ctx context.Context, db *storage.DB) (storage.Operator, error) {
	var operator storage.Operator
	err := db.InSystem(ctx, storage.Actor{Kind: storage.ActorSystem}, func(tx *storage.Tx) error {
		all, err := tx.Operators(ctx)
		if err != nil {
			return err
		}
		if len(all) > 0 {
			operator = all[0]
			return nil
		}
		id, unrouted, err := tx.NewOperator(ctx, "ediport", "")
		operator = storage.Operator{ID: id, Unrouted: unrouted, Name: "ediport"}
		return err
	})
	return operator, err
}

// ingester loads files.
func (e *environment) ingester() *ingest.Ingester {
	return &ingest.Ingester{DB: e.db, Archive: e.archive, Log: e.log, Outbox: &jobs.Outbox{Archive: e.archive}}
}

// close releases everything, in the reverse order of opening. It has a time of its own: the command's may be over.
func (e *environment) close() error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(context.Background()), stopLimit)
	defer cancel()
	var errs []error
	if e.breached != nil {
		errs = append(errs, e.breached.Close())
	}
	if e.db != nil {
		errs = append(errs, e.db.Close())
	}
	if e.cluster != nil {
		errs = append(errs, e.cluster.Stop(ctx))
	}
	return errors.Join(errs...)
}

// withEnvironment runs fn with an environment, attached to the running server or with one of its own.
func (p *program) withEnvironment(ctx context.Context, fn func(*environment) error) error {
	e, err := p.openEnvironment(ctx, cluster.Attach)
	if err != nil {
		return err
	}
	return errors.Join(fn(e), e.close())
}
