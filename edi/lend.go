package edi

import (
	"bytes"
	"io"
)

const (
	firstStep = 1 << 10
	lastStep  = 32 << 10
)

// rescan forgets the separators found ahead: from here on there are others. Should that come often, not much is found ahead.
func (r *Reader) rescan() {
	r.tok.ends, r.tok.marks = r.tok.ends[:r.end], r.tok.marks[:r.mark]
	r.tok.next, r.tok.start, r.begin, r.step = r.at, r.at, r.at, firstStep
}

// align makes the separators found ahead begin with those of the segment that starts here.
func (r *Reader) align() {
	for r.mark < len(r.tok.marks) {
		last := int(r.tok.marks[r.mark])
		stop := r.begin + int(r.tok.ends[last-1])
		if stop >= r.at {
			break
		}
		r.begin = stop + int(r.scan.end)
		r.end = last
		r.mark++
	}
	lead := uint32(r.at - r.begin)
	if lead == 0 {
		return
	}
	r.begin = r.at
	if r.mark == len(r.tok.marks) {
		step := r.step
		r.rescan()
		r.step = step
		return
	}
	for r.tok.ends[r.end] < lead {
		r.end++
	}
	for i := r.end; i < int(r.tok.marks[r.mark]); i++ {
		r.tok.ends[i] -= lead
	}
}

// segment reads the segment that starts here into current.
func (r *Reader) segment() error {
	r.align()
	for r.mark == len(r.tok.marks) {
		if r.scanOn() {
			continue
		}
		if len(r.buf)-r.at > r.maxSegment() {
			return r.tooLong()
		}
		if err := r.more(); err == io.EOF {
			r.lendRest()
			return nil
		} else if err != nil {
			return err
		}
	}
	return r.take()
}

// scanOn looks for separators further ahead, and tells whether there was something to look at.
func (r *Reader) scanOn() bool {
	from := r.tok.next
	r.most, r.mostElements = r.maxSegment(), r.maxElements()
	r.scan.scan(r.buf[:min(len(r.buf), from+r.step)], &r.tok)
	r.step = min(2*r.step, lastStep)
	return r.tok.next > from
}

// take makes current of the next segment found ahead.
func (r *Reader) take() error {
	last := int(r.tok.marks[r.mark])
	ends := r.tok.ends[r.end:last:last]
	if lead := uint32(r.at - r.begin); lead > 0 {
		for i := range ends {
			ends[i] -= lead
		}
		r.begin = r.at
	}
	size := int(ends[len(ends)-1])
	if size > r.most || len(ends) > r.mostElements {
		return r.tooLong()
	}
	r.end = last
	r.mark++
	r.lend(ends, r.at+size)
	r.at += int(r.scan.end)
	r.begin = r.at
	if r.scan.terminator == '\n' {
		r.line++
	}
	return nil
}

// lend makes current of the bytes from here to end.
func (r *Reader) lend(ends []uint32, end int) {
	at := r.at
	text := r.buf[at:end:end]
	v := r.view()
	v.text, v.ends, v.del = text, ends, r.del
	v.lead, v.sep, v.open, v.wrapped = 0, r.scan.separator, false, false
	v.offset, v.line, v.window = r.base+int64(at), uint32(r.line), r.id
	r.current.view = v
	r.at = end
	if r.from != at {
		v.lead, v.raw = uint32(at-r.from), r.buf[r.from:end:end]
	}
	if r.tok.control && hasControl(text) {
		r.line += bytes.Count(text, []byte{'\n'})
		r.unwrap(v)
		text = v.text
	}
	if r.envelope.inSet && !namesEnvelope(text) && !v.wrapped { // nearly all
		r.envelope.inside(&r.current)
		return
	}
	r.envelope.step(&r.current)
	if v.wrapped {
		r.envelope.wrapped(&r.current)
	}
	if r.envelope.closed {
		r.del = nil // what follows is an ISA with delimiters of its own, or junk
	}
	if r.base+int64(end)+int64(r.scan.end) >= r.stop {
		r.tok.marks = r.tok.marks[:r.mark]
		r.done = true
	}
}

// namesEnvelope tells whether b may begin with one of ISA, IEA, GS, GE, ST, SE, TA1: by the low bits of its first two letters.
func namesEnvelope(b []byte) bool {
	const low = 31
	const first = 1<<('I'&low) | 1<<('G'&low) | 1<<('S'&low) | 1<<('T'&low)
	const second = 1<<('S'&low) | 1<<('E'&low) | 1<<('T'&low) | 1<<('A'&low)
	return len(b) < 2 || uint32(first)>>(b[0]&low)&1 != 0 && uint32(second)>>(b[1]&low)&1 != 0
}

// unwrap leaves the line breaks out of a segment that has some before its end.
func (r *Reader) unwrap(v *view) {
	text := v.text
	if !bytes.ContainsAny(bytes.TrimRight(text, "\r\n\t "), "\r\n") || isBreak(r.del.Component) || isBreak(r.del.Repetition) {
		return
	}
	b := r.wrapped[:0]
	if r.held {
		b = nil
	}
	for _, c := range text {
		if c != '\r' && c != '\n' {
			b = append(b, c)
		}
	}
	v.ends = r.scan.elements(b, v.ends[:0])
	if v.lead == 0 {
		v.raw = text
	}
	r.wrapped, v.text, v.wrapped = b, b[:len(b):len(b)], true
}

func isBreak(delimiter string) bool { return delimiter == "\r" || delimiter == "\n" }

// lendRest takes what is left of the file as its last segment.
func (r *Reader) lendRest() {
	rest := bytes.TrimRight(r.buf[r.at:], "\r\n\t \x1a")
	r.trailer = r.buf[r.at+len(rest):]
	r.envelope.unterminated(r.position())
	r.tok.ends = r.scan.elements(rest, r.tok.ends[:r.end])
	ends := r.tok.ends[r.end:]
	r.end = len(r.tok.ends)
	r.tok.control = true
	r.envelope.torn = true
	r.lend(ends, r.at+len(rest))
	r.envelope.torn = false
	r.current.open = true
	r.begin, r.tok.next, r.tok.start = r.at, r.at, r.at
}
