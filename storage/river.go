package storage

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgxpool"
)

// DirectPool opens a pool for River, which speaks pgx: around any connection pooler, as the loader.
// Everything else goes through [DB]. The caller closes it.
func (db *DB) DirectPool(ctx context.Context, maxConnections int) (*pgxpool.Pool, error) {
	return openPgx(ctx, db.DirectURL(), db.session, maxConnections)
}

func openPgx(ctx context.Context, dsn, session string, maxConnections int) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, errors.New("storage: a database URL can't be read") // the error would quote it
	}
	// lib/pq's own option, which the server would refuse.
	delete(cfg.ConnConfig.RuntimeParams, "binary_parameters")
	cfg.ConnConfig.RuntimeParams["application_name"] = session
	cfg.MaxConns = int32(min(maxConnections, 1000))
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, errors.New("storage: a database URL can't be used")
	}
	return pool, nil
}
