package decode

// A Slab gives the short lists of an entity (the adjustments of each of its lines, say) one common piece of memory
// that is used again for the next entity.
type Slab[T any] struct{ items []T }

// Reset takes back what was given.
func (s *Slab[T]) Reset() { s.items = s.items[:0] }

// Append appends a zero T to list and returns it; the pointer is valid until the next Append. A list that grows after a
// younger one has begun, which well-ordered documents don't do, leaves the slab for memory of its own.
func (s *Slab[T]) Append(list *[]T) *T {
	n := len(*list)
	if n > 0 && (n > len(s.items) || &(*list)[n-1] != &s.items[len(s.items)-1]) {
		return Grow(list)
	}
	item := Grow(&s.items)
	end := len(s.items)
	*list = s.items[end-n-1 : end : end]
	return item
}

// Next is Append for who sets every field of the item, which may hold what was there before.
func (s *Slab[T]) Next(list *[]T) *T {
	n, end := len(*list), len(s.items)
	if end == cap(s.items) || n > 0 && (n > end || &(*list)[n-1] != &s.items[end-1]) {
		return s.Append(list)
	}
	s.items = s.items[:end+1]
	*list = s.items[end-n : end+1 : end+1]
	return &s.items[end]
}

// Grow appends a zero T to list and returns it. Unlike append it makes no T elsewhere first: these are large.
func Grow[T any](list *[]T) *T {
	n := len(*list)
	if n == cap(*list) {
		*list = append(*list, *new(T))
		return &(*list)[n]
	}
	*list = (*list)[:n+1]
	item := &(*list)[n]
	*item = *new(T)
	return item
}
