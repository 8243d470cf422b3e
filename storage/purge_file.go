package storage

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/lib/pq"
)

// A Purged is what was taken out with one file.
type Purged struct {
	Files    []PurgedFile // itself first, then those that came out of it
	Kinds    []string
	Sets     int64
	Bytes    int64
	Accounts []AccountID
	Rows     int64            // of business data
	Tables   map[string]int64 // rows by table
}

// A PurgedFile is a file of which only the row is left.
type PurgedFile struct {
	ID     FileID
	SHA256 string // of the bytes as received, in hex
}

// PurgeFile takes a file out for good, with the files that came out of it: all rows that were made of them, of all accounts,
// their envelopes, findings and acknowledgments, their names, and the keys to their bytes. What stays is the row with size, hash and time line,
// the keys by which file, interchange and payment are known again, what was delivered, and the audit. Rows of other files
// that speak of purged ones keep the ids, which lead nowhere.
//
// The run, 0 for none, stands in the time line. The bytes stand in [LoadTx.PurgedBlobs] until they are removed, behind the commit. ErrConflict: the file is under way, or not
// meant (any more) by the filter. ErrNotFound: it is purged already, or nobody's.
func (t *LoadTx) PurgeFile(ctx context.Context, f PurgeFilter, id FileID, run RunID) (*Purged, error) {
	t.waitLong()
	p, err := t.purgeFile(ctx, f, id, run)
	if err != nil {
		return nil, fmt.Errorf("storage: purge: %w", err)
	}
	return p, nil
}

func (t *LoadTx) purgeFile(ctx context.Context, f PurgeFilter, id FileID, run RunID) (*Purged, error) {
	files, err := t.lockFamily(ctx, id)
	if err != nil {
		return nil, err
	}
	units, err := t.lockUnits(ctx, files)
	if err != nil {
		return nil, err
	}
	f.Operator = t.operator
	found, err := t.purgeCandidates(ctx, f, id-1, id) // again, now that nobody else changes it, or gives parts of it to another account
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0:
		return nil, ErrNotFound
	case found[0].Verdict != PurgeTake:
		return nil, fmt.Errorf("file is %s: %w", found[0].Verdict, ErrConflict)
	}
	c := found[0]
	p := &Purged{Kinds: c.Kinds, Sets: c.Sets, Bytes: c.Bytes, Tables: map[string]int64{}}
	slices.Sort(p.Kinds)
	for _, u := range units {
		if !slices.Contains(p.Accounts, u.Account) {
			p.Accounts = append(p.Accounts, u.Account)
		}
	}
	slices.Sort(p.Accounts)
	for _, account := range p.Accounts { // as a load does: it may be writing links into these rows
		if _, err := t.exec(ctx, lockLinks, account); err != nil {
			return nil, err
		}
	}
	for i := range files {
		if err := t.purgeRows(ctx, files[i].ID, run, units, p); err != nil {
			return nil, err
		}
		p.Files = append(p.Files, PurgedFile{files[i].ID, hex.EncodeToString(files[i].SHA256)})
	}
	return p, nil
}

// lockFamily locks a file and those that came out of it, in the order of their ids. Whoever delivers a file, or hears of it, locks what is
// outbound of it first, and so does this.
func (t *LoadTx) lockFamily(ctx context.Context, id FileID) ([]File, error) {
	if _, err := t.exec(ctx, `SELECT FROM outbound WHERE operator_id = $1 AND file_id = $2 FOR UPDATE`, t.operator, id); err != nil {
		return nil, err
	}
	root, err := t.LockFile(ctx, id)
	if err != nil {
		return nil, err
	}
	var children []File
	err = t.list(ctx, &children, `
SELECT `+fileColumns+`
FROM file
WHERE operator_id = $1 AND parent_file_id = $2
ORDER BY id
FOR UPDATE`, t.operator, id)
	return append([]File{root}, children...), err
}

// A purgedUnit is a routing unit of a file that is purged.
type purgedUnit struct {
	ID      int64     `db:"id"`
	File    FileID    `db:"file_id"`
	Account AccountID `db:"account_id"`
}

