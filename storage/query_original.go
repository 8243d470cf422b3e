package storage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/lib/pq"
)

// An OriginalTarget says of what the original is wanted: exactly one field is set.
type OriginalTarget struct {
	File          FileID
	Set           int64
	Unit          int64
	Payment       int64
	Claim         int64
	Eligibility   int64
	Status        int64
	Authorization int64
}

// A ByteRange is a part of a file, End is the first byte behind it.
type ByteRange struct{ Start, End int64 }

// A StoredBlob is what a file's row says of its bytes in the archive.
type StoredBlob struct {
	Name       string `db:"blob_name"`
	WrappedKey []byte `db:"wrapped_key"`
	KeyID      string `db:"key_id"`
	Size       int64  `db:"size"`
	SHA256     []byte `db:"sha256"`
	StoredSize int64  `db:"stored_size"`
}

// An Original is which bytes of a file a scope may see of a target, and where they are.
type Original struct {
	File   FileItem
	Blob   StoredBlob
	SetID  int64       // 0: a whole file
	UnitID int64       // 0: more than one
	Ranges []ByteRange // ascending, apart; nothing else may be shown
	Own    []ByteRange // the target's within them, without its context
	More   bool        // there are more ranges than were read: the rest is not shown
	Purged bool        // the bytes are gone, or there never were any
}

// maxOriginalUnits bounds the units of one view.
const maxOriginalUnits = 5000

// Original returns which bytes show a target. The operator sees files and sets whole, a set in its
// envelope headers; users of accounts see their own routing units in their context. The error is ErrMasked
// for what isn't there, or not without patients that the reader may not see.
func (db *DB) Original(ctx context.Context, scope Scope, target OriginalTarget) (o Original, err error) {
	masked := scope.MaskedPlane || len(scope.Masked) > 0
	err = db.InScope(ctx, scope, func(t *Tx) error {
		if masked {
			t.scope.Accounts = scope.seen()
			if scope.MaskedPlane {
				t.scope.Operator = 0
			}
		}
		v := originalView{t: t, Original: &o}
		if err := v.find(ctx, target); err != nil {
			return fmt.Errorf("storage: original: %w", err)
		}
		o.Ranges, o.Own = mergeRanges(o.Ranges), mergeRanges(o.Own)
		return v.audit(ctx, target)
	})
	if masked && errors.Is(err, ErrNotFound) {
		return o, fmt.Errorf("storage: original: %w", ErrMasked)
	}
	return o, err
}

// An originalView collects the ranges of one target.
type originalView struct {
	*Original
	t        *Tx
	operator OperatorID
	accounts map[AccountID]bool
}

// originalRows are the tables of results: each row stands in one routing unit.
var originalRows = []struct {
	id    func(OriginalTarget) int64
	query string
}{
	{func(o OriginalTarget) int64 { return o.Payment }, `SELECT unit_id, byte_offset, 0 AS payment_id, account_id FROM payment`},
	{func(o OriginalTarget) int64 { return o.Claim }, `SELECT unit_id, byte_offset, payment_id, account_id FROM claim_payment`},
	{func(o OriginalTarget) int64 { return o.Eligibility }, `SELECT unit_id, byte_offset, 0 AS payment_id, account_id FROM eligibility_answer`},
	{func(o OriginalTarget) int64 { return o.Status }, `SELECT unit_id, byte_offset, 0 AS payment_id, account_id FROM claim_status_answer`},
	{func(o OriginalTarget) int64 { return o.Authorization }, `SELECT unit_id, byte_offset, 0 AS payment_id, account_id FROM authorization_event`},
}

func (v *originalView) find(ctx context.Context, target OriginalTarget) error {
	switch {
	case target.File != 0:
		return v.file(ctx, target.File)
	case target.Set != 0:
		return v.set(ctx, target.Set)
	case target.Unit != 0:
		return v.unit(ctx, target.Unit, 0)
	}
	for _, table := range originalRows {
		id := table.id(target)
		if id == 0 {
			continue
		}
		var row struct {
			UnitID     int64     `db:"unit_id"`
			ByteOffset int64     `db:"byte_offset"`
			PaymentID  int64     `db:"payment_id"`
			AccountID  AccountID `db:"account_id"`
		}
		err := v.t.get(ctx, &row, table.query+` WHERE account_id = ANY ($1::bigint[]) AND id = $2`, v.t.scope.accountArray(), id)
		if err != nil {
			return err
		}
		if row.PaymentID != 0 {
			return v.claim(ctx, row.UnitID, row.PaymentID, row.AccountID, id)
		}
		return v.unit(ctx, row.UnitID, row.AccountID)
	}
	return ErrNotFound
}

const selectBlob = `
SELECT coalesce(blob_name, '') AS blob_name, wrapped_key, coalesce(key_id, '') AS key_id, size, sha256, coalesce(stored_size, 0) AS stored_size
FROM file
WHERE operator_id = $1 AND id = $2`

