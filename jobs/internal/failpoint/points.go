package failpoint

import "slices"

// A Point is a moment that is named in the code.
type Point struct {
	Name  string
	Fails bool // it may fail: its error is heeded
	Open  bool // a transaction is open, whose locks a process that freezes there keeps
}

// points are all of them, by the order in which a file meets them.
var points = []Point{
	{Name: "schedule.due", Fails: true, Open: true},   // a due schedule is locked
	{Name: "schedule.added", Fails: true, Open: true}, // its run and job are written, its next due time is not
	{Name: "schedule.committed"},                      // all of it is

	{Name: "node.beat", Fails: true},  // before a sign of life
	{Name: "node.watch", Fails: true}, // before a look for lost nodes
	{Name: "node.register"},           // before a node is known

	{Name: "pull.begun", Fails: true},                 // the run is this node's, nobody was asked yet
	{Name: "pull.listed", Fails: true},                // the server told what it has
	{Name: "pull.saved", Fails: true},                 // and that was written down
	{Name: "pull.claimed"},                            // a file was renamed, so that nobody else takes it
	{Name: "pull.writing", Fails: true},               // a piece of the file goes into the archive
	{Name: "pull.written", Fails: true},               // all of it did, it is not on the disk yet
	{Name: "pull.stored", Fails: true},                // it is in the archive, no row knows of it
	{Name: "pull.inserting", Fails: true, Open: true}, // its rows are written, its job is not
	{Name: "pull.inserted", Fails: true, Open: true},  // its job is, too
	{Name: "pull.committed", Fails: true},             // it is ours
	{Name: "pull.finishing", Fails: true},             // about to be moved or deleted at the server
	{Name: "pull.finished", Fails: true},              // it was, that is not recorded
	{Name: "pull.recorded", Fails: true},              // it is
	{Name: "pull.idle"},                               // nothing is left to do but to end the run

	{Name: "ingest.locked", Fails: true, Open: true},   // the file is this load's
	{Name: "ingest.surveyed", Fails: true, Open: true}, // between the two passes
	{Name: "ingest.loading", Fails: true, Open: true},  // a transaction set begins in the second pass
	{Name: "ingest.loaded", Fails: true, Open: true},   // all rows are there
	{Name: "ingest.queued", Fails: true, Open: true},   // and the answers are queued
	{Name: "ingest.committed"},                         // the job does not know it

	{Name: "unwrap.stored"},    // what was in a wrapped file is in the archive, no row knows of it
	{Name: "unwrap.committed"}, // it is ours

	{Name: "push.begun", Fails: true},                 // the run is this node's, nobody was asked yet
	{Name: "push.recording", Fails: true, Open: true}, // a step of a file is written, not committed
	{Name: "push.sending", Fails: true},               // a file is under way, nothing was sent
	{Name: "push.reading", Fails: true},               // a piece of it goes out
	{Name: "push.uploaded", Fails: true},              // it is complete under its temporary name
	{Name: "push.renamed"},                            // it has its name, that is not recorded
	{Name: "push.sent"},                               // it is
	{Name: "push.idle"},                               // nothing is left to do but to end the run
}

// later are points that came after the fault suite had its seeds: theirs stand behind the others', so that a seed
// means what it meant.
var later = []Point{
	{Name: "pull.copying", Fails: true},      // the server did not rename a file, a copy of it is about to be begun
	{Name: "pull.copy_reading", Fails: true}, // a piece of the copy goes out
	{Name: "pull.copied", Fails: true},       // it is whole under its temporary name
	{Name: "pull.copy_named", Fails: true},   // it has its name, the file is still where it was
}

// Points returns all points that the code reaches: those of the first seeds, then the others.
func Points() []Point { return slices.Concat(points, later) }

// First is how many of the points had seeds first.
func First() int { return len(points) }