// lockUnits keeps the units of files from being given to another account.
func (t *LoadTx) lockUnits(ctx context.Context, files []File) ([]purgedUnit, error) {
	ids := make([]int64, len(files))
	for i := range files {
		ids[i] = int64(files[i].ID)
	}
	var units []purgedUnit
	return units, t.list(ctx, &units, `
SELECT u.id, u.file_id, u.account_id
FROM transaction_set s
JOIN routing_unit u ON u.operator_id = s.operator_id AND u.set_id = s.id
WHERE s.operator_id = $1 AND s.file_id = ANY ($2::bigint[])
ORDER BY u.id
FOR UPDATE OF u`, t.operator, pq.Array(ids))
}

// A purgeStatement takes the rows of a file out of one table.
type purgeStatement struct{ table, where string }

// Business rows: $1 is the file, $2 the accounts, $3 and $4 the first and last of the file's units. Children first.
const (
	purgedHere   = `account_id = ANY ($2::bigint[]) AND unit_id BETWEEN $3 AND $4 AND file_id = $1`
	purgedUnits  = `SELECT id FROM routing_unit WHERE account_id = ANY ($2::bigint[]) AND id BETWEEN $3 AND $4 AND file_id = $1`
	purgedByUnit = `account_id = ANY ($2::bigint[]) AND unit_id BETWEEN $3 AND $4 AND unit_id IN (` + purgedUnits + `)`
	purgedClaims = `SELECT c.account_id, c.id FROM payment p JOIN claim_payment c
	ON c.account_id = p.account_id AND c.id BETWEEN p.first_claim_id AND p.last_claim_id AND c.payment_id = p.id
	WHERE p.account_id = ANY ($2::bigint[]) AND p.unit_id BETWEEN $3 AND $4 AND p.file_id = $1`
	purgedPayments    = `SELECT account_id, id FROM payment WHERE ` + purgedHere
	purgedEligibility = `SELECT account_id, id FROM eligibility_answer WHERE ` + purgedHere
	purgedStatuses    = `SELECT account_id, id FROM claim_status_answer WHERE ` + purgedHere
	purgedEvents      = `SELECT account_id, id FROM authorization_event WHERE ` + purgedHere
)

var purgeBusiness = []purgeStatement{
	{"open_reversal", `(account_id, reversal_claim_id) IN (` + purgedClaims + `)`},
	{"adjustment", `(account_id, claim_id) IN (` + purgedClaims + `)`},
	{"service_line", `(account_id, claim_id) IN (` + purgedClaims + `)`},
	{"claim_payment", `(account_id, id) IN (` + purgedClaims + `)`},
	{"provider_adjustment", `(account_id, payment_id) IN (` + purgedPayments + `)`},
	{"payment", purgedHere},
	{"benefit_detail", `(account_id, answer_id) IN (` + purgedEligibility + `)`},
	{"benefit_service_type", `(account_id, answer_id) IN (` + purgedEligibility + `)`},
	{"benefit", `(account_id, answer_id) IN (` + purgedEligibility + `)`},
	{"eligibility_rejection", purgedHere},
	{"eligibility_answer", purgedHere},
	{"claim_status_line", `(account_id, answer_id) IN (` + purgedStatuses + `)`},
	{"claim_status", purgedHere},
	{"claim_status_answer", purgedHere},
	{"authorization_service", `(account_id, event_id) IN (` + purgedEvents + `)`},
	{"authorization_decision", purgedByUnit},
	{"authorization_event", purgedHere},
	{"inquiry", purgedByUnit},
	{"person_mention", purgedByUnit},
	{"transaction_set_account", `account_id = ANY ($2::bigint[]) AND file_id = $1 AND $3::bigint <= $4::bigint`},
}

// The exchange plane: $1 is the operator, $2 the file.
const (
	purgedFile = `operator_id = $1 AND file_id = $2`
	purgedAcks = `SELECT id FROM acknowledgment WHERE ` + purgedFile
	purgedSets = `SELECT id FROM transaction_set WHERE ` + purgedFile
)

var purgeExchange = []purgeStatement{
	{"acknowledgment_error", `operator_id = $1 AND acknowledgment_id IN (` + purgedAcks + `)`},
	{"acknowledgment_set", `operator_id = $1 AND acknowledgment_id IN (` + purgedAcks + `)`},
	{"acknowledgment", purgedFile},
	{"finding", purgedFile},
	{"routing_unit", `operator_id = $1 AND set_id IN (` + purgedSets + `)`},
	{"transaction_set_summary", `operator_id = $1 AND set_id IN (` + purgedSets + `)`},
	{"transaction_set", purgedFile},
	{"functional_group", purgedFile},
	{"interchange", purgedFile},
	{"outbound_set", purgedFile},
	{"inquiry_set", purgedFile},
	{"dropbox_file", purgedFile}, // its name may tell of a patient, as the file's own
}