// open finds the file and its blob.
func (v *originalView) open(ctx context.Context, file FileID) (err error) {
	if v.File, err = v.t.fileItem(ctx, file); err != nil {
		return err
	}
	v.operator = v.File.OperatorID
	if err := v.t.get(ctx, &v.Blob, selectBlob, v.operator, file); err != nil {
		return err
	}
	v.Purged = v.Blob.Name == ""
	return nil
}

func (v *originalView) file(ctx context.Context, file FileID) error {
	if err := v.open(ctx, file); err != nil {
		return err
	}
	if v.t.scope.Operator != 0 {
		v.Ranges = []ByteRange{{0, v.Blob.Size}}
		v.Own = v.Ranges
		return nil
	}
	return v.units(ctx, `JOIN transaction_set_account s ON s.account_id = u.account_id AND s.set_id = u.set_id AND s.operator_id = u.operator_id
WHERE u.operator_id = $1 AND s.file_id = $2 AND s.account_id = ANY ($3::bigint[])`, file)
}

// selectSetBorders: what stands before the first group is the ISA, before its first set the GS.
const selectSetBorders = `
SELECT s.file_id, s.byte_start, s.byte_end, i.byte_start AS interchange_start, g.byte_start AS group_start,
	(SELECT min(x.byte_start) FROM functional_group x WHERE x.operator_id = s.operator_id AND x.file_id = s.file_id AND x.interchange_id = s.interchange_id) AS isa_end,
	(SELECT x.byte_start FROM transaction_set x WHERE x.operator_id = s.operator_id AND x.file_id = s.file_id AND x.group_id = s.group_id ORDER BY x.file_ordinal LIMIT 1) AS gs_end
FROM transaction_set s
JOIN interchange i ON i.operator_id = s.operator_id AND i.id = s.interchange_id
JOIN functional_group g ON g.operator_id = s.operator_id AND g.id = s.group_id
WHERE s.operator_id = $1 AND s.id = $2`

func (v *originalView) set(ctx context.Context, set int64) error {
	v.SetID = set
	operator, err := v.t.operatorOfSet(ctx, set)
	if err != nil {
		return err
	}
	if v.t.scope.Operator == 0 {
		var file FileID
		if err := v.t.get(ctx, &file, `SELECT file_id FROM transaction_set WHERE operator_id = $1 AND id = $2`, operator, set); err != nil {
			return err
		}
		if err := v.open(ctx, file); err != nil {
			return err
		}
		return v.units(ctx, `WHERE u.operator_id = $1 AND u.set_id = $2 AND u.account_id = ANY ($3::bigint[])`, set)
	}
	var b struct {
		File             FileID `db:"file_id"`
		Start            int64  `db:"byte_start"`
		End              int64  `db:"byte_end"`
		InterchangeStart int64  `db:"interchange_start"`
		GroupStart       int64  `db:"group_start"`
		ISAEnd           int64  `db:"isa_end"`
		GSEnd            int64  `db:"gs_end"`
	}
	if err := v.t.get(ctx, &b, selectSetBorders, operator, set); err != nil {
		return err
	}
	v.Own = []ByteRange{{b.Start, b.End}}
	v.Ranges = []ByteRange{{b.InterchangeStart, b.ISAEnd}, {b.GroupStart, b.GSEnd}, {b.Start, b.End}}
	return v.open(ctx, b.File)
}

type unitRanges struct {
	ID      int64         `db:"id"`
	Set     int64         `db:"set_id"`
	File    FileID        `db:"file_id"`
	Account AccountID     `db:"account_id"`
	Start   int64         `db:"byte_start"`
	End     int64         `db:"byte_end"`
	Context pq.Int64Array `db:"context_ranges"`
}

const selectUnitRanges = `
SELECT u.id, u.set_id, u.file_id, u.account_id, u.byte_start, u.byte_end, u.context_ranges
FROM routing_unit u
`

// units adds the own units of a file or set.
func (v *originalView) units(ctx context.Context, condition string, of any) error {
	var units []unitRanges
	err := v.t.list(ctx, &units, selectUnitRanges+condition+` ORDER BY u.byte_start, u.id LIMIT $4`, v.operator, of, v.t.scope.accountArray(), maxOriginalUnits+1)
	if err != nil {
		return err
	}
	if v.More = len(units) > maxOriginalUnits; v.More {
		units = units[:maxOriginalUnits]
	}
	if len(units) == 0 {
		return ErrNotFound
	}
	for _, u := range units {
		v.addUnit(u)
	}
	return nil
}

func (v *originalView) addUnit(u unitRanges) {
	v.saw(u.Account)
	v.Own = append(v.Own, ByteRange{u.Start, u.End})
	v.Ranges = append(v.Ranges, ByteRange{u.Start, u.End})
	v.addContext(u)
}

