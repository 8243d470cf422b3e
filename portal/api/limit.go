package api

import (
	"sync"
	"time"
)

// A limiter lets each token, or each user by all of his tokens, ask so often: a bucket that holds a minute's
// requests and fills evenly. It counts on its own node; it keeps a loop from hurting others, no more. What guards
// secrets is counted in the database, for all nodes.
type limiter struct {
	perMinute float64
	mu        sync.Mutex
	buckets   map[int64]*bucket // by token or user
	swept     time.Time
}

// userShare is how much more than one of his tokens a user may ask by all of them.
const userShare = 2

type bucket struct {
	left float64
	at   time.Time
}

func newLimiter(perMinute int) *limiter {
	return &limiter{perMinute: float64(perMinute), buckets: map[int64]*bucket{}}
}

// wait takes one request out of the bucket; if it is empty it returns how long to wait.
func (l *limiter) wait(id int64, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(now)
	b := l.buckets[id]
	if b == nil {
		b = &bucket{left: l.perMinute, at: now}
		l.buckets[id] = b
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
	for id, b := range l.buckets {
		if now.Sub(b.at) > time.Minute {
			delete(l.buckets, id)
		}
	}
}
