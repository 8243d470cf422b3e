package transfer

import (
	"context"

	"golang.org/x/time/rate"
)

// A throttle holds a direction of a connection to so many bytes a second, all its files together. The
// nil throttle lets everything pass.
type throttle struct{ limiter *rate.Limiter }

// throttleBurst is what may pass at once after a pause.
const throttleBurst = 256 << 10

func newThrottle(bytesPerSecond int64) *throttle {
	if bytesPerSecond <= 0 {
		return nil
	}
	return &throttle{rate.NewLimiter(rate.Limit(bytesPerSecond), throttleBurst)}
}

// wait returns when n more bytes may pass, or with the context's cause.
func (t *throttle) wait(ctx context.Context, n int) error {
	if t == nil {
		return nil
	}
	for n > 0 {
		part := min(n, throttleBurst)
		if err := t.limiter.WaitN(ctx, part); err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return failed(ErrTimeout, "holding back to the limit", nil) // it would take longer than the context lasts
		}
		n -= part
	}
	return nil
}
