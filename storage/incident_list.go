package storage

import (
	"context"
	"fmt"
	"strings"
)

const incidentColumns = `i.operator_id, i.id, i.subject_kind, i.subject_id, i.code, i.source, coalesce(i.connection_id, 0) AS connection_id,
	coalesce(i.run_id, 0) AS run_id, i.first_at, i.last_at, i.count, i.acknowledged_at, coalesce(i.acknowledged_by, 0) AS acknowledged_by,
	i.resolved_at, coalesce(i.resolved_by, 0) AS resolved_by, coalesce(c.name, '') AS connection_name,
	coalesce(CASE i.subject_kind WHEN 'connection' THEN c.name WHEN 'schedule' THEN s.name END, '') AS subject_name`

const incidentTables = `
FROM incident i
LEFT JOIN connection c ON c.operator_id = i.operator_id AND c.id = i.connection_id
LEFT JOIN schedule s ON s.operator_id = i.operator_id AND i.subject_kind = 'schedule' AND s.id = i.subject_id`

const (
	selectIncident = `SELECT ` + incidentColumns + incidentTables + `
WHERE i.operator_id = $1 AND i.id = $2`

	selectIncidents = `SELECT ` + incidentColumns + incidentTables + `
WHERE i.operator_id = $1`

	countOpenIncidents = `SELECT count(*) FROM incident WHERE operator_id = $1 AND resolved_at IS NULL`
)

// An IncidentFilter selects incidents; zero fields select all.
type IncidentFilter struct {
	Subject        *Subject     // nil: of any
	Connection     ConnectionID //
	Open           bool         // only those that go on
	Unacknowledged bool         // only those that nobody looks after
	Limit          int          // 1 to 500; 0: 50
}

type incidentPosition struct {
	ID int64 `json:"id"`
}

// Incident returns one incident of the scope's operator; ErrNotFound.
func (t *Tx) Incident(ctx context.Context, id int64) (*Incident, error) {
	return t.IncidentOf(ctx, t.scope.Operator, id)
}

// IncidentOf is Incident for a transaction of InSystem.
func (t *Tx) IncidentOf(ctx context.Context, operator OperatorID, id int64) (*Incident, error) {
	i := &Incident{}
	if err := t.get(ctx, i, selectIncident, operator, id); err != nil {
		return nil, fmt.Errorf("storage: incident: %w", err)
	}
	return i, nil
}

// OpenIncidents counts the operator's incidents that go on.
func (t *Tx) OpenIncidents(ctx context.Context) (int, error) {
	var n int
	if err := t.get(ctx, &n, countOpenIncidents, t.scope.Operator); err != nil {
		return 0, fmt.Errorf("storage: incidents: %w", err)
	}
	return n, nil
}

// Incidents returns the operator's incidents that match, newest first, and the cursor of the next
// page, "" at the end.
func (t *Tx) Incidents(ctx context.Context, f IncidentFilter, cursor Cursor) ([]Incident, Cursor, error) {
	limit := f.Limit
	if limit < 1 || limit > 500 {
		limit = 50
	}
	f.Limit = 0 // a page link keeps fitting when the page's length changes
	query, args := incidentsQuery(t.scope.Operator, f)
	if cursor != "" {
		var at incidentPosition
		if err := t.db.cursors.Open("incidents", t.scope, f, cursor, &at); err != nil {
			return nil, "", err
		}
		args = append(args, at.ID)
		query += fmt.Sprintf(" AND i.id < $%d", len(args))
	}
	args = append(args, limit+1)
	query += fmt.Sprintf(" ORDER BY i.id DESC LIMIT $%d", len(args))
	all := []Incident{}
	if err := t.list(ctx, &all, query, args...); err != nil {
		return nil, "", fmt.Errorf("storage: incidents: %w", err)
	}
	if len(all) <= limit {
		return all, "", nil
	}
	all = all[:limit]
	next, err := t.db.cursors.Seal("incidents", t.scope, f, incidentPosition{ID: all[limit-1].ID})
	return all, next, err
}

func incidentsQuery(operator OperatorID, f IncidentFilter) (string, []any) {
	query, args := selectIncidents, []any{operator}
	where := func(condition string, value any) {
		args = append(args, value)
		query += fmt.Sprintf(" AND "+condition, len(args))
	}
	if f.Subject != nil {
		where("i.subject_kind = $%d", f.Subject.Kind)
		where("i.subject_id = $%d", f.Subject.ID)
	}
	if f.Connection != 0 {
		where("i.connection_id = $%d", f.Connection)
	}
	if f.Open {
		query += " AND i.resolved_at IS NULL"
	}
	if f.Unacknowledged {
		query += " AND i.acknowledged_at IS NULL"
	}
	return query, args
}

func joined(words []string) string { return strings.Join(words, ",") }
