package storage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/lib/pq"
)

// A FileItem is a file as lists and pages show it. What speaks of all its accounts, or of the partner's
// side, is empty for users of accounts.
type FileItem struct {
	OperatorID     OperatorID   `db:"operator_id" json:"-"`
	ID             FileID       `db:"id" public:"fil"`
	Direction      string       `db:"direction"`
	Kind           string       `db:"kind"`
	Source         string       `db:"source"`
	Name           string       `db:"name"`
	ParentFileID   FileID       `db:"parent_file_id" public:"fil"` // 0: it came by itself
	PartnerID      PartnerID    `db:"partner_id" public:"prt"`
	PartnerName    string       `db:"partner_name" sql:"p.name"`
	ConnectionID   ConnectionID `db:"connection_id" public:"con"`
	ConnectionName string       `db:"connection_name" sql:"c.name"`
	RunID          RunID        `db:"run_id" public:"run"`
	State          string       `db:"state"`
	StateReason    string       `db:"state_reason"` // a code; "": the state speaks for itself
	StateAt        time.Time    `db:"state_at"`
	Attempt        int          `db:"attempt"`
	Size           int64        `db:"size"`
	SHA256         string       `db:"sha256" sql:"encode(t.sha256, 'hex')"`
	ReceivedAt     time.Time    `db:"received_at"`
	RemotePath     string       `db:"remote_path"`
	Counts         JSON         `db:"counts"`
}

// narrow takes away what a user of an account must not know of his neighbours.
func (f *FileItem) narrow(s Scope) {
	if s.Operator != 0 {
		return
	}
	f.PartnerID, f.ConnectionID, f.RunID, f.ParentFileID, f.RemotePath, f.Counts, f.SHA256 = 0, 0, 0, 0, "", "", ""
	f.Size = 0
}

// A FileFilter selects files; zero fields select all.
type FileFilter struct {
	States       []string
	Name         string // beginning of the name
	Connection   ConnectionID
	Partner      PartnerID
	Run          RunID     // that brought them
	Direction    string    // in, out
	ReceivedFrom time.Time // half-open
	ReceivedTo   time.Time
	SHA256       string // hex, of the whole or its beginning
}

const fileJoins = `
	LEFT JOIN partner p ON p.operator_id = t.operator_id AND p.id = t.partner_id
	LEFT JOIN connection c ON c.operator_id = t.operator_id AND c.id = t.connection_id`

// fileWindow is larger than other lists': files are few, and they are looked for by name or hash.
const fileWindow = 20_000

var byReceived = []ordering{{keys: []orderKey{{"t.received_at", "timestamptz"}, {"t.id", "bigint"}}}}

// Files returns the files that match, newest first: all of the operator's, or for users of accounts
// those that hold sets of theirs.
func (db *DB) Files(ctx context.Context, scope Scope, f FileFilter, page Page) ([]FileItem, Cursor, error) {
	filters, ranges, err := f.conditions(scope)
	if err != nil {
		return nil, "", err
	}
	if scope.Operator == 0 {
		return db.accountFiles(ctx, scope, f, append(filters, ranges...), page)
	}
	return plainList[FileItem](ctx, db, scope, listPlan{
		name: "files", filter: f, part: "t.operator_id", parts: scope.operatorParts(), from: "file t", joins: fileJoins,
		orderings: byReceived, desc: true, ranges: ranges, filters: filters, window: fileWindow,
	}, page)
}

func (f FileFilter) conditions(scope Scope) (filters, ranges []condition, err error) {
	if len(f.States) > 0 {
		filters = append(filters, where("t.state = ANY (?::text[])", pq.Array(f.States)))
	}
	filters = append(filters, prefixRange("t.name", f.Name)...)
	if f.Direction != "" {
		filters = append(filters, where("t.direction = ?", f.Direction))
	}
	if f.Connection != 0 && scope.Operator != 0 {
		filters = append(filters, where("t.connection_id = ?", f.Connection))
	}
	if f.Partner != 0 && scope.Operator != 0 {
		filters = append(filters, where("t.partner_id = ?", f.Partner))
	}
	if f.Run != 0 && scope.Operator != 0 {
		filters = append(filters, where("t.run_id = ?", f.Run))
	}
	// A beginning of a hash is for the operator: an account could find out the rest of it, bit by bit.
	if f.SHA256 != "" {
		first, last, err := hashRange(f.SHA256)
		if err != nil || scope.Operator == 0 && len(f.SHA256) < 2*sha256.Size {
			return []condition{where("false")}, nil, nil //nolint:nilerr // what is no hash matches nothing
		}
		filters = append(filters, where("t.sha256 >= ?::bytea", first), where("t.sha256 <= ?::bytea", last))
	}
	if !f.ReceivedFrom.IsZero() {
		ranges = append(ranges, where("t.received_at >= ?", f.ReceivedFrom))
	}
	if !f.ReceivedTo.IsZero() {
		ranges = append(ranges, where("t.received_at < ?", f.ReceivedTo))
	}
	return filters, ranges, nil
}

// hashRange returns the first and the last SHA-256 that begin as the text in hex.
func hashRange(text string) (first, last []byte, err error) {
	missing := 2*sha256.Size - len(text)
	if missing < 0 {
		return nil, nil, hex.ErrLength
	}
	if first, err = hex.DecodeString(text + strings.Repeat("0", missing)); err != nil {
		return nil, nil, err
	}
	last, err = hex.DecodeString(text + strings.Repeat("f", missing))
	return first, last, err
}

