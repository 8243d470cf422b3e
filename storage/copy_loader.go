package storage

import (
	"bytes"
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"unsafe"
)

const (
	// roundBytes is what a loader collects before it writes a round: about 10,000 claims with their
	// lines and adjustments. Memory stays at this, whatever the size of the file.
	roundBytes = 4 << 20
	// chunkBytes keeps a chunk with its header and line end inside the driver's buffer of 64 KiB.
	chunkBytes = 63*1024 + 512
)

// A Loader writes the rows of one load by COPY, all in the load's transaction. Rows are encoded at
// once into one buffer a table; when the buffers hold a round, each table gets one COPY, in the background, while the next
// round is encoded into a second set of buffers. Statements of the same transaction wait for it by themselves. A Loader is for
// one goroutine, and Flush ends it. After an error it takes no more rows.
type Loader struct {
	// BeforeRound, if set, is called before a round is written, when the connection is free: for rows that need a statement
	// of their own, which would otherwise wait for the COPY under way. It may add rows.
	BeforeRound func(context.Context) error

	tx      *LoadTx
	tables  [loadTables]tableBuf
	other   [loadTables]tableBuf // being written, or empty
	writing chan error           // of the round being written; nil: none is
	ending  bool                 // within BeforeRound
	ids     *IDBlock
	limit   int
	size    int
	start   int // of the row being written
	rows    int64
	err     error
}

// Loader returns a loader in the transaction; there is one at a time.
func (t *LoadTx) Loader() *Loader {
	t.waitLong()
	l := &Loader{tx: t, ids: t.db.ids.Block(), limit: roundBytes}
	for i := range l.tables {
		l.tables[i].table, l.other[i].table = i, i
	}
	t.settle = l.wait
	return l
}

// NewID returns the next id of the kind for a row of this load.
func (l *Loader) NewID(ctx context.Context, kind IDKind) (int64, error) { return l.ids.Next(ctx, kind) }

// Rows returns the number of rows added so far.
func (l *Loader) Rows() int64 { return l.rows }

// Unfit returns how many numbers were left out (NULL) because their column can't keep them exactly.
func (l *Loader) Unfit() int {
	n := 0
	for i := range l.tables {
		n += l.tables[i].unfit + l.other[i].unfit
	}
	return n
}

func (l *Loader) begin(table int) *tableBuf {
	b := &l.tables[table]
	l.start = len(b.buf)
	return b
}

func (l *Loader) end(ctx context.Context, b *tableBuf) error {
	b.endRow()
	l.rows++
	l.size += len(b.buf) - l.start
	if b.err != nil && l.err == nil {
		l.err = b.err
	}
	if l.err != nil {
		return l.err
	}
	if l.size >= l.limit && !l.ending {
		return l.round(ctx)
	}
	return nil
}

// Flush writes what is collected, and returns when it is written. Rows are checked by Postgres only in their round: an error
// speaks of the row it names or of one before it.
func (l *Loader) Flush(ctx context.Context) error {
	if err := l.round(ctx); err != nil {
		return err
	}
	return l.wait()
}

// round begins to write what is collected.
func (l *Loader) round(ctx context.Context) error {
	if err := l.wait(); err != nil {
		return err
	}
	if l.BeforeRound != nil {
		l.ending = true
		err := l.BeforeRound(ctx)
		l.ending = false
		if err != nil {
			if l.err == nil {
				l.err = err
			}
			return l.err
		}
	}
	l.tables, l.other = l.other, l.tables
	l.size = 0
	writing := make(chan error, 1)
	l.writing = writing
	go func() { writing <- l.write(ctx) }()
	return nil
}

// write copies the other buffers, table by table.
func (l *Loader) write(ctx context.Context) error {
	for i := range l.other {
		b := &l.other[i]
		if b.rows == 0 {
			continue
		}
		if err := l.tx.copyRows(ctx, copyStatements[i], b.buf); err != nil {
			return fmt.Errorf("storage: load %s: %w", loadTableNames[i], describeCopy(err, b.rows))
		}
		b.buf, b.rows = b.buf[:0], 0
	}
	return nil
}

// wait returns when no round is being written any more.
func (l *Loader) wait() error {
	if l.writing != nil {
		err := <-l.writing
		l.writing = nil
		if l.err == nil {
			l.err = err
		}
	}
	return l.err
}

func describeCopy(err error, rows int) error {
	var e *Error
	if errors.As(err, &e) && e.Line > 0 {
		return fmt.Errorf("row %d of %d in this round, or before: %w", e.Line, rows, err)
	}
	return fmt.Errorf("one of %d rows in this round: %w", rows, err)
}

// copyData is the driver's COPY statement.
type copyData interface {
	driver.Stmt
	CopyData(ctx context.Context, line string) (driver.Result, error)
}

// copyRows sends rows, each ended by a line end, through the driver's own connection: the statement's
// CopyData takes raw chunks, which database/sql can't reach.
func (t *LoadTx) copyRows(ctx context.Context, statement string, rows []byte) error {
	var failure error
	// Raw is never told of a failure: at a broken connection it would wait for the transaction to end, which waits for us.
	err := t.conn.Raw(func(c any) error {
		failure = copyTo(ctx, c, statement, rows)
		return nil
	})
	err = cmp.Or(err, failure)
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx) // the transaction is gone with its context; what the driver says of that tells nobody anything
	}
	return cleanError(err)
}

func copyTo(ctx context.Context, c any, statement string, rows []byte) (err error) {
	// The transaction is rolled back when its context ends, and the connection lives on: what is copied then would stay.
	// While Raw runs the rollback waits, so it is enough to look once.
	if err := ctx.Err(); err != nil {
		return err
	}
	conn, ok := c.(driver.Conn)
	if !ok {
		return errors.New("the driver gives no connection")
	}
	stmt, err := conn.Prepare(statement)
	if err != nil {
		return err
	}
	copying, ok := stmt.(copyData)
	if !ok {
		_ = stmt.Close()
		return errors.New("the driver can't COPY raw chunks")
	}
	defer func() {
		if closeErr := stmt.Close(); err == nil {
			err = closeErr
		}
	}()
	if err := sendChunks(ctx, copying, rows); err != nil {
		return err
	}
	_, err = copying.Exec(nil) //nolint:staticcheck // the only call that reports the last rows' errors
	return err
}

// sendChunks cuts at row ends; CopyData adds the chunk's last line end itself.
func sendChunks(ctx context.Context, stmt copyData, rows []byte) error {
	for len(rows) > 0 {
		n := len(rows)
		if n > chunkBytes {
			n = bytes.LastIndexByte(rows[:chunkBytes], '\n') + 1
			if n == 0 { // one row longer than a chunk
				n = bytes.IndexByte(rows, '\n') + 1
			}
		}
		chunk := rows[:n-1]
		if _, err := stmt.CopyData(ctx, unsafe.String(unsafe.SliceData(chunk), len(chunk))); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}
