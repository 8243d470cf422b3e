package accounts

import (
	"context"
	"encoding/hex"
	"errors"
	"log/slog"
	"time"

	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/keys"
)

// SealEvery is how often the audit is sealed: an event is without seal for about so long.
const SealEvery = time.Minute

// An AuditSealer links the events of the audit into chains, signed by a key that the database doesn't have, and
// checks that they are still what they were. Any number of processes may seal; one of them does it at a time.
type AuditSealer struct {
	db   *storage.DB
	ring auditRing
	log  *slog.Logger
}

// NewAuditSealer returns a sealer that signs by the ring's sub-key for the audit.
func NewAuditSealer(db *storage.DB, ring *keys.Ring, log *slog.Logger) *AuditSealer {
	return &AuditSealer{db: db, ring: auditRing{ring}, log: log}
}

// auditRing signs and checks by the sub-key for the audit. The chain's name is bound in: a link of one chain is
// none of another.
type auditRing struct{ *keys.Ring }

func (r auditRing) Sign(chain string, hash []byte) ([]byte, error) {
	return r.MAC(keys.Audit, hash, []byte(chain))
}

func (r auditRing) Check(chain string, hash, signature []byte) error {
	return r.Verify(keys.Audit, signature, hash, []byte(chain))
}

// Seal seals all events that can be sealed now and returns how many. Each new root of the chain of everything is
// published in the log, which goes elsewhere: whoever changes the audit would have to change that, too.
func (s *AuditSealer) Seal(ctx context.Context) (events int64, err error) {
	for {
		seals, err := s.db.SealAudit(ctx, s.ring)
		if err != nil || len(seals) == 0 {
			return events, err
		}
		for _, seal := range seals {
			if seal.Chain != storage.ChainOfAll {
				continue
			}
			events += seal.Events
			s.log.Info("audit sealed", "chain", seal.Chain, "no", seal.No, "events", seal.Events, "root", hex.EncodeToString(seal.Hash))
		}
	}
}

// Run seals now and then again and again until the context ends. A failure is logged; the next turn makes up for it.
func (s *AuditSealer) Run(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if _, err := s.Seal(ctx); err != nil && ctx.Err() == nil {
			s.logFailure(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (s *AuditSealer) logFailure(err error) {
	if errors.Is(err, storage.ErrChainAhead) {
		s.log.Error("the audit can't be sealed: its chain is ahead of the database", "error", err)
		return
	}
	s.log.Warn("audit not sealed", "error", err)
}

// Verify compares all events with what was sealed, and looks for the roots given from
// outside. Damage is in the report.
func (s *AuditSealer) Verify(ctx context.Context, roots ...storage.AuditRoot) (storage.AuditReport, error) {
	return s.db.VerifyAudit(ctx, s.ring, roots...)
}
