package transfer

import "context"

// VerifyMove is the check after a move, whose failure no test can bring about in time.
func (c *Client) VerifyMove(ctx context.Context, f RemoteFile, target string) error {
	return c.verifyMove(ctx, "archiving", f, target)
}

// Throttled lets n bytes pass a throttle, in pieces as transfers have them.
func Throttled(ctx context.Context, bytesPerSecond int64, n int) error {
	for t := newThrottle(bytesPerSecond); n > 0; n -= 32 << 10 {
		if err := t.wait(ctx, 32<<10); err != nil {
			return err
		}
	}
	return nil
}
