package accounts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ediport/ediport/storage"
)

// AuditPerson returns whose user id it is; -1, which finds nothing, if nobody's.
func (s *Service) AuditPerson(ctx context.Context, login string) (storage.UserID, error) {
	user, err := s.store.UserByLogin(ctx, login)
	if errors.Is(err, storage.ErrNotFound) {
		return -1, nil
	}
	return user, err
}

// AuditObject returns kind and row id of a public id, as the audit calls them; "" and 0 if it is none.
func (s *Service) AuditObject(public string) (kind string, id int64) {
	prefix, _, _ := strings.Cut(public, "_")
	for _, kind := range slices.Sorted(maps.Keys(auditKinds)) {
		if auditKinds[kind] != prefix {
			continue
		}
		if id, err := s.db.PublicIDs().Parse(prefix, public); err == nil {
			return kind, id
		}
	}
	return "", 0
}

// An AuditedPerson is the head of the report of somebody's activity.
type AuditedPerson struct {
	Login, Name string
	State       string
	LastSignIn  time.Time // zero: never
}

// AuditedPerson returns a person of whom the principal's audit tells something; storage.ErrNotFound of others.
func (s *Service) AuditedPerson(ctx context.Context, p *Principal, user storage.UserID) (AuditedPerson, error) {
	events, _, err := s.db.AuditEvents(ctx, p.Scope(ViewAudit), storage.AuditFilter{Person: user}, storage.Page{Limit: 1})
	if err != nil {
		return AuditedPerson{}, fmt.Errorf("accounts: %w", err)
	}
	if len(events) == 0 {
		return AuditedPerson{}, fmt.Errorf("accounts: person: %w", storage.ErrNotFound)
	}
	row, _, err := s.store.User(ctx, user)
	if err != nil {
		return AuditedPerson{}, fmt.Errorf("accounts: %w", err)
	}
	person := AuditedPerson{Login: row.Login, Name: row.Name, State: row.State}
	if row.LastSignInAt != nil {
		person.LastSignIn = *row.LastSignInAt
	}
	return person, nil
}

// AuditWords returns what an event's detail says, a few words each, without ids.
func AuditWords(r AuditRecord) []string {
	var fields map[string]any
	if json.Unmarshal(r.Detail, &fields) != nil {
		return nil
	}
	var words []string
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if text := wordsOf(fields[key]); text != "" && key != "ids" && key != "id" && !strings.HasSuffix(key, "_id") {
			words = append(words, strings.ReplaceAll(key, "_", " ")+": "+text)
		}
	}
	return words
}

func wordsOf(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case bool, float64:
		return fmt.Sprint(v)
	case []any:
		var parts []string
		for _, one := range v {
			if text := wordsOf(one); text != "" {
				parts = append(parts, text)
			}
		}
		return strings.Join(parts, ", ")
	}
	return ""
}
