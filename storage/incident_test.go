package storage

import (
	"errors"
	"testing"
	"time"
)

// waiting returns the topics of the messages that wait, oldest first.
func waiting(t *testing.T, db *DB) []Notice {
	t.Helper()
	return ownerRows[Notice](t, db, `SELECT operator_id, id, kind, topic, payload, attempts, due_at FROM outbox WHERE state = 'waiting' ORDER BY id`)
}

func TestIncidents(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	ctx, scope := t.Context(), Scope{Operator: w.operator, Actor: Actor{Kind: ActorUser, ID: 77}}
	subject := OfConnection(4711)
	raise := func(code, source string) (id int64, fresh bool) {
		t.Helper()
		err := db.InScope(ctx, scope, func(tx *Tx) (err error) {
			id, fresh, err = tx.RaiseIncident(ctx, w.operator, subject, Raise{Code: code, Source: source, Run: 12})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return id, fresh
	}
	first, fresh := raise("transfer.timeout", "pull")
	if !fresh {
		t.Error("the first failure opens no incident")
	}
	for range 3 {
		if id, fresh := raise("transfer.timeout", "pull"); fresh || id != first {
			t.Errorf("a repeated failure: incident %d, new %v; want %d, old", id, fresh, first)
		}
	}
	other, _ := raise("push.name_taken", "push")
	if got := len(waiting(t, db)); got != 4 {
		t.Errorf("%d messages wait, want a mail and a webhook for each of 2 incidents", got)
	}
	err := db.InScope(ctx, scope, func(tx *Tx) error {
		n, err := tx.ResolveIncidents(ctx, w.operator, subject, "pull")
		if n != 1 {
			t.Errorf("a good pull ends %d incidents, want its own one", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := waiting(t, db); len(got) != 6 || got[4].Topic != TopicIncidentResolved {
		t.Errorf("%d messages wait, want two more that say that it is over: %v", len(got), got)
	}
	if id, fresh := raise("transfer.timeout", "pull"); !fresh || id == first {
		t.Error("a failure after the end opens no new incident")
	}
	err = db.InScope(ctx, scope, func(tx *Tx) error {
		all, _, err := tx.Incidents(ctx, IncidentFilter{Connection: 4711, Open: true}, "")
		if err != nil || len(all) != 2 {
			t.Errorf("open incidents: %d, %v; want 2", len(all), err)
		}
		i, err := tx.Incident(ctx, first)
		if err != nil || i.Count != 4 || i.Open() || i.Run != 12 {
			t.Errorf("the first incident: %+v, %v; want over after 4 failures", i, err)
		}
		if err := tx.AcknowledgeIncident(ctx, other); err != nil {
			t.Error(err)
		}
		if err := tx.AcknowledgeIncident(ctx, other); !errors.Is(err, ErrConflict) {
			t.Errorf("acknowledging twice: %v, want a conflict", err)
		}
		if i, err = tx.Incident(ctx, other); err != nil || i.AcknowledgedBy != 77 {
			t.Errorf("acknowledged by %d, %v; want 77", i.AcknowledgedBy, err)
		}
		if err := tx.CloseIncident(ctx, other); err != nil {
			t.Error(err)
		}
		if err := tx.CloseIncident(ctx, 999_999); !errors.Is(err, ErrNotFound) {
			t.Errorf("closing what is not there: %v", err)
		}
		if codes, err := tx.OpenIncidentCodes(ctx, SubjectConnection, []int64{4711, 4712}); err != nil || codes[4711] != "transfer.timeout" || len(codes) != 1 {
			t.Errorf("open codes: %v, %v", codes, err)
		}
		n, err := tx.OpenIncidents(ctx)
		if n != 1 {
			t.Errorf("%d are open, want 1", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Pages of incidents join without a gap.
func TestIncidentPages(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	ctx, scope := t.Context(), Scope{Operator: w.operator}
	err := db.InScope(ctx, scope, func(tx *Tx) error {
		for n := range 5 {
			if _, _, err := tx.RaiseIncident(ctx, w.operator, OfFile(FileID(n+1)), Raise{Code: "ingest.failed", Source: "ingest"}); err != nil {
				return err
			}
		}
		seen, cursor := map[int64]bool{}, Cursor("")
		for {
			page, next, err := tx.Incidents(ctx, IncidentFilter{Limit: 2}, cursor)
			if err != nil {
				return err
			}
			for _, i := range page {
				seen[i.ID] = true
			}
			if cursor = next; next == "" {
				break
			}
		}
		if len(seen) != 5 {
			t.Errorf("%d incidents on all pages, want 5", len(seen))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A message is taken by one node at a time; what a lost one took is taken again after its lease.
func TestNoticesAreTakenOnce(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	ctx, system := t.Context(), Actor{Kind: ActorSystem}
	err := db.InScope(ctx, Scope{Operator: w.operator}, func(tx *Tx) error {
		_, _, err := tx.RaiseIncident(ctx, w.operator, OfSchedule(1), Raise{Code: "run.kind_unknown", Source: "schedule"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	take := func(lease time.Duration, kinds ...string) (taken []Notice) {
		t.Helper()
		err := db.InSystem(ctx, system, func(tx *Tx) (err error) {
			taken, err = tx.TakeNotices(ctx, kinds, 10, lease)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return taken
	}
	lost := take(0, MessageWebhook)
	if len(lost) != 1 || lost[0].Kind != MessageWebhook || lost[0].Attempt != 1 {
		t.Fatalf("taken %+v, want the webhook", lost)
	}
	again := take(time.Hour, MessageWebhook)
	if len(again) != 1 || again[0].Attempt != 2 {
		t.Fatalf("taken %+v, want the same at its second attempt", again)
	}
	if more := take(time.Hour, MessageWebhook); len(more) != 0 {
		t.Errorf("two nodes have the same message: %+v", more)
	}
	err = db.InSystem(ctx, system, func(tx *Tx) error {
		return errors.Join(
			tx.EndNotice(ctx, lost[0], NoticeFailed, "notify.timeout"), // comes too late
			tx.EndNotice(ctx, again[0], NoticeSent, ""),
			tx.CancelOldNotices(ctx, -time.Minute))
	})
	if err != nil {
		t.Fatal(err)
	}
	states := ownerRows[string](t, db, `SELECT kind || ' ' || state FROM outbox ORDER BY kind`)
	if len(states) != 2 || states[0] != "mail cancelled" || states[1] != "webhook sent" {
		t.Errorf("the outbox: %v", states)
	}
}
