package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"
)

// The kinds of things that incidents are about.
const (
	SubjectConnection   = "connection"
	SubjectSchedule     = "schedule"
	SubjectFile         = "file"
	SubjectRun          = "run"
	SubjectInstallation = "installation"
)

// A Subject is what an incident is about.
type Subject struct {
	Kind string
	ID   int64 // 0: the installation
}

// OfConnection returns a connection as a subject.
func OfConnection(id ConnectionID) Subject { return Subject{SubjectConnection, int64(id)} }

// OfSchedule returns a schedule as a subject.
func OfSchedule(id ScheduleID) Subject { return Subject{SubjectSchedule, int64(id)} }

// OfFile returns a file as a subject.
func OfFile(id FileID) Subject { return Subject{SubjectFile, int64(id)} }

// An Incident is something that goes wrong, from its first failure to the success that ends it.
type Incident struct {
	Operator       OperatorID   `db:"operator_id"`
	ID             int64        `db:"id"`
	SubjectKind    string       `db:"subject_kind"`    //
	SubjectID      int64        `db:"subject_id"`      // 0: the installation
	SubjectName    string       `db:"subject_name"`    // of a connection or schedule that is still there; never a file's
	Code           string       `db:"code"`            // of the error table
	Source         string       `db:"source"`          // pull, push, ingest, schedule, watch
	Connection     ConnectionID `db:"connection_id"`   // 0: of none
	ConnectionName string       `db:"connection_name"` // "": of none, or it is not there any more
	Run            RunID        `db:"run_id"`          // the latest that met it; 0: none
	FirstAt        time.Time    `db:"first_at"`        //
	LastAt         time.Time    `db:"last_at"`         //
	Count          int          `db:"count"`           // how often it was met
	AcknowledgedAt *time.Time   `db:"acknowledged_at"` // nil: nobody has said that they look after it
	AcknowledgedBy UserID       `db:"acknowledged_by"` // 0: nobody, or the command line
	ResolvedAt     *time.Time   `db:"resolved_at"`     // nil: open
	ResolvedBy     UserID       `db:"resolved_by"`     // 0: by itself, or the command line
}

// Subject returns what the incident is about.
func (i *Incident) Subject() Subject { return Subject{i.SubjectKind, i.SubjectID} }

// Open tells whether it goes on.
func (i *Incident) Open() bool { return i.ResolvedAt == nil }

// A Raise says what went wrong with a subject.
type Raise struct {
	Code       string       // of the error table
	Source     string       // what found it; a success of the same source ends it
	Run        RunID        // 0: no run met it
	Connection ConnectionID // 0: of none, or the subject is one
}

const (
	raiseIncident = `
INSERT INTO incident (operator_id, id, subject_kind, subject_id, code, source, connection_id, run_id, first_at, last_at)
VALUES ($1, $2, $3, $4, $5, $6, nullif($7::bigint, 0), nullif($8::bigint, 0), now(), now())
ON CONFLICT (operator_id, subject_kind, subject_id, code) WHERE resolved_at IS NULL
DO UPDATE SET last_at = now(), count = incident.count + 1, run_id = coalesce(excluded.run_id, incident.run_id)
RETURNING id`

	resolveIncidents = `
UPDATE incident SET resolved_at = now()
WHERE operator_id = $1 AND subject_kind = $2 AND subject_id = $3 AND resolved_at IS NULL
	AND ($4::text = '' OR source = ANY (string_to_array($4, ',')))
RETURNING id`
)

// RaiseIncident notes that something went wrong, in the transaction of what went wrong. The first time
// it opens an incident and puts the notices of it into the outbox; while that is open, the next times
// only count. It returns the incident's id and whether it is new.
func (t *Tx) RaiseIncident(ctx context.Context, operator OperatorID, subject Subject, r Raise) (int64, bool, error) {
	fresh, err := t.NewID(ctx, IDIncident)
	if err != nil {
		return 0, false, fmt.Errorf("storage: incident: %w", err)
	}
	if subject.Kind == SubjectConnection {
		r.Connection = ConnectionID(subject.ID)
	}
	var id int64
	err = t.get(ctx, &id, raiseIncident, operator, fresh, subject.Kind, subject.ID, r.Code, r.Source, r.Connection, r.Run)
	if err != nil {
		return 0, false, fmt.Errorf("storage: incident: %w", err)
	}
	if id != fresh {
		return id, false, nil
	}
	return id, true, t.notice(ctx, operator, TopicIncidentOpened, id)
}

