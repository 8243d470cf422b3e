package edi

// AppendTexts appends the tag and all elements of the segment to list, each as [Segment.Text] returns it: element n is
// at n behind what was there. It reads the segment once, which suits decoders that need most elements. The bytes are the Reader's.
func (s *Segment) AppendTexts(list []Text) []Text {
	raw, start, sep := s.buf[s.start:], uint32(0), uint32(s.sep)
	for _, end := range s.ends {
		text := raw[start:end:end]
		start = end + sep
		if len(text) > 0 && text[0] > ' ' && text[len(text)-1] > ' ' { // nearly all
			list = append(list, text)
			continue
		}
		list = append(list, trim(text))
	}
	return list
}

// AppendComponents appends the components of the composite to list, each as [Composite.Component] returns it. An empty
// composite has none.
func (c Composite) AppendComponents(list []Text) []Text {
	if len(c.raw) == 0 {
		return list
	}
	if c.sep == "" {
		return append(list, trimText(c.raw))
	}
	for {
		first, rest := cut(c.raw, c.sep)
		list = append(list, trimText(first))
		if len(first) == len(c.raw) {
			return list
		}
		c.raw = rest
	}
}

// trimText is trim with a short way for texts without blanks around them, as nearly all are.
func trimText(b []byte) Text {
	if len(b) == 0 {
		return nil
	}
	if b[0] > ' ' && b[len(b)-1] > ' ' {
		return Text(b)
	}
	return Text(trim(b))
}
