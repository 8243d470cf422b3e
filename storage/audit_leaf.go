package storage

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"time"
)

// A sealedEvent is an event with everything that its hash covers.
type sealedEvent struct {
	OperatorID    int64     `db:"operator_id"`
	ID            int64     `db:"id"`
	AccountID     int64     `db:"account_id"` // 0: of no account
	At            time.Time `db:"at"`
	ActorKind     string    `db:"actor_kind"`
	ActorID       int64     `db:"actor_id"`
	Action        string    `db:"action"`
	ObjectKind    string    `db:"object_kind"`
	ObjectID      int64     `db:"object_id"`
	Result        string    `db:"result"`
	Address       string    `db:"address"`
	CorrelationID string    `db:"correlation_id"`
	Detail        string    `db:"detail"`
	Transaction   string    `db:"txid"`
}

const selectSealedEvents = `
SELECT operator_id, id, coalesce(account_id, 0) AS account_id, at, actor_kind, coalesce(actor_id, 0) AS actor_id, action,
	coalesce(object_kind, '') AS object_kind, coalesce(object_id, 0) AS object_id, result, coalesce(address, '') AS address,
	coalesce(correlation_id, '') AS correlation_id, detail::text AS detail, txid::text AS txid
FROM audit_event
WHERE txid >= $1::text::xid8 AND txid < $2::text::xid8
ORDER BY txid, operator_id, id`

// leafBytes is the length of an event's entry in a seal: operator, id and hash.
const leafBytes = 8 + 8 + sha256.Size

// leafLabel begins the text that is hashed, so that a leaf is never mistaken for a seal.
const leafLabel = "ediport audit event 1"

// hash returns the SHA-256 of the event: all its fields in the table's order, numbers as eight bytes big-endian,
// the instant as microseconds since 1970 UTC, texts preceded by their length.
func (e *sealedEvent) hash() [sha256.Size]byte {
	h := sha256.New()
	hashText(h, leafLabel)
	hashInt(h, e.OperatorID, e.ID, e.AccountID, e.At.UnixMicro())
	hashText(h, e.ActorKind)
	hashInt(h, e.ActorID)
	hashText(h, e.Action, e.ObjectKind)
	hashInt(h, e.ObjectID)
	hashText(h, e.Result, e.Address, e.CorrelationID, e.Detail, e.Transaction)
	return [sha256.Size]byte(h.Sum(nil))
}

// appendLeaf appends the event's entry.
func (e *sealedEvent) appendLeaf(leaves []byte) []byte {
	leaves = binary.BigEndian.AppendUint64(leaves, uint64(e.OperatorID))
	leaves = binary.BigEndian.AppendUint64(leaves, uint64(e.ID))
	sum := e.hash()
	return append(leaves, sum[:]...)
}

// A leaf is an event's entry read back.
type leaf struct {
	operator, id int64
	hash         [sha256.Size]byte
}

// leavesOf reads the entries of a seal; what is left over at the end is one that was cut.
func leavesOf(packed []byte) []leaf {
	out := make([]leaf, 0, len(packed)/leafBytes)
	for ; len(packed) >= leafBytes; packed = packed[leafBytes:] {
		l := leaf{operator: int64(binary.BigEndian.Uint64(packed)), id: int64(binary.BigEndian.Uint64(packed[8:]))}
		copy(l.hash[:], packed[16:leafBytes])
		out = append(out, l)
	}
	return out
}

// rootOf hashes the hashes of events in order.
func rootOf(hashes [][sha256.Size]byte) []byte {
	h := sha256.New()
	for i := range hashes {
		_, _ = h.Write(hashes[i][:]) // never fails
	}
	return h.Sum(nil)
}

func hashInt(h hash.Hash, numbers ...int64) {
	for _, n := range numbers {
		var b [8]byte
		binary.BigEndian.PutUint64(b[:], uint64(n))
		_, _ = h.Write(b[:]) // never fails
	}
}

func hashText(h hash.Hash, texts ...string) {
	for _, text := range texts {
		hashInt(h, int64(len(text)))
		_, _ = h.Write([]byte(text)) // never fails
	}
}