func (v *originalView) addContext(u unitRanges) {
	for i := 0; i+1 < len(u.Context); i += 2 {
		v.Ranges = append(v.Ranges, ByteRange{u.Context[i], u.Context[i+1]})
	}
}

func (v *originalView) saw(account AccountID) {
	if v.accounts == nil {
		v.accounts = map[AccountID]bool{}
	}
	v.accounts[account] = true
}

// oneUnit finds a unit that the scope may see: of its accounts, or, for the operator, any. account
// narrows it to the account of a row that stands in it.
func (v *originalView) oneUnit(ctx context.Context, id int64, account AccountID) (u unitRanges, err error) {
	switch {
	case account != 0:
		err = v.t.get(ctx, &u, selectUnitRanges+`WHERE u.account_id = $1 AND u.id = $2`, account, id)
	case v.t.scope.Operator != 0:
		err = v.t.get(ctx, &u, selectUnitRanges+`WHERE u.operator_id = $1 AND u.id = $2`, v.t.scope.Operator, id)
	default:
		err = v.t.get(ctx, &u, selectUnitRanges+`WHERE u.account_id = ANY ($1::bigint[]) AND u.id = $2`, v.t.scope.accountArray(), id)
	}
	if err != nil {
		return u, err
	}
	v.UnitID, v.SetID = u.ID, u.Set
	return u, v.open(ctx, u.File)
}

func (v *originalView) unit(ctx context.Context, id int64, account AccountID) error {
	u, err := v.oneUnit(ctx, id, account)
	if err != nil {
		return err
	}
	v.addUnit(u)
	return nil
}

// selectClaimBorders: a claim ends where the next one of its payment begins; the payment's own
// segments stand before its first claim.
const selectClaimBorders = `
SELECT c.byte_offset AS byte_start,
	coalesce((SELECT n.byte_offset FROM claim_payment n WHERE n.account_id = c.account_id AND n.id > c.id AND n.id <= p.last_claim_id AND n.payment_id = p.id ORDER BY n.id LIMIT 1), 0) AS byte_end,
	(SELECT n.byte_offset FROM claim_payment n WHERE n.account_id = c.account_id AND n.id BETWEEN p.first_claim_id AND p.last_claim_id AND n.payment_id = p.id ORDER BY n.id LIMIT 1) AS first_claim
FROM claim_payment c
JOIN payment p ON p.account_id = c.account_id AND p.id = c.payment_id
WHERE c.account_id = $1 AND c.id = $2 AND p.id = $3`

// claim adds one claim with the head of its payment: the unit may hold thousands of others.
func (v *originalView) claim(ctx context.Context, unit, payment int64, account AccountID, claim int64) error {
	u, err := v.oneUnit(ctx, unit, account)
	if err != nil {
		return err
	}
	var b struct {
		Start int64 `db:"byte_start"`
		End   int64 `db:"byte_end"`
		First int64 `db:"first_claim"`
	}
	if err := v.t.get(ctx, &b, selectClaimBorders, account, claim, payment); err != nil {
		return err
	}
	own := ByteRange{b.Start, u.End}
	if b.End > b.Start {
		own.End = b.End
	}
	if own.Start < u.Start || own.End > u.End { // never beyond the unit, whatever a row says
		own = ByteRange{max(own.Start, u.Start), min(own.End, u.End)}
	}
	v.saw(account)
	v.Own = []ByteRange{own}
	v.addContext(u)
	v.Ranges = append(v.Ranges, ByteRange{u.Start, min(b.First, u.End)}, own)
	return nil
}

// mergeRanges orders ranges and joins those that touch or overlap; empty ones go.
func mergeRanges(ranges []ByteRange) []ByteRange {
	slices.SortFunc(ranges, func(a, b ByteRange) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End)) })
	out := []ByteRange{}
	for _, r := range ranges {
		switch last := len(out) - 1; {
		case r.End <= r.Start:
		case last >= 0 && r.Start <= out[last].End:
			out[last].End = max(out[last].End, r.End)
		default:
			out = append(out, r)
		}
	}
	return out
}

// audit leaves an event for each account whose part is shown; for the operator's whole view one of no
// account.
func (v *originalView) audit(ctx context.Context, target OriginalTarget) error {
	kind, id := target.object()
	if len(v.accounts) == 0 {
		return v.t.auditView(ctx, kind, id, 0)
	}
	for account := range v.accounts {
		if err := v.t.auditView(ctx, kind, id, account); err != nil {
			return err
		}
	}
	return nil
}

func (o OriginalTarget) object() (kind string, id int64) {
	for _, x := range []struct {
		kind string
		id   int64
	}{
		{"file", int64(o.File)},
		{"set", o.Set},
		{"unit", o.Unit},
		{"remittance", o.Payment},
		{"claim", o.Claim},
		{"eligibility", o.Eligibility},
		{"claim_status", o.Status},
		{"authorization", o.Authorization},
	} {
		if x.id != 0 {
			return "original." + x.kind, x.id
		}
	}
	return "original", 0
}
