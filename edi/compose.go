package edi

// Compose adds a segment that was not read, but made: raw is its id and elements, with the separators of d and without the
// terminator; d must stay as it is. The segment says of itself that it stands at p. It is the record's, as after [Record.Append].
func (r *Record) Compose(raw []byte, d *Delimiters, p Position) Segment {
	ends := r.made.ends[:0]
	for i, sep := 0, d.Element; i+len(sep) <= len(raw); i++ {
		if string(raw[i:i+len(sep)]) == sep {
			ends = append(ends, uint32(i))
			i += len(sep) - 1
		}
	}
	r.made = view{text: raw, ends: append(ends, uint32(len(raw))), del: d, sep: uint8(len(d.Element))}
	s := r.AppendAt(Segment{&r.made}, p)
	r.made.text, r.made.del = nil, nil
	return s
}

// AppendAt is Append of a segment that from now on says of itself that it stands at p.
func (r *Record) AppendAt(s Segment, p Position) Segment {
	c := r.Append(s)
	c.offset, c.line = p.Offset, uint32(p.Line)
	c.interchange, c.group = uint32(p.Interchange), uint32(p.Group)
	c.transaction, c.segment = uint32(p.Transaction), uint32(p.Segment)
	return c
}
