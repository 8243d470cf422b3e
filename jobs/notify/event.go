package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ediport/ediport/storage"
)

// An Event is what is told: the body of a webhook, and what a mail is written from. Its fields are
// described in docs/operations.md.
type Event struct {
	ID       string   `json:"id"`    // of the message: the same when it comes twice
	Topic    string   `json:"topic"` // incident.opened, incident.resolved
	SentAt   string   `json:"sent_at"`
	Exchange string   `json:"exchange"` // who runs it
	Incident Incident `json:"incident"`
}

// An Incident is one as it is told outside.
type Incident struct {
	ID             string     `json:"id"`
	Code           string     `json:"code"`
	Sentence       string     `json:"sentence"`
	NextStep       string     `json:"next_step"`
	SubjectKind    string     `json:"subject_kind"` // connection, schedule, file, run, installation
	SubjectID      string     `json:"subject_id"`   // "": the installation
	SubjectName    string     `json:"subject_name"` // of a connection or schedule
	ConnectionName string     `json:"connection_name"`
	RunID          string     `json:"run_id"` // "": none
	FirstAt        time.Time  `json:"first_at"`
	LastAt         time.Time  `json:"last_at"`
	Count          int        `json:"count"`
	ResolvedAt     *time.Time `json:"resolved_at"` // null: it goes on
	URL            string     `json:"url"`         // "": no portal is configured
}

// publicKinds are the kinds of the subjects' ids.
var publicKinds = map[string]string{
	storage.SubjectConnection: storage.PublicConnection, storage.SubjectSchedule: storage.PublicSchedule,
	storage.SubjectFile: storage.PublicFile, storage.SubjectRun: storage.PublicRun,
}

// event loads what a message tells; nil if there is nothing to tell any more.
func (n *Notifier) event(ctx context.Context, notice storage.Notice) (*Event, error) {
	if notice.Topic != storage.TopicIncidentOpened && notice.Topic != storage.TopicIncidentResolved {
		n.cfg.Log.Warn("notice of an unknown topic is cancelled", "notice_id", n.name(notice), "topic", notice.Topic)
		return nil, nil //nolint:nilnil // nothing to tell
	}
	var payload storage.IncidentNotice
	if err := json.Unmarshal(notice.Payload, &payload); err != nil {
		n.cfg.Log.Error("notice with a broken payload is cancelled", "notice_id", n.name(notice))
		return nil, nil //nolint:nilerr,nilnil // it can't be told, now or later
	}
	var found *storage.Incident
	err := n.inSystem(ctx, func(tx *storage.Tx) (err error) {
		found, err = tx.IncidentOf(ctx, notice.Operator, payload.Incident)
		return err
	})
	if errors.Is(err, storage.ErrNotFound) {
		return nil, nil //nolint:nilnil // nothing to tell
	}
	if err != nil {
		return nil, fmt.Errorf("notify: %w", err)
	}
	return n.describe(notice, found), nil
}

func (n *Notifier) describe(notice storage.Notice, i *storage.Incident) *Event {
	ids := n.cfg.DB.PublicIDs()
	sentence, next := n.cfg.Explain(i.Code)
	e := &Event{
		ID: n.name(notice), Topic: notice.Topic, Exchange: n.cfg.Name,
		SentAt: n.cfg.DB.Now().UTC().Format(time.RFC3339),
		Incident: Incident{
			ID: ids.Format(storage.PublicIncident, i.ID), Code: i.Code, Sentence: sentence, NextStep: next,
			SubjectKind: i.SubjectKind, SubjectName: i.SubjectName, ConnectionName: i.ConnectionName,
			RunID: ids.Format(storage.PublicRun, int64(i.Run)), FirstAt: i.FirstAt.UTC(), LastAt: i.LastAt.UTC(), Count: i.Count,
		},
	}
	if kind, ok := publicKinds[i.SubjectKind]; ok {
		e.Incident.SubjectID = ids.Format(kind, i.SubjectID)
	}
	if i.ResolvedAt != nil {
		at := i.ResolvedAt.UTC()
		e.Incident.ResolvedAt = &at
	}
	if n.cfg.Portal != "" {
		e.Incident.URL = strings.TrimSuffix(n.cfg.Portal, "/") + "/incidents/" + e.Incident.ID
	}
	return e
}
