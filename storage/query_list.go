package storage

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/lib/pq"
)

// A Page says which page of a list is asked for.
type Page struct {
	Cursor Cursor // where it begins, "" for the first page
	Limit  int    // 1 to 500 rows; 0: 50
}

const (
	defaultPage = 50
	maxPage     = 500
	// listWindow is through how many rows in the list's order a page looks for those that match, all
	// accounts together. It bounds a statement's cost: the page ends there, full or not.
	listWindow = 5000
)

func (p Page) rows() int {
	switch {
	case p.Limit < 1:
		return defaultPage
	case p.Limit > maxPage:
		return maxPage
	default:
		return p.Limit
	}
}

// A condition is SQL with a ? for each argument.
type condition struct {
	sql  string
	args []any
}

func where(sql string, args ...any) condition { return condition{sql, args} }

// bindings number the arguments of a statement.
type bindings struct{ args []any }

func (b *bindings) add(v any) string {
	b.args = append(b.args, v)
	return "$" + strconv.Itoa(len(b.args))
}

func (b *bindings) and(conditions ...condition) string {
	var out strings.Builder
	for _, c := range conditions {
		rest := c.sql
		out.WriteString("\n\tAND (")
		for _, v := range c.args {
			before, after, ok := strings.Cut(rest, "?")
			if !ok {
				panic("storage: more arguments than question marks in " + c.sql)
			}
			out.WriteString(before + b.add(v))
			rest = after
		}
		out.WriteString(rest + ")")
	}
	return out.String()
}

// An ordering is a stretch of a list with the keys that order it, all in one direction and together
// unique within one part. Keys are never NULL in it.
type ordering struct {
	where string // which rows stand in it; "" for all
	keys  []orderKey
}

type orderKey struct{ expr, cast string }

// A listPlan is a list in keyset pages. Its parts (accounts, or the one operator) are read one by one
// by the same index and merged, so that a page costs the same however large the tables are.
type listPlan struct {
	name      string // of the list, for its cursors
	filter    any    // for its cursors
	part      string // column that leads the index: t.account_id
	parts     []int64
	from      string // the table in whose order rows come: "payment t"
	joins     string // tables that filters or columns need
	orderings []ordering
	desc      bool
	ranges    []condition // answered by the index, like part and keys
	filters   []condition // looked at row by row
	window    int         // 0: listWindow
}

// A listPosition says behind which keys of which ordering the next page begins.
type listPosition struct {
	Ordering int      `json:"o"`
	Keys     []string `json:"k"`
}

// keyedRow is a row with the keys of its place in the order.
type keyedRow[T any] struct {
	Row  T              `db:"r"`
	Keys pq.StringArray `db:"keys"`
}

// listRows returns a page of the plan's list and the cursor of the next one.
func listRows[T any](ctx context.Context, t *Tx, plan listPlan, page Page) ([]T, Cursor, error) {
	rows := []T{}
	if len(plan.parts) == 0 {
		return rows, "", nil
	}
	var at listPosition
	if page.Cursor != "" {
		if err := t.db.cursors.Open(plan.name, t.scope, plan.filter, page.Cursor, &at); err != nil {
			return nil, "", err
		}
		if at.Ordering < 0 || at.Ordering >= len(plan.orderings) {
			return nil, "", ErrCursor
		}
	}
	next, err := plan.read(ctx, t, at, page.rows(), func(ctx context.Context, query string, args []any) ([]pq.StringArray, error) {
		var found []keyedRow[T]
		if err := t.list(ctx, &found, query, args...); err != nil {
			return nil, err
		}
		keys := make([]pq.StringArray, len(found))
		for i := range found {
			keys[i] = found[i].Keys
			rows = append(rows, found[i].Row)
		}
		return keys, nil
	}, columnsOf[T](false))
	if err != nil {
		return nil, "", fmt.Errorf("storage: list %s: %w", plan.name, err)
	}
	if len(rows) > page.rows() {
		rows = rows[:page.rows()]
	}
	if next == nil {
		return rows, "", nil
	}
	cursor, err := t.db.cursors.Seal(plan.name, t.scope, plan.filter, next)
	return rows, cursor, err
}

type pageReader func(ctx context.Context, query string, args []any) ([]pq.StringArray, error)

// read reads up to limit rows, and one more to see whether there are any, from the position on. It
// returns where the next page begins, nil at the end.
func (p *listPlan) read(ctx context.Context, t *Tx, at listPosition, limit int, rows pageReader, columns []column) (*listPosition, error) {
	left := limit
	for i := at.Ordering; i < len(p.orderings); i++ {
		after := at.Keys
		if i != at.Ordering {
			after = nil
		}
		stop, err := p.stop(ctx, t, i, after, limit)
		if err != nil {
			return nil, err
		}
		query, args := p.statement(i, after, stop, left+1, columns)
		keys, err := rows(ctx, query, args)
		switch {
		case err != nil:
			return nil, err
		case len(keys) > left && left > 0:
			return &listPosition{i, keys[left-1]}, nil
		case len(keys) > left: // the page was full where this ordering begins
			return &listPosition{Ordering: i}, nil
		case stop != nil:
			return &listPosition{i, stop}, nil
		}
		left -= len(keys)
	}
	return nil, nil //nolint:nilnil // nil is the end
}

