package storage

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// pingTime is for the answer of a connection that was idle.
const pingTime = 5 * time.Second

// DirectPool opens a pool for River, which speaks pgx: around any connection pooler, as the loader.
// Everything else goes through [DB]. The caller closes it.
func (db *DB) DirectPool(ctx context.Context, maxConnections int) (*pgxpool.Pool, error) {
	return openPgx(ctx, db.DirectURL(), db.session, maxConnections, queuePatience, db.log)
}

// openPgx opens a pool of the queue's driver. Its limits are contexts; only what has none needs patience.
func openPgx(ctx context.Context, dsn, session string, maxConnections int, patience time.Duration, log *slog.Logger) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, errors.New("storage: a database URL can't be read") // the error would quote it
	}
	// lib/pq's own option, which the server would refuse.
	delete(cfg.ConnConfig.RuntimeParams, "binary_parameters")
	cfg.ConnConfig.RuntimeParams["application_name"] = session
	cfg.MaxConns = int32(min(maxConnections, 1000))
	set := newWires(log)
	cfg.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dialWire(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return set.add(newWire(conn, set, patience)), nil
	}
	if cfg.ConnConfig.ConnectTimeout == 0 || cfg.ConnConfig.ConnectTimeout > connectPatience {
		cfg.ConnConfig.ConnectTimeout = connectPatience
	}
	cfg.PingTimeout = pingTime
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, errors.New("storage: a database URL can't be used")
	}
	return pool, nil
}
