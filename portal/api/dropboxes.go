package api

import (
	"context"
	"net/http"
	"time"

	"github.com/ediport/ediport/storage"
)

// dropBoxAnswer is a drop box: a partner's place at our own SFTP server.
type dropBoxAnswer struct {
	ID                storage.DropBoxID `json:"id" public:"dbx"`
	Name              string            `json:"name"`
	Username          string            `json:"username"`
	PartnerID         storage.PartnerID `json:"partner_id" public:"prt"`
	AccountID         storage.AccountID `json:"account_id" public:"acc"`
	Sources           []string          `json:"sources"`            // networks that may sign in; empty: any
	TemporarySuffixes []string          `json:"temporary_suffixes"` // beside the usual ones
	RepeatNames       bool              `json:"repeat_names"`       // other bytes under a name of before are another file, not refused
	MaxFileBytes      int64             `json:"max_file_bytes"`
	MaxWaitingFiles   int               `json:"max_waiting_files"` // not loaded yet
	MaxWaitingBytes   int64             `json:"max_waiting_bytes"`
	Paused            bool              `json:"paused"`
	PausedReason      string            `json:"paused_reason"`
	LastSignInAt      *time.Time        `json:"last_sign_in_at"`
	LastFileAt        *time.Time        `json:"last_file_at"`
	Version           int               `json:"version"`
}

func dropBoxOf(b storage.DropBox) dropBoxAnswer {
	return dropBoxAnswer{
		ID: b.ID, Name: b.Name, Username: b.Username, PartnerID: b.Partner, AccountID: b.Account, Sources: b.Sources,
		TemporarySuffixes: b.TemporarySuffixes, RepeatNames: b.RepeatNames, MaxFileBytes: b.MaxFileBytes, MaxWaitingFiles: b.MaxWaitingFiles,
		MaxWaitingBytes: b.MaxWaitingBytes, Paused: b.Paused, PausedReason: b.PausedReason, LastSignInAt: b.LastSignInAt, LastFileAt: b.LastFileAt,
		Version: b.Version,
	}
}

// dropBoxDetail is a drop box with what its partner needs to sign in.
type dropBoxDetail struct {
	dropBoxAnswer
	Keys    []dropBoxKeyAnswer `json:"keys"`     // that may sign in
	HostKey string             `json:"host_key"` // of our own server, for the partner to compare; null: none was made yet
}

// dropBoxKeyAnswer is a public key that may sign in.
type dropBoxKeyAnswer struct {
	Fingerprint string     `json:"fingerprint"` // SHA256:…
	PublicKey   string     `json:"public_key"`
	Comment     string     `json:"comment"`
	AddedAt     time.Time  `json:"added_at"`
	LastUsedAt  *time.Time `json:"last_used_at"` // null: never
}

func dropBoxKeyOf(k storage.DropBoxKey) dropBoxKeyAnswer {
	return dropBoxKeyAnswer{k.Fingerprint, k.PublicKey, k.Comment, k.AddedAt, k.LastUsedAt}
}

// dropBoxInput is what is given to make or change one: what is left out stays, or has its usual value.
type dropBoxInput struct {
	Name              *string   `json:"name"`
	Username          *string   `json:"username"` // left out of a new one: it is made from the name, and not to be guessed
	PartnerID         *publicID `json:"partner_id"`
	AccountID         *publicID `json:"account_id"`
	Sources           *[]string `json:"sources"`
	TemporarySuffixes *[]string `json:"temporary_suffixes"`
	RepeatNames       *bool     `json:"repeat_names"`
	MaxFileBytes      *int64    `json:"max_file_bytes"`
	MaxWaitingFiles   *int      `json:"max_waiting_files"`
	MaxWaitingBytes   *int64    `json:"max_waiting_bytes"`
	Keys              []string  `json:"keys"` // of a new one: lines as in authorized_keys
	Version           int       `json:"version"`
}

func (in *dropBoxInput) seen() int { return in.Version }

// apply puts what is given over a drop box.
func (in *dropBoxInput) apply(a *API, b *storage.DropBox) error {
	partner, err := a.bodyID("partner_id", storage.PublicPartner, in.PartnerID, int64(b.Partner))
	if err != nil {
		return err
	}
	account, err := a.bodyID("account_id", storage.PublicAccount, in.AccountID, int64(b.Account))
	if err != nil {
		return err
	}
	b.Partner, b.Account = storage.PartnerID(partner), storage.AccountID(account)
	set(&b.Name, in.Name)
	set(&b.Username, in.Username)
	set((*[]string)(&b.Sources), in.Sources)
	set((*[]string)(&b.TemporarySuffixes), in.TemporarySuffixes)
	set(&b.RepeatNames, in.RepeatNames)
	set(&b.MaxFileBytes, in.MaxFileBytes)
	set(&b.MaxWaitingFiles, in.MaxWaitingFiles)
	set(&b.MaxWaitingBytes, in.MaxWaitingBytes)
	return nil
}

