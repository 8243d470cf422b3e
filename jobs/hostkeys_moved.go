package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/ediport/ediport/storage"
)

// HostKeysMoved tells whether a request for other host keys is out of date: the connection is not the one any more that
// was looked at when it was asked for, or is gone, so that approving it is refused with ErrChangedSince. The payload
// is as of [Desk.ApproveHostKeysIn].
func (d *Desk) HostKeysMoved(ctx context.Context, scope storage.Scope, id storage.ConnectionID, payload []byte) (bool, error) {
	var asked HostKeyChange
	if err := json.Unmarshal(payload, &asked); err != nil {
		return false, fmt.Errorf("jobs: host keys: %w", err)
	}
	c, err := d.current(ctx, scope, id)
	if errors.Is(err, storage.ErrNotFound) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	change, err := newHostKeyChange(c, asked.After)
	return !asked.sameGround(change), err
}
