package edi

// AppendTexts appends the tag and all elements of the segment to list, each as [Segment.Text] returns it: element n is
// at n behind what was there. It reads the segment once, which suits decoders that need most elements. The bytes are the Reader's.
func (s Segment) AppendTexts(list []Text) []Text {
	if s.view == nil {
		return list
	}
	raw, start, sep := s.text, uint32(0), uint32(s.sep)
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
	if len(c.sep) == 1 { // components are short: a look at each byte is faster than a search
		start := 0
		for i, b := range c.raw {
			if b == c.sep[0] {
				list = append(list, trimText(c.raw[start:i:i]))
				start = i + 1
			}
		}
		return append(list, trimText(c.raw[start:]))
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

// AppendFirsts appends the first component of each repetition of element n to list, but for empty ones.
func (s Segment) AppendFirsts(list []Text, n int) []Text {
	raw := s.Element(n)
	if len(raw) == 0 {
		return list
	}
	if len(s.del.Repetition) != 1 || len(s.del.Component) != 1 {
		for c := range s.Repetitions(n) {
			list = appendSent(list, c.Component(1))
		}
		return list
	}
	repetition, component := s.del.Repetition[0], s.del.Component[0]
	start, end := 0, -1 // of the first component; the end is not known yet
	for i, c := range raw {
		if c == component && end < 0 {
			end = i
		}
		if c == repetition {
			if end < 0 {
				end = i
			}
			list = appendSent(list, raw[start:end:end])
			start, end = i+1, -1
		}
	}
	if end < 0 {
		end = len(raw)
	}
	return appendSent(list, raw[start:end:end])
}

func appendSent(list []Text, b []byte) []Text {
	if t := trimText(b); t != nil {
		list = append(list, t)
	}
	return list
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
