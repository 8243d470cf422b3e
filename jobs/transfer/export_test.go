package transfer

import "context"

// VerifyMove is the check after a move, whose failure no test can bring about in time.
func (c *Client) VerifyMove(ctx context.Context, f RemoteFile, target string) error {
	return c.verifyMove(ctx, "archiving", f, target)
}
