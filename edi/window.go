package edi

import "io"

// A window is the part of a file that a Reader has at hand, with what it lent of it.
type window struct {
	buf   []byte
	ends  []uint32 // see tokens
	views []view
	busy  int // of views, from 1: the one read last when all others were taken back, before the first was used again; 0 if there is none
	id    uint32
}

const firstBuffer = 32 << 10

// fewViews are not worth being used again at once.
const fewViews = 64

// maxSpare bounds the windows that are kept for later.
const maxSpare = 4

// Hold lets s and the segments read after it stay valid until the next call of Hold or Release, instead of until the next
// call of Next, so that a decoder can collect a claim without copying it. s is the segment read last, or one that is held. The
// Reader needs memory for all that is held.
func (r *Reader) Hold(s Segment) {
	r.held = true
	if len(r.retired) > 0 && s.view != nil {
		r.takeBack(s.window)
	}
}

// Release takes back what was held, but for the segment read last.
func (r *Reader) Release() {
	r.held = false
	r.takeBack(r.id)
	if n := len(r.views); n > fewViews { // the first ones again: of a whole window they fill more than the nearest of the processor's caches
		r.views, r.busy = r.views[:0], n
	}
}

// takeBack lets windows from before id be used again.
func (r *Reader) takeBack(id uint32) {
	n := 0
	for ; n < len(r.retired) && r.retired[n].id < id; n++ {
		if len(r.spare) < maxSpare {
			r.spare = append(r.spare, r.retired[n])
		}
	}
	r.retired = r.retired[:copy(r.retired, r.retired[n:])]
}

// view returns memory for the next segment.
func (r *Reader) view() *view {
	if n := len(r.views); n < cap(r.views) && n+1 != r.busy { // nearly all
		r.views = r.views[:n+1]
		return &r.views[n]
	}
	return r.nextView()
}

func (r *Reader) nextView() *view {
	n := len(r.views)
	if n+1 == r.busy {
		n++
		r.busy = 0
	}
	if n == cap(r.views) {
		if r.held || n == 0 {
			r.views = make([]view, 0, max(128, 2*n)) // segments that are held keep theirs
		}
		n, r.busy = 0, 0
	}
	r.views = r.views[:n+1]
	return &r.views[n]
}

// more reads on, keeping what leads to the next segment and what is unread. It invalidates what was lent, unless that is held.
func (r *Reader) more() error {
	if r.err != nil {
		return r.err
	}
	if r.at-r.from > r.maxSegment() {
		r.from = r.at // so much junk is not kept
		r.rescan()
	}
	if r.src == nil {
		return r.moreOfBytes()
	}
	if len(r.buf) == cap(r.buf) {
		r.moveOn()
	}
	for range 100 {
		n, err := r.src.Read(r.buf[len(r.buf):cap(r.buf)])
		r.buf = r.buf[:len(r.buf)+n]
		r.err = err
		if n > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	r.err = io.ErrNoProgress
	return r.err
}

// moveOn makes room for more bytes: at the end of a new window, if what was lent of this one is held.
func (r *Reader) moveOn() {
	rest := r.buf[r.from:]
	size := cap(r.buf)
	if size == 0 || len(rest) > size/2 {
		size = max(firstBuffer, 2*size)
	}
	if r.held && r.lends() {
		r.retire()
	}
	if size > cap(r.buf) {
		r.buf = make([]byte, 0, size)
	}
	r.buf = append(r.buf[:0], rest...)
	r.moved()
}

// moreOfBytes moves the window over bytes in memory.
func (r *Reader) moreOfBytes() error {
	start, end := int(r.base)+r.from, int(r.base)+len(r.buf)
	if end == len(r.all) {
		r.err = io.EOF
		return r.err
	}
	if r.held && r.lends() {
		r.retire()
	}
	end = min(len(r.all), end+max(firstBuffer, end-start))
	r.buf = r.all[start:end:end]
	r.moved()
	return nil
}

// lends tells whether a segment was lent of the window.
func (w *window) lends() bool { return len(w.views) > 0 || w.busy > 0 }

// retire puts the window away until it is no longer held.
func (r *Reader) retire() {
	id := r.id
	r.window.ends = r.tok.ends
	r.retired = append(r.retired, r.window)
	r.window = window{}
	if n := len(r.spare); n > 0 {
		r.window = r.spare[n-1]
		r.spare = r.spare[:n-1]
	}
	open := r.tok.ends[r.end:]
	if r.mark < len(r.tok.marks) {
		open = nil
	}
	r.tok.ends = append(r.window.ends[:0], open...)
	r.end = 0
	r.id = id + 1
}

// moved says that the window begins at what was from, and that the segments lent of it are taken back.
func (r *Reader) moved() {
	r.views, r.busy = r.views[:0], 0
	r.base += int64(r.from)
	r.at -= r.from
	if r.mark < len(r.tok.marks) { // rare: separators were found ahead
		r.tok.reset(r.at)
		r.begin, r.end = r.at+r.from, 0
	} else {
		open := copy(r.tok.ends[:cap(r.tok.ends)], r.tok.ends[r.end:])
		r.tok.ends, r.tok.marks, r.end = r.tok.ends[:open], r.tok.marks[:0], 0
		r.tok.next = max(r.tok.next-r.from, 0)
		r.tok.start = max(r.tok.start-r.from, 0)
		r.tok.control = r.tok.control && open > 0
	}
	r.begin = max(r.begin-r.from, 0)
	r.mark, r.from = 0, 0
}