func (t *LoadTx) purgeRows(ctx context.Context, file FileID, run RunID, units []purgedUnit, p *Purged) error {
	var accounts []int64
	var first, last int64 // units come in the order of their ids
	for _, u := range units {
		if u.File != file {
			continue
		}
		if first == 0 {
			first = u.ID
		}
		last = u.ID
		if !slices.Contains(accounts, int64(u.Account)) {
			accounts = append(accounts, int64(u.Account))
		}
	}
	if first != 0 {
		n, err := t.purgeTables(ctx, p, purgeBusiness, file, pq.Array(accounts), first, last)
		if err != nil {
			return err
		}
		p.Rows += n
	}
	if _, err := t.purgeTables(ctx, p, purgeExchange, t.operator, file); err != nil {
		return err
	}
	return t.emptyFile(ctx, file, run)
}

func (t *LoadTx) purgeTables(ctx context.Context, p *Purged, all []purgeStatement, args ...any) (rows int64, err error) {
	for _, s := range all {
		n, err := t.exec(ctx, `DELETE FROM `+s.table+` WHERE `+s.where, args...)
		if err != nil {
			return rows, fmt.Errorf("%s: %w", s.table, err)
		}
		if n > 0 {
			p.Tables[s.table] += n
		}
		rows += n
	}
	return rows, nil
}

const (
	keepPurgedBlobs = `
INSERT INTO purged_blob (operator_id, blob_name, file_id, purged_at)
SELECT operator_id, blob_name, id, $3::timestamptz FROM file WHERE operator_id = $1 AND id = $2 AND blob_name IS NOT NULL
UNION ALL
SELECT operator_id, wire_blob_name, file_id, $3::timestamptz FROM outbound WHERE operator_id = $1 AND file_id = $2 AND wire_blob_name IS NOT NULL
ON CONFLICT DO NOTHING`

	// A name may tell of a patient. That of a file we sent stays where it went to: it proves the delivery.
	emptyFile = `
UPDATE file SET name = 'purged', remote_path = NULL, remote_size = NULL, remote_mtime = NULL, counts = '{}',
	blob_name = NULL, wrapped_key = NULL, key_id = NULL, stored_size = NULL
WHERE operator_id = $1 AND id = $2`

	emptyOutbound = `
UPDATE outbound SET wire_blob_name = NULL, wire_wrapped_key = NULL, wire_key_id = NULL, wire_size = NULL, wire_stored_size = NULL, wire_sha256 = NULL
WHERE operator_id = $1 AND file_id = $2`
)

// emptyFile leaves of a file what a purge leaves. Without the wrapped key its bytes can't be read any more, wherever they are.
func (t *LoadTx) emptyFile(ctx context.Context, file FileID, run RunID) error {
	if _, err := t.exec(ctx, keepPurgedBlobs, t.operator, file, t.Now()); err != nil {
		return err
	}
	if err := t.execOne(ctx, emptyFile, t.operator, file); err != nil {
		return err
	}
	if _, err := t.exec(ctx, emptyOutbound, t.operator, file); err != nil {
		return err
	}
	return t.SetFileState(ctx, file, FileChange{State: FilePurged, Run: run})
}

// PurgedBlobs returns up to 1,000 names of blobs whose files are purged and that are to be removed from the archive.
func (t *LoadTx) PurgedBlobs(ctx context.Context) ([]string, error) {
	var names []string
	err := t.list(ctx, &names, `SELECT blob_name FROM purged_blob WHERE operator_id = $1 ORDER BY purged_at, blob_name LIMIT 1000`, t.operator)
	if err != nil {
		return nil, fmt.Errorf("storage: purged blobs: %w", err)
	}
	return names, nil
}

// ForgetPurgedBlobs notes that blobs were removed from the archive.
func (t *LoadTx) ForgetPurgedBlobs(ctx context.Context, names []string) error {
	_, err := t.exec(ctx, `DELETE FROM purged_blob WHERE operator_id = $1 AND blob_name = ANY ($2::text[])`, t.operator, pq.Array(names))
	if err != nil {
		return fmt.Errorf("storage: purged blobs: %w", err)
	}
	return nil
}