// accountFileIDs jumps from file to file of the accounts, newest first, however many sets each holds.
const accountFileIDs = `
WITH RECURSIVE own AS (
	SELECT (SELECT max(n.file_id) FROM unnest($1::bigint[]) AS part(id) CROSS JOIN LATERAL (
		SELECT a.file_id FROM transaction_set_account a
		WHERE a.account_id = part.id AND a.file_id < $2::bigint
		ORDER BY a.file_id DESC LIMIT 1) n) AS file_id, 1 AS no
	UNION ALL
	SELECT (SELECT max(n.file_id) FROM unnest($1::bigint[]) AS part(id) CROSS JOIN LATERAL (
		SELECT a.file_id FROM transaction_set_account a
		WHERE a.account_id = part.id AND a.file_id < own.file_id
		ORDER BY a.file_id DESC LIMIT 1) n), own.no + 1
	FROM own
	WHERE own.file_id IS NOT NULL AND own.no < $3::int
)
SELECT file_id
FROM own
WHERE file_id IS NOT NULL
ORDER BY file_id DESC`

// accountFiles is the list of users of accounts, by the files' own ids: a stretch of the accounts'
// files is looked through, and the page ends with it.
func (db *DB) accountFiles(ctx context.Context, scope Scope, f FileFilter, conditions []condition, page Page) (rows []FileItem, next Cursor, err error) {
	err = db.InScopeRead(ctx, scope, func(t *Tx) error {
		rows, next, err = t.accountFiles(ctx, f, conditions, page)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	return rows, next, nil
}

const accountFileStretch = 1000

func (t *Tx) accountFiles(ctx context.Context, f FileFilter, conditions []condition, page Page) ([]FileItem, Cursor, error) {
	before := int64(1<<63 - 1)
	if page.Cursor != "" {
		if err := t.db.cursors.Open("files", t.scope, f, page.Cursor, &before); err != nil {
			return nil, "", err
		}
	}
	stretch := accountFileStretch
	if len(conditions) == 0 {
		stretch = page.rows() + 1
	}
	var ids []int64
	if err := t.list(ctx, &ids, accountFileIDs, t.scope.accountArray(), before, stretch); err != nil {
		return nil, "", fmt.Errorf("storage: list files: %w", err)
	}
	rows := []FileItem{}
	var b bindings
	query := `SELECT ` + selectList(columnsOf[FileItem](false)) + ` FROM file t` + fileJoins + `
WHERE t.id = ANY (` + b.add(pq.Array(ids)) + `::bigint[])` + b.and(append(conditions, t.ownFile("t.operator_id", "t.id"))...) + `
ORDER BY t.id DESC
LIMIT ` + b.add(page.rows()+1)
	if err := t.list(ctx, &rows, query, b.args...); err != nil {
		return nil, "", fmt.Errorf("storage: list files: %w", err)
	}
	for i := range rows {
		rows[i].narrow(t.scope)
	}
	var last int64
	switch {
	case len(rows) > page.rows():
		rows = rows[:page.rows()]
		last = int64(rows[len(rows)-1].ID)
	case len(ids) == stretch:
		last = ids[len(ids)-1]
	default:
		return rows, "", nil
	}
	next, err := t.db.cursors.Seal("files", t.scope, f, last)
	return rows, next, err
}

// ownFile says that a file is the scope's to see: the operator's, or one with a set of its accounts.
func (t *Tx) ownFile(operator, file string) condition {
	return t.own(operator, "a.file_id = "+file)
}

// own says that an exchange row is the scope's to see. match ties it to a row a of transaction_set_account.
func (t *Tx) own(operator, match string) condition {
	if t.scope.Operator != 0 {
		return where(operator+" = ?", t.scope.Operator)
	}
	return where(`EXISTS (SELECT 1 FROM transaction_set_account a WHERE a.account_id = ANY (?::bigint[]) AND a.operator_id = `+operator+` AND `+match+`)`,
		t.scope.accountArray())
}

// operatorOfFile returns the operator of a file that the scope may see: it leads the keys of all that
// hangs below the file.
func (t *Tx) operatorOfFile(ctx context.Context, file FileID) (operator OperatorID, err error) {
	if t.scope.Operator != 0 {
		err = t.get(ctx, &operator, `SELECT operator_id FROM file WHERE operator_id = $1 AND id = $2`, t.scope.Operator, file)
	} else {
		err = t.get(ctx, &operator, `SELECT operator_id FROM transaction_set_account WHERE account_id = ANY ($1::bigint[]) AND file_id = $2 LIMIT 1`,
			t.scope.accountArray(), file)
	}
	if err != nil {
		return 0, fmt.Errorf("storage: file: %w", err)
	}
	return operator, nil
}

func (t *Tx) fileItem(ctx context.Context, file FileID) (FileItem, error) {
	operator, err := t.operatorOfFile(ctx, file)
	if err != nil {
		return FileItem{}, err
	}
	f, err := detailOf[FileItem](ctx, t, "file", "file t"+fileJoins, "t.operator_id = $1 AND t.id = $2", operator, file)
	f.narrow(t.scope)
	return f, err
}
