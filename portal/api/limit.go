package api

import (
	"sync"
	"time"
)

// A limiter lets each token ask so often: a bucket that holds a minute's requests and fills evenly. It
// counts on its own node; it keeps a loop from hurting others, no more.
type limiter struct {
	perMinute float64
	mu        sync.Mutex
	buckets   map[int64]*bucket
	swept     time.Time
}

type bucket struct {
	left float64
	at   time.Time
}

func newLimiter(perMinute int) *limiter {
	return &limiter{perMinute: float64(perMinute), buckets: map[int64]*bucket{}}
}

// wait takes one request out of the token's bucket; if it is empty it returns how long to wait.
func (l *limiter) wait(token int64, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(now)
	b := l.buckets[token]
	if b == nil {
		b = &bucket{left: l.perMinute, at: now}
		l.buckets[token] = b
	}
	b.left = min(l.perMinute, b.left+now.Sub(b.at).Minutes()*l.perMinute)
	b.at = now
	if b.left < 1 {
		return time.Duration((1 - b.left) / l.perMinute * float64(time.Minute))
	}
	b.left--
	return 0
}

// sweep forgets buckets that are full again.
func (l *limiter) sweep(now time.Time) {
	if now.Sub(l.swept) < time.Minute {
		return
	}
	l.swept = now
	for token, b := range l.buckets {
		if now.Sub(b.at) > time.Minute {
			delete(l.buckets, token)
		}
	}
}