// ResolveIncidents ends the subject's open incidents that one of the sources found, of all sources if
// none is named, and returns how many. Those to whom the beginning was told are told the end.
func (t *Tx) ResolveIncidents(ctx context.Context, operator OperatorID, subject Subject, sources ...string) (int, error) {
	ids := []int64{}
	if err := t.list(ctx, &ids, resolveIncidents, operator, subject.Kind, subject.ID, joined(sources)); err != nil {
		return 0, fmt.Errorf("storage: incidents: %w", err)
	}
	for _, id := range ids {
		if err := t.notice(ctx, operator, TopicIncidentResolved, id); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

// The topics of notices about incidents.
const (
	TopicIncidentOpened   = "incident.opened"
	TopicIncidentResolved = "incident.resolved"
)

// An IncidentNotice is the payload of a notice about an incident. What it says is looked up when it
// is sent.
type IncidentNotice struct {
	Incident int64 `json:"incident_id"`
}

// notice puts what happened to an incident into the outbox, once for each way to tell.
func (t *Tx) notice(ctx context.Context, operator OperatorID, topic string, incident int64) error {
	for _, kind := range []string{MessageMail, MessageWebhook} {
		err := t.send(ctx, operator, Message{Kind: kind, Topic: topic, Payload: IncidentNotice{incident}})
		if err != nil {
			return err
		}
	}
	return nil
}

const (
	acknowledgeIncident = `
UPDATE incident SET acknowledged_at = now(), acknowledged_by = nullif($3::bigint, 0)
WHERE operator_id = $1 AND id = $2 AND acknowledged_at IS NULL AND resolved_at IS NULL`

	closeIncident = `
UPDATE incident SET resolved_at = now(), resolved_by = nullif($3::bigint, 0)
WHERE operator_id = $1 AND id = $2 AND resolved_at IS NULL`
)

// AcknowledgeIncident notes that the person who acts looks after an incident. One that is over, or
// acknowledged before, is ErrConflict.
func (t *Tx) AcknowledgeIncident(ctx context.Context, id int64) error {
	return t.changeIncident(ctx, acknowledgeIncident, id)
}

// CloseIncident ends an incident by a person's word; one that is over is ErrConflict. If it goes on,
// it is opened anew.
func (t *Tx) CloseIncident(ctx context.Context, id int64) error {
	return t.changeIncident(ctx, closeIncident, id)
}

func (t *Tx) changeIncident(ctx context.Context, query string, id int64) error {
	var by int64
	if t.scope.Actor.Kind == ActorUser {
		by = t.scope.Actor.ID
	}
	n, err := t.exec(ctx, query, t.scope.Operator, id, by)
	if err == nil && n == 0 {
		if _, err = t.Incident(ctx, id); err == nil {
			err = ErrConflict
		}
	}
	if err != nil {
		return fmt.Errorf("storage: incident: %w", err)
	}
	return nil
}

// stillFailing is which of a set of subjects have an open incident: what lists show beside a row.
const stillFailing = `
SELECT DISTINCT ON (subject_id) subject_id, code
FROM incident
WHERE operator_id = $1 AND subject_kind = $2 AND subject_id = ANY ($3) AND resolved_at IS NULL
ORDER BY subject_id, id DESC`

// OpenIncidentCodes returns for each of the subjects of a kind that has an open incident the newest
// one's code.
func (t *Tx) OpenIncidentCodes(ctx context.Context, kind string, ids []int64) (map[int64]string, error) {
	rows := []struct {
		ID   int64  `db:"subject_id"`
		Code string `db:"code"`
	}{}
	if err := t.list(ctx, &rows, stillFailing, t.scope.Operator, kind, pq.Array(ids)); err != nil {
		return nil, fmt.Errorf("storage: incidents: %w", err)
	}
	codes := make(map[int64]string, len(rows))
	for _, r := range rows {
		codes[r.ID] = r.Code
	}
	return codes, nil
}
