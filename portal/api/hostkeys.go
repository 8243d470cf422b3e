package api

import (
	"cmp"
	"errors"
	"net/http"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/storage"
)

// approvedKey is the body of an approval.
type approvedKey struct {
	HostKey string `json:"host_key"`
	Reason  string `json:"reason,omitempty"` // for the second person, where another key is pinned already
}

func (a *API) approveHostKey(r *http.Request, scope storage.Scope) (int64, error) {
	id, err := a.pathID(r, storage.PublicConnection)
	if err != nil {
		return 0, err
	}
	var in approvedKey
	if err := readJSON(r, &in); err != nil {
		return 0, err
	}
	if in.HostKey == "" {
		return 0, wrong("host_key", "is needed, as in offered_host_key: approve what you have compared")
	}
	err = a.Desk.ApproveHostKey(r.Context(), scope, storage.ConnectionID(id), in.HostKey)
	return id, a.askForHostKeys(r, scope, storage.ConnectionID(id), err, cmp.Or(in.Reason, accounts.ShownKeyReason))
}

// hostKeysInput is what a connection's host keys should be; a list that is not given stays.
type hostKeysInput struct {
	HostKeys     *[]string `json:"host_keys"`
	JumpHostKeys *[]string `json:"jump_host_keys"`
	Version      int       `json:"version"`
	Reason       string    `json:"reason,omitempty"` // for the second person, where it takes one
}

func (in *hostKeysInput) seen() int { return in.Version }

func (a *API) changeHostKeys(r *http.Request, scope storage.Scope) (int64, error) {
	var in hostKeysInput
	id, err := a.readChange(r, storage.PublicConnection, &in)
	if err != nil {
		return 0, err
	}
	c, err := inScope(r.Context(), a, scope, func(tx *storage.Tx) (*storage.Connection, error) {
		return tx.Connection(r.Context(), storage.ConnectionID(id))
	})
	if err != nil {
		return 0, err
	}
	keys, err := jobs.HostKeysOf(c)
	if err != nil {
		return 0, err
	}
	set(&keys.Server, in.HostKeys)
	set(&keys.Jump, in.JumpHostKeys)
	err = a.Desk.ChangeHostKeys(r.Context(), scope, storage.ConnectionID(id), in.Version, keys)
	if errors.Is(err, jobs.ErrConnection) {
		return 0, inJumpField(err)
	}
	return id, a.askForHostKeys(r, scope, storage.ConnectionID(id), err, in.Reason)
}

// inJumpField names the jump host's keys as the body does, not as a connection's settings do.
func inJumpField(err error) error {
	p := problem.From(err)
	if said, ok := p.Fields["network.jump.host_keys"]; ok {
		delete(p.Fields, "network.jump.host_keys")
		p.Fields["jump_host_keys"] = said
	}
	return &p
}

// askForHostKeys asks a second person for a change of host keys that was refused for lack of one. The answer
// is then that it waits. Other errors pass.
func (a *API) askForHostKeys(r *http.Request, scope storage.Scope, id storage.ConnectionID, refused error, reason string) error {
	guarded, ok := errors.AsType[*jobs.SecondPersonError](refused)
	if !ok {
		return refused
	}
	err := a.Accounts.RequestHostKeys(r.Context(), principalOf(r), scope.Operator, accounts.HostKeyRequest{
		Connection: id, Summary: guarded.Change.Summary(guarded.Name), Reason: reason, Change: guarded.Change,
	})
	switch {
	case errors.Is(err, storage.ErrConflict):
		return &problem.ApprovalWaits
	case err != nil:
		return err
	}
	return &problem.ApprovalNeeded
}
