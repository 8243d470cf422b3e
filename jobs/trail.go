package jobs

import (
	"context"

	"github.com/ediport/ediport/storage"
)

// A trail collects what the log line of a job's end names: the run above all, by the id under which
// people see it on pages, so that it leads from a line to its run, files and sets, and back.
type trail struct{ names []any }

type trailKey struct{}

func withTrail(ctx context.Context) (context.Context, *trail) {
	t := &trail{}
	return context.WithValue(ctx, trailKey{}, t), t
}

// follow puts a run and a file into the job's trail; 0: none.
func (n *Node) follow(ctx context.Context, run storage.RunID, file storage.FileID) {
	t, ok := ctx.Value(trailKey{}).(*trail)
	if !ok {
		return
	}
	if run != 0 {
		t.names = append(t.names, "run_id", n.runName(run))
	}
	if file != 0 {
		t.names = append(t.names, "file_id", n.cfg.DB.PublicIDs().Format(storage.PublicFile, int64(file)))
	}
}

// runName is the id of a run as people see it. It is the correlation id of all that the run does.
func (n *Node) runName(run storage.RunID) string {
	return n.cfg.DB.PublicIDs().Format(storage.PublicRun, int64(run))
}
