package storage

import (
	"context"
	"sync"

	"github.com/jmoiron/sqlx"
)

// An IDKind names a sequence of row ids, usually a table.
type IDKind string

// Kinds whose ids are taken by the thousand; others may be made up as needed, named after their table.
const (
	IDFile           IDKind = "file"
	IDFileEvent      IDKind = "file_event"
	IDInterchange    IDKind = "interchange"
	IDGroup          IDKind = "functional_group"
	IDSet            IDKind = "transaction_set"
	IDUnit           IDKind = "routing_unit"
	IDAcknowledgment IDKind = "acknowledgment"
	IDPayment        IDKind = "payment"
	IDClaim          IDKind = "claim_payment"
	IDEligibility    IDKind = "eligibility_answer"
	IDStatus         IDKind = "claim_status_answer"
	IDAuthorization  IDKind = "authorization_event"
	IDInquiry        IDKind = "inquiry"
	IDOperator       IDKind = "operator"
	IDAccount        IDKind = "account"
	IDIdentifier     IDKind = "account_identifier"
	IDPartner        IDKind = "partner"
	IDPayer          IDKind = "payer"
	IDConnection     IDKind = "connection"
	IDSchedule       IDKind = "schedule"
	IDCalendar       IDKind = "calendar"
	IDRun            IDKind = "run"
	IDRunLog         IDKind = "run_log"
	IDUser           IDKind = "app_user"
	IDCredential     IDKind = "credential"
	IDMembership     IDKind = "membership"
	IDSession        IDKind = "session"
	IDToken          IDKind = "api_token"
	IDKeptForm       IDKind = "kept_form"
	IDDevice         IDKind = "known_device"
	IDAudit          IDKind = "audit_event"
	IDOutbox         IDKind = "outbox"
	IDIncident       IDKind = "incident"
	IDCode           IDKind = "sign_in_code"
	IDDropBox        IDKind = "dropbox"
	IDDroppedFile    IDKind = "dropbox_file"
)

const (
	bulkBlock  = 10_000
	smallBlock = 100
)

var bulkKinds = map[IDKind]bool{
	IDSet: true, IDUnit: true, IDClaim: true, IDEligibility: true, IDStatus: true, IDAuthorization: true,
	IDInquiry: true, IDPayment: true, IDGroup: true, IDInterchange: true,
}

// IDs hands out row ids, ascending within one process and kind, from blocks taken from the database.
// Gaps are normal: a block dies with its process. It is safe for several goroutines.
type IDs struct {
	pool   *sqlx.DB
	mu     sync.Mutex
	blocks map[IDKind]*idRange
}

type idRange struct{ next, end int64 }

func newIDs(pool *sqlx.DB) *IDs {
	return &IDs{pool: pool, blocks: map[IDKind]*idRange{}}
}

// Next returns an id of the kind that nobody else gets.
func (ids *IDs) Next(ctx context.Context, kind IDKind) (int64, error) {
	ids.mu.Lock()
	defer ids.mu.Unlock()
	b := ids.blocks[kind]
	if b == nil {
		b = &idRange{}
		ids.blocks[kind] = b
	}
	if b.next == b.end {
		if err := ids.take(ctx, kind, b); err != nil {
			return 0, err
		}
	}
	id := b.next
	b.next++
	return id, nil
}

// Block returns an allocator of one load: its ids of a kind ascend without another load's in between,
// as long as they come from one block of 10,000. It is for one goroutine.
func (ids *IDs) Block() *IDBlock {
	return &IDBlock{ids: ids, blocks: map[IDKind]*idRange{}}
}

// An IDBlock hands out ids to one load.
type IDBlock struct {
	ids    *IDs
	blocks map[IDKind]*idRange
}

// Next returns the next id of the kind, without allocating memory.
func (b *IDBlock) Next(ctx context.Context, kind IDKind) (int64, error) {
	r := b.blocks[kind]
	if r == nil {
		r = &idRange{}
		b.blocks[kind] = r
	}
	if r.next == r.end {
		if err := b.ids.take(ctx, kind, r); err != nil {
			return 0, err
		}
	}
	id := r.next
	r.next++
	return id, nil
}

const takeIDBlock = `
INSERT INTO id_block (kind, next)
VALUES ($1, 1 + $2::bigint)
ON CONFLICT (kind) DO UPDATE SET next = id_block.next + $2::bigint
RETURNING next`

func (ids *IDs) take(ctx context.Context, kind IDKind, r *idRange) error {
	size := int64(smallBlock)
	if bulkKinds[kind] {
		size = bulkBlock
	}
	var end int64
	if err := ids.pool.GetContext(ctx, &end, takeIDBlock, string(kind), size); err != nil {
		return cleanError(err)
	}
	r.next, r.end = end-size, end
	return nil
}
