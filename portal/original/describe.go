package original

import (
	"fmt"

	"github.com/ediport/ediport/edi/codes"
	"github.com/ediport/ediport/edi/guide"
)

// describe copies the scanner's segment, with the names of its place in the guide.
func describe(sc *guide.Scanner) Segment {
	s, step := sc.Segment(), sc.Step()
	out := Segment{Tag: s.Tag(), Text: string(s.Raw()), Elements: []Element{}}
	if step.Loop != nil {
		out.Loop, out.LoopName = step.Loop.ID, step.Loop.Name
	}
	if step.Def != nil {
		out.Name = step.Def.Name
	}
	for n := 1; n <= s.Len(); n++ {
		e := Element{Ref: fmt.Sprintf("%s%02d", out.Tag, n), Value: string(s.Element(n))}
		if def := step.Def.Element(n); def != nil {
			e.Name, e.Text = def.Name, meaning(def, s.Value(n))
		}
		out.Elements = append(out.Elements, e)
	}
	return out
}

// meaning returns what a code stands for, "" for what is no code.
func meaning(def *guide.ElementDef, value string) string {
	if value == "" || (def.Codes == nil && def.List == "") {
		return ""
	}
	for _, list := range []string{def.List, def.DE} {
		if list == "" {
			continue
		}
		if e, ok := codes.Lookup(codes.List(list), value); ok {
			return e.Short
		}
	}
	return ""
}
