// Package jobs does ediport's work at the right time, once, on whichever machine is there.
//
// [Start] makes this process a [Node] that schedules, works, or both. A schedule says when: every few
// seconds one elected node turns the schedules that are due into runs, each with its job, in one
// transaction. A run is one execution with counts, progress and a log; River hands its job to a node.
//
//	schedule ──due──▶ run queued ──▶ running ──▶ succeeded, failed
//	                  │      ▲          │  └────▶ cancelled (a person)
//	                  │      └──────────┘ retry, handed back, or node lost
//	                  └────▶ skipped (missed, overlapping, connection paused)
//
// The kinds of work:
//
//	pull    what is new in a connection's remote folder goes into the archive and becomes a file
//	ingest  a file is loaded, by the function that is given in [Config]; a wrapped one is opened first
//
// Work is idempotent and fenced: beginning a run raises its epoch, each of its transactions checks
// it, and who was overtaken gets storage.ErrFenced. A node tells the others every five seconds that
// it lives. Without an answer of the database for ten seconds it stops its own work; after fifteen
// the others take that work over.
//
// Schedules and connections are kept by a [Desk]: it checks what people enter, seals secrets, and
// computes due times. Every failure has a code; [Explain] says what it means and what to do.
package jobs
