package wrap

import (
	"cmp"
	"context"
	"fmt"
	"io"
)

// Limits bound what a wrapped file may open to, over all its layers together. Zero means the default.
type Limits struct {
	TotalBytes  int64 // opened, 4 GiB
	Ratio       int64 // opened bytes per byte of the file, 200; the first 16 MiB are free
	Entries     int   // files that come out, 10,000
	Depth       int   // layers around one file, 4
	MemoryBytes int64 // of a zip inside another layer that is kept in memory, 8 MiB; a larger one needs a Spool
}

// freeBytes may be opened whatever the ratio: small files are often packed very well.
const freeBytes = 16 << 20

func (l Limits) withDefaults() Limits {
	l.TotalBytes = cmp.Or(l.TotalBytes, 4<<30)
	l.Ratio = cmp.Or(l.Ratio, 200)
	l.Entries = cmp.Or(l.Entries, 10_000)
	l.Depth = cmp.Or(l.Depth, 4)
	l.MemoryBytes = cmp.Or(l.MemoryBytes, 8<<20)
	return l
}

// A budget is what is left of the limits while a file is opened.
type budget struct {
	ctx     context.Context
	limits  Limits
	size    int64 // of the file
	opened  int64
	entries int
	err     error // the limit that was reached; formats make other errors of it
}

func (b *budget) spend(n int) error {
	b.opened += int64(n)
	switch {
	case b.err != nil:
	case b.ctx.Err() != nil:
		b.err = context.Cause(b.ctx)
	case b.opened > b.limits.TotalBytes:
		b.err = fail(ErrTooLarge, fmt.Errorf("the limit is %d bytes", b.limits.TotalBytes))
	case b.opened > freeBytes && b.opened/b.limits.Ratio > b.size:
		b.err = fail(ErrRatio, fmt.Errorf("the limit is %d times", b.limits.Ratio))
	}
	return b.err
}

// left is how many bytes may still be opened.
func (b *budget) left() int64 { return b.limits.TotalBytes - b.opened }

func (b *budget) entry() error {
	if b.entries++; b.entries > b.limits.Entries {
		return fail(ErrTooMany, fmt.Errorf("the limit is %d", b.limits.Entries))
	}
	return nil
}

// A metered reader spends the budget. It keeps its first error, and marks it as damage of the layer
// that it reads unless somebody has said something more exact.
type metered struct {
	from   io.Reader
	budget *budget
	err    error
	damage func(error) error
}

func (m *metered) Read(p []byte) (int, error) {
	if m.err != nil {
		return 0, m.err
	}
	n, err := m.from.Read(p)
	if spent := m.budget.spend(n); spent != nil {
		m.err = spent
		return 0, m.err
	}
	if err != nil && err != io.EOF {
		err = m.damage(err)
	}
	m.err = err
	return n, err
}
