package storage

import "testing"

// A node with nothing in hand has stranded jobs as any other.
func TestNotInHandOfAnIdleNode(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	nodes, err := db.Nodes()
	if err != nil {
		t.Fatal(err)
	}
	defer nodes.Close()
	ids := ownerRows[int64](t, db, `
INSERT INTO river_job (state, args, kind, max_attempts, attempt, attempted_at, attempted_by)
VALUES ('running', '{}', 'ingest', 5, 1, now(), '{idle}') RETURNING id`)
	jobs, err := nodes.NotInHand(t.Context(), "idle", nil)
	if err != nil || len(jobs) != 1 || jobs[0].ID != ids[0] {
		t.Errorf("not in hand = %v, %v, want job %d", jobs, err, ids[0])
	}
	if jobs, err = nodes.NotInHand(t.Context(), "idle", ids); err != nil || len(jobs) != 0 {
		t.Errorf("not in hand = %v, %v, want none", jobs, err)
	}
}
