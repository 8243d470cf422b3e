package jobs

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/ediport/ediport/storage"
)

// ErrDropBox says what is wrong with a drop box, by field.
var ErrDropBox error = newKind("dropbox.invalid", true, "the drop box's settings are incomplete or wrong")

// What a drop box has unless it says otherwise.
const (
	defaultDroppedBytes  = 2 << 30
	defaultWaitingFiles  = 1000
	defaultWaitingBytes  = 20 << 30
	maxDropBoxKeys       = 20
	maxDropBoxSources    = 100
	maxTemporarySuffixes = 20
)

// dropBoxUser is what the name of a user may be: it also stands in partners' scripts.
var dropBoxUser = regexp.MustCompile(`^[a-z][a-z0-9._-]{2,47}$`)

// AddDropBox adds a drop box with the keys that may sign in (lines as in authorized_keys) and gives it its id. What is not given
// gets its usual value; a user name that is not given is made from the name, and can't be guessed. ErrDropBox says by field what is
// wrong; storage.ErrConflict: the name or the user name is taken.
func (d *Desk) AddDropBox(ctx context.Context, scope storage.Scope, b *storage.DropBox, keyLines []string) error {
	fillDropBox(b)
	keys, err := checkDropBox(b, keyLines)
	if err != nil {
		return err
	}
	return d.audited(ctx, scope, "dropbox.added", "dropbox", func(tx *storage.Tx) (int64, error) {
		if err := ownParties(ctx, tx, b, &storage.DropBox{}); err != nil {
			return 0, err
		}
		if err := tx.AddDropBox(ctx, b); err != nil {
			return 0, err
		}
		for _, k := range keys {
			if err := tx.AddDropBoxKey(ctx, b.ID, k); err != nil {
				return 0, err
			}
			b.Version++
		}
		return int64(b.ID), nil
	})
}

// ChangeDropBox writes b over the drop box of its id. Whether it is paused stays as it is; sessions go by what it says within
// seconds. ErrDropBox; storage.ErrNotFound; storage.ErrConflict: it was changed since b was read, or a name is taken.
func (d *Desk) ChangeDropBox(ctx context.Context, scope storage.Scope, b *storage.DropBox) error {
	fillDropBox(b)
	if _, err := checkDropBox(b, nil); err != nil {
		return err
	}
	return d.audited(ctx, scope, "dropbox.changed", "dropbox", func(tx *storage.Tx) (int64, error) {
		before, err := tx.DropBox(ctx, b.ID)
		if err != nil {
			return 0, err
		}
		if err := ownParties(ctx, tx, b, before); err != nil {
			return 0, err
		}
		b.Paused, b.PausedReason = before.Paused, before.PausedReason
		return int64(b.ID), tx.ChangeDropBox(ctx, b)
	})
}

// ownParties complains about a partner or an account, other than those of before, that the operator doesn't have.
func ownParties(ctx context.Context, tx *storage.Tx, b, before *storage.DropBox) error {
	var wrong []error
	look := func(field string, changed bool, find func() error) error {
		if !changed {
			return nil
		}
		err := find()
		if errors.Is(err, storage.ErrNotFound) {
			wrong = append(wrong, fmt.Errorf("%s: there is none of this id", field))
			return nil
		}
		return err
	}
	err := errors.Join(look("partner_id", b.Partner != 0 && b.Partner != before.Partner, func() error {
		_, err := tx.PartnerSettings(ctx, b.Partner)
		return err
	}), look("account_id", b.Account != 0 && b.Account != before.Account, func() error { return tx.AccountIsOpen(ctx, b.Account) }))
	if err == nil && len(wrong) > 0 {
		err = fail(ErrDropBox, errors.Join(wrong...))
	}
	return err
}

// PauseDropBox lets nobody in and ends open sessions within seconds; reason is a person's words.
func (d *Desk) PauseDropBox(ctx context.Context, scope storage.Scope, id storage.DropBoxID, reason string) error {
	return d.audited(ctx, scope, "dropbox.paused", "dropbox", func(tx *storage.Tx) (int64, error) {
		return int64(id), pauseDropBox(ctx, tx, id, true, reason)
	})
}

// ResumeDropBox ends a pause.
func (d *Desk) ResumeDropBox(ctx context.Context, scope storage.Scope, id storage.DropBoxID) error {
	return d.audited(ctx, scope, "dropbox.resumed", "dropbox", func(tx *storage.Tx) (int64, error) {
		return int64(id), pauseDropBox(ctx, tx, id, false, "")
	})
}

func pauseDropBox(ctx context.Context, tx *storage.Tx, id storage.DropBoxID, paused bool, reason string) error {
	b, err := tx.DropBox(ctx, id)
	if err != nil {
		return err
	}
	b.Paused, b.PausedReason = paused, reason
	return tx.ChangeDropBox(ctx, b)
}

// DeleteDropBox deletes a drop box and ends its sessions within seconds. The files that came stay.
func (d *Desk) DeleteDropBox(ctx context.Context, scope storage.Scope, id storage.DropBoxID) error {
	return d.audited(ctx, scope, "dropbox.deleted", "dropbox", func(tx *storage.Tx) (int64, error) {
		return int64(id), tx.DeleteDropBox(ctx, id)
	})
}

