package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/ediport/ediport/storage"
)

const (
	codeOverdue = "connection.file_overdue"
	sourceWatch = "watch"

	// overdueEvery is how often the elected node looks for files that did not come.
	overdueEvery = 30 * time.Second
)

// watchOverdue opens an incident for each connection whose expected file is overdue, and ends it when
// one has come, or none is expected any more.
func watchOverdue(ctx context.Context, db *storage.DB) error {
	actor := storage.Actor{Kind: storage.ActorSystem}
	var all []storage.Expecting
	err := db.InSystem(ctx, actor, func(tx *storage.Tx) (err error) {
		all, err = tx.Expecting(ctx, codeOverdue)
		return err
	})
	var errs []error
	for _, e := range all {
		errs = append(errs, db.InSystem(ctx, actor, func(tx *storage.Tx) error { return noteOverdue(ctx, tx, e) }))
	}
	return errors.Join(err, errors.Join(errs...))
}

// keepKeys is how long an idempotency key answers a repeated request.
const keepKeys = 7 * 24 * time.Hour

func forgetKeys(ctx context.Context, db *storage.DB) error {
	return db.InSystem(ctx, storage.Actor{Kind: storage.ActorSystem}, func(tx *storage.Tx) error { return tx.ForgetKeys(ctx, keepKeys) })
}

func noteOverdue(ctx context.Context, tx *storage.Tx, e storage.Expecting) error {
	c, err := tx.ConnectionOf(ctx, e.Operator, e.Connection)
	if errors.Is(err, storage.ErrNotFound) {
		return nil // deleted meanwhile
	}
	if err != nil {
		return err
	}
	subject := storage.OfConnection(e.Connection)
	switch _, late := Late(c, tx.Now()); {
	case late && !e.Open:
		_, _, err = tx.RaiseIncident(ctx, e.Operator, subject, storage.Raise{Code: codeOverdue, Source: sourceWatch})
	case !late && e.Open:
		_, err = tx.ResolveIncidents(ctx, e.Operator, subject, sourceWatch)
	}
	return err
}