// stop returns the keys at which the window of rows to look through ends, nil if it holds all.
func (p *listPlan) stop(ctx context.Context, t *Tx, i int, after []string, limit int) ([]string, error) {
	if len(p.filters) == 0 {
		return nil, nil
	}
	window := p.window
	if window == 0 {
		window = listWindow
	}
	// At least twice a page for each part, so that a page fills where nearly all rows match.
	window = max(2*(limit+1), window/len(p.parts))
	var b bindings
	o := p.orderings[i]
	query := `SELECT ` + keyArray(o) + ` AS keys
FROM unnest(` + b.add(pq.Array(p.parts)) + `::bigint[]) AS part(id)
CROSS JOIN LATERAL (
	SELECT ` + keyColumns(o) + `
	FROM ` + p.from + `
	WHERE ` + p.part + ` = part.id` + p.inOrder(&b, o, after, nil) + `
	ORDER BY ` + p.orderBy(o, false) + `
	OFFSET ` + b.add(window-1) + ` LIMIT 1) x
ORDER BY ` + p.orderBy(o, true) + `
LIMIT 1`
	var keys pq.StringArray
	if err := t.get(ctx, &keys, query, b.args...); errors.Is(err, ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	return keys, nil
}

func (p *listPlan) statement(i int, after, stop []string, limit int, columns []column) (string, []any) {
	var b bindings
	o := p.orderings[i]
	outer := make([]string, len(columns))
	for n, c := range columns {
		outer[n] = "x." + c.name + ` AS "r.` + c.name + `"`
	}
	query := `SELECT ` + strings.Join(outer, ", ") + `, ` + keyArray(o) + ` AS keys
FROM unnest(` + b.add(pq.Array(p.parts)) + `::bigint[]) AS part(id)
CROSS JOIN LATERAL (
	SELECT ` + selectList(columns) + `, ` + keyColumns(o) + `
	FROM ` + p.from + ` ` + p.joins + `
	WHERE ` + p.part + ` = part.id` + p.inOrder(&b, o, after, stop) + b.and(p.filters...) + `
	ORDER BY ` + p.orderBy(o, false) + `
	LIMIT ` + b.add(limit) + `) x
ORDER BY ` + p.orderBy(o, true) + `
LIMIT ` + b.add(limit)
	return query, b.args
}

// inOrder bounds the rows of an ordering: behind after, up to stop.
func (p *listPlan) inOrder(b *bindings, o ordering, after, stop []string) string {
	out := b.and(p.ranges...)
	if o.where != "" {
		out += b.and(where(o.where))
	}
	behind, upTo := " > ", " <= "
	if p.desc {
		behind, upTo = " < ", " >= "
	}
	if len(after) == len(o.keys) {
		out += "\n\tAND " + keyTuple(o) + behind + keyValues(b, o, after)
	}
	if len(stop) == len(o.keys) {
		out += "\n\tAND " + keyTuple(o) + upTo + keyValues(b, o, stop)
	}
	return out
}

func (p *listPlan) orderBy(o ordering, outer bool) string {
	parts := make([]string, len(o.keys))
	for i, k := range o.keys {
		parts[i] = k.expr
		if outer {
			parts[i] = "x.k" + strconv.Itoa(i)
		}
		if p.desc {
			parts[i] += " DESC"
		}
	}
	return strings.Join(parts, ", ")
}

// keyTuple is a row of one key as well, whose comparison the planner takes for a plain one.
func keyTuple(o ordering) string {
	parts := make([]string, len(o.keys))
	for i, k := range o.keys {
		parts[i] = k.expr
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

func keyValues(b *bindings, o ordering, values []string) string {
	parts := make([]string, len(o.keys))
	for i, k := range o.keys {
		parts[i] = b.add(values[i]) + "::" + k.cast
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

func keyColumns(o ordering) string {
	parts := make([]string, len(o.keys))
	for i, k := range o.keys {
		parts[i] = k.expr + " AS k" + strconv.Itoa(i)
	}
	return strings.Join(parts, ", ")
}

func keyArray(o ordering) string {
	parts := make([]string, len(o.keys))
	for i := range o.keys {
		parts[i] = "x.k" + strconv.Itoa(i) + "::text"
	}
	return "ARRAY[" + strings.Join(parts, ", ") + "]"
}

var byID = []ordering{{keys: []orderKey{{"t.id", "bigint"}}}}