// dropBoxRoutes are those of the places at our own SFTP server.
func (a *API) dropBoxRoutes(view, change access) []route {
	shown := viewOf(a.dropBox)
	const dbx = storage.PublicDropBox
	return []route{
		{"GET /api/v1/dropboxes", view, a.pages(a.listDropBoxes)},
		{"GET /api/v1/dropboxes/{id}", view, one(a, dbx, a.dropBox)},
		{"POST /api/v1/dropboxes", change, a.acting(created, a.addDropBox, shown)},
		{"PATCH /api/v1/dropboxes/{id}", change, a.acting(done, a.changeDropBox, shown)},
		{"DELETE /api/v1/dropboxes/{id}", change, a.acting(gone, simple(a, dbx, a.Desk.DeleteDropBox), nil)},
		{"POST /api/v1/dropboxes/{id}/pause", change, a.acting(done, withReason(a, dbx, a.Desk.PauseDropBox), shown)},
		{"POST /api/v1/dropboxes/{id}/resume", change, a.acting(done, simple(a, dbx, a.Desk.ResumeDropBox), shown)},
		{"POST /api/v1/dropboxes/{id}/keys", change, a.acting(done, a.addDropBoxKey, shown)},
		{"POST /api/v1/dropboxes/{id}/keys/remove", change, a.acting(done, a.removeDropBoxKey, shown)},
	}
}

func (a *API) listDropBoxes(r *http.Request, q *params) (any, storage.Cursor, error) {
	if err := q.done(); err != nil {
		return nil, "", err
	}
	rows, err := inScope(r.Context(), a, scopeOf(r), func(tx *storage.Tx) ([]storage.DropBox, error) { return tx.DropBoxes(r.Context()) })
	return mapped(rows, dropBoxOf), "", err
}

func (a *API) dropBox(ctx context.Context, scope storage.Scope, id storage.DropBoxID) (out dropBoxDetail, err error) {
	err = a.DB.InScopeRead(ctx, scope, func(tx *storage.Tx) error {
		b, err := tx.DropBox(ctx, id)
		if err != nil {
			return err
		}
		keys, err := tx.DropBoxKeys(ctx, id)
		out.dropBoxAnswer, out.Keys = dropBoxOf(*b), mapped(keys, dropBoxKeyOf)
		return err
	})
	if err == nil {
		out.HostKey, err = a.Desk.DropBoxHostKey(ctx, scope)
	}
	return out, err
}

func (a *API) addDropBox(r *http.Request, scope storage.Scope) (int64, error) {
	var in dropBoxInput
	if err := readJSON(r, &in); err != nil {
		return 0, err
	}
	var b storage.DropBox
	if err := in.apply(a, &b); err != nil {
		return 0, err
	}
	err := a.Desk.AddDropBox(r.Context(), scope, &b, in.Keys)
	return int64(b.ID), err
}

func (a *API) changeDropBox(r *http.Request, scope storage.Scope) (int64, error) {
	var in dropBoxInput
	id, err := a.readChange(r, storage.PublicDropBox, &in)
	if err != nil {
		return 0, err
	}
	if in.Keys != nil {
		return 0, wrong("keys", "are added and removed one by one, under /keys")
	}
	b, err := inScope(r.Context(), a, scope, func(tx *storage.Tx) (*storage.DropBox, error) {
		return tx.DropBox(r.Context(), storage.DropBoxID(id))
	})
	if err != nil {
		return 0, err
	}
	b.Version = in.Version
	if err := in.apply(a, b); err != nil {
		return 0, err
	}
	return id, a.Desk.ChangeDropBox(r.Context(), scope, b)
}

// keyInput is a public key that is to sign in.
type keyInput struct {
	Key string `json:"key"` // a line as in authorized_keys, or in the partner's file that ends in .pub
}

func (a *API) addDropBoxKey(r *http.Request, scope storage.Scope) (int64, error) {
	var in keyInput
	id, err := a.pathID(r, storage.PublicDropBox)
	if err == nil {
		err = readJSON(r, &in)
	}
	if err != nil {
		return 0, err
	}
	return id, a.Desk.AddDropBoxKey(r.Context(), scope, storage.DropBoxID(id), in.Key)
}

// keyRemoval names a key.
type keyRemoval struct {
	Fingerprint string `json:"fingerprint"`
}

func (a *API) removeDropBoxKey(r *http.Request, scope storage.Scope) (int64, error) {
	var in keyRemoval
	id, err := a.pathID(r, storage.PublicDropBox)
	if err == nil {
		err = readJSON(r, &in)
	}
	if err != nil {
		return 0, err
	}
	return id, a.Desk.RemoveDropBoxKey(r.Context(), scope, storage.DropBoxID(id), in.Fingerprint)
}
