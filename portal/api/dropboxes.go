package api

import (
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