// AddDropBoxKey lets another key sign in: a line as in authorized_keys. ErrDropBox; storage.ErrConflict: it may already.
func (d *Desk) AddDropBoxKey(ctx context.Context, scope storage.Scope, id storage.DropBoxID, line string) error {
	key, err := parseDropBoxKey(line)
	if err != nil {
		return fail(ErrDropBox, fmt.Errorf("keys: %w", err))
	}
	return d.DB.InScope(ctx, scope, func(tx *storage.Tx) error {
		keys, err := tx.DropBoxKeys(ctx, id)
		if err != nil {
			return err
		}
		if len(keys) >= maxDropBoxKeys {
			return fail(ErrDropBox, fmt.Errorf("keys: at most %d", maxDropBoxKeys))
		}
		if err := tx.AddDropBoxKey(ctx, id, key); err != nil {
			return err
		}
		return tx.Audit(ctx, dropBoxKeyEvent("dropbox.key_added", id, key.Fingerprint))
	})
}

// RemoveDropBoxKey takes a key away; a session that signed in by it ends within seconds. storage.ErrNotFound.
func (d *Desk) RemoveDropBoxKey(ctx context.Context, scope storage.Scope, id storage.DropBoxID, fingerprint string) error {
	return d.DB.InScope(ctx, scope, func(tx *storage.Tx) error {
		if err := tx.RemoveDropBoxKey(ctx, id, fingerprint); err != nil {
			return err
		}
		return tx.Audit(ctx, dropBoxKeyEvent("dropbox.key_removed", id, fingerprint))
	})
}

func dropBoxKeyEvent(action string, id storage.DropBoxID, fingerprint string) storage.AuditEvent {
	return storage.AuditEvent{Action: action, ObjectKind: "dropbox", ObjectID: int64(id), Detail: map[string]any{"key": fingerprint}}
}

func fillDropBox(b *storage.DropBox) {
	b.Name, b.Username = strings.TrimSpace(b.Name), strings.TrimSpace(b.Username)
	if b.Username == "" && b.Name != "" {
		b.Username = dropBoxUserFor(b.Name)
	}
	if b.MaxFileBytes == 0 {
		b.MaxFileBytes = defaultDroppedBytes
	}
	if b.MaxWaitingFiles == 0 {
		b.MaxWaitingFiles = defaultWaitingFiles
	}
	if b.MaxWaitingBytes == 0 {
		b.MaxWaitingBytes = max(defaultWaitingBytes, b.MaxFileBytes)
	}
}

var noUserLetters = regexp.MustCompile(`[^a-z0-9]+`)

// dropBoxUserFor makes a user name that says whose it is and that nobody guesses.
func dropBoxUserFor(name string) string {
	stem := strings.Trim(noUserLetters.ReplaceAllString(strings.ToLower(name), "-"), "-")
	if stem == "" || stem[0] < 'a' {
		stem = strings.TrimSuffix("box-"+stem, "-")
	}
	return strings.TrimRight(stem[:min(len(stem), 32)], "-") + "-" + strings.ToLower(rand.Text()[:8])
}

// checkDropBox returns the keys and all complaints, by field, in one ErrDropBox.
func checkDropBox(b *storage.DropBox, keyLines []string) ([]storage.DropBoxKey, error) {
	var wrong []error
	complain := complaint{wrong: &wrong}
	complain.about(b.Name == "", "name", "give the drop box a name")
	complain.about(len(b.Name) > 200, "name", "at most 200 bytes")
	complain.about(b.Name != "" && !dropBoxUser.MatchString(b.Username), "username", "3 to 48 small letters, digits, dots, dashes, beginning with a letter")
	complain.about(b.MaxFileBytes < 1, "max_file_bytes", "at least 1")
	complain.about(b.MaxWaitingFiles < 1, "max_waiting_files", "at least 1")
	complain.about(b.MaxWaitingBytes < b.MaxFileBytes, "max_waiting_bytes", "at least the largest file")
	complain.about(len(b.Sources) > maxDropBoxSources, "sources", "at most %d networks", maxDropBoxSources)
	complain.about(len(b.TemporarySuffixes) > maxTemporarySuffixes, "temporary_suffixes", "at most %d", maxTemporarySuffixes)
	for i, text := range b.Sources {
		network, err := parseNetwork(text)
		complain.about(err != nil, "sources", "number %d is no address or network such as 192.0.2.0/24", i+1)
		b.Sources[i] = network
	}
	for _, suffix := range b.TemporarySuffixes {
		complain.suffix("temporary_suffixes", suffix)
	}
	complain.about(len(keyLines) > maxDropBoxKeys, "keys", "at most %d", maxDropBoxKeys)
	var keys []storage.DropBoxKey
	for i, line := range keyLines {
		key, err := parseDropBoxKey(line)
		complain.about(err != nil, "keys", "number %d: %v", i+1, err)
		if !slices.ContainsFunc(keys, func(k storage.DropBoxKey) bool { return k.Fingerprint == key.Fingerprint }) {
			keys = append(keys, key)
		}
	}
	if len(wrong) > 0 {
		return nil, fail(ErrDropBox, errors.Join(wrong...))
	}
	return keys, nil
}

// parseNetwork returns the usual form of a network; an address is a network of one.
func parseNetwork(text string) (string, error) {
	text = strings.TrimSpace(text)
	if at, err := netip.ParseAddr(text); err == nil && at.Zone() == "" {
		at = at.Unmap()
		return netip.PrefixFrom(at, at.BitLen()).String(), nil
	}
	network, err := netip.ParsePrefix(text)
	if err != nil {
		return text, err
	}
	return network.Masked().String(), nil
}
