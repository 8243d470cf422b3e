package guide

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// errDefinition says that a definition does not have the form that the package comment describes.
var errDefinition = errors.New("guide definition")

// A definitionParser reads the lines of one definition.
type definitionParser struct {
	file  string
	line  int
	guide *Guide
	lists map[string]*CodeSet
	names map[string]string // of data elements, by number

	open    []openLoop
	segment *SegmentDef
	group   *ElementDef // composite whose components are being read
	under   map[*Loop][]string
	rules   [][]string // clauses of the guide's situations
}

type openLoop struct {
	loop   *Loop
	indent int
}

// parseDefinition reads a guide from the text of its definition.
func parseDefinition(file, text string, lists map[string]*CodeSet, names map[string]string) (*Guide, error) {
	p := &definitionParser{file: file, lists: lists, names: names, under: make(map[*Loop][]string)}
	p.guide = &Guide{Key: strings.TrimSuffix(file, ".guide"), Root: &Loop{Usage: Required, Max: 1}}
	p.guide.Loops = []*Loop{p.guide.Root}
	p.open = []openLoop{{p.guide.Root, 0}}
	for text := range strings.Lines(text) {
		p.line++
		if err := p.read(strings.TrimRight(text, "\r\n")); err != nil {
			return nil, fmt.Errorf("%w %s, line %d: %w", errDefinition, file, p.line, err)
		}
	}
	if err := p.finish(); err != nil {
		return nil, fmt.Errorf("%w %s: %w", errDefinition, file, err)
	}
	return p.guide, nil
}

func (p *definitionParser) read(text string) error {
	body := strings.TrimLeft(text, " ")
	if body == "" || body[0] == '#' {
		return nil
	}
	indent := len(text) - len(body)
	word, rest, _ := strings.Cut(body, " ")
	rest = strings.TrimLeft(rest, " ")
	switch {
	case word == "loop":
		return p.readLoop(indent, rest)
	case word == "rule":
		return p.readRule(indent, rest)
	case word[0] >= '0' && word[0] <= '9':
		return p.readSegment(indent, word, rest)
	case p.segment == nil && indent == 0:
		return p.readHeader(word, rest)
	default:
		return p.readElement(word, rest)
	}
}

func (p *definitionParser) readHeader(word, value string) error {
	g := p.guide
	switch word {
	case "guide":
		g.ID = value
	case "set":
		g.Set = value
	case "variant":
		g.Variant = value
	case "name":
		g.Name, g.Root.Name = value, value
	case "group":
		g.FunctionalID = value
	case "unused":
		g.Unused = strings.Fields(value)
	default:
		return fmt.Errorf("unknown word %q", word)
	}
	return nil
}

// within closes the loops that a line of this indentation ends, and returns the one it belongs to.
func (p *definitionParser) within(indent int) (*Loop, error) {
	for len(p.open) > 1 && p.open[len(p.open)-1].indent > indent {
		p.open = p.open[:len(p.open)-1]
	}
	if top := p.open[len(p.open)-1]; top.indent != indent {
		return nil, fmt.Errorf("indented by %d, the loop's lines by %d", indent, top.indent)
	}
	return p.open[len(p.open)-1].loop, nil
}

// readLoop reads: loop 2100  R >1  Claim Payment Information  under 2000B.
func (p *definitionParser) readLoop(indent int, text string) error {
	parent, err := p.within(indent)
	if err != nil {
		return err
	}
	id, text := field(text)
	l := &Loop{ID: id, Parent: parent, Index: len(p.guide.Loops), child: len(parent.Children)}
	var clauses []string
	if l.Usage, l.Max, l.Name, clauses, err = usageMaxName(text); err != nil {
		return err
	}
	for _, c := range clauses {
		word, rest := field(c)
		if word != "under" {
			return fmt.Errorf("unknown clause %q", c)
		}
		l.HL = &HL{}
		if rest != "-" {
			p.under[l] = strings.Fields(rest)
		}
	}
	p.guide.Loops = append(p.guide.Loops, l)
	parent.Children = append(parent.Children, Node{Loop: l})
	p.open = append(p.open, openLoop{l, indent + 2})
	p.segment, p.group = nil, nil
	return nil
}

// readSegment reads: 0100 CLP  R 1  Claim Payment Information  notes P0304.
func (p *definitionParser) readSegment(indent int, position, text string) error {
	loop, err := p.within(indent)
	if err != nil {
		return err
	}
	d := &SegmentDef{Loop: loop, Index: len(p.guide.Segments), child: len(loop.Children)}
	if d.Position, err = strconv.Atoi(position); err != nil {
		return fmt.Errorf("position %q is no number", position)
	}
	d.Tag, text = field(text)
	var clauses []string
	if d.Usage, d.Max, d.Name, clauses, err = usageMaxName(text); err != nil {
		return err
	}
	for _, c := range clauses {
		word, rest := field(c)
		switch word {
		case "notes":
			if d.Notes, err = parseNotes(rest); err != nil {
				return err
			}
		case "with":
			d.With = rest
		default:
			return fmt.Errorf("unknown clause %q", c)
		}
	}
	p.guide.Segments = append(p.guide.Segments, d)
	loop.Children = append(loop.Children, Node{Segment: d})
	p.segment, p.group = d, nil
	return nil
}

// readRule reads: rule mia-and-moa warning  if MIA  forbids MOA  because a claim has one of them.
func (p *definitionParser) readRule(indent int, text string) error {
	loop, err := p.within(indent)
	if err != nil {
		return err
	}
	s, clauses, err := parseSituation(loop, text)
	if err != nil {
		return err
	}
	p.guide.Situations = append(p.guide.Situations, s)
	p.rules = append(p.rules, clauses)
	return nil
}

// usageMaxName reads: R >1 Claim Payment Information  clause  clause.
func usageMaxName(text string) (u Usage, most int, name string, clauses []string, err error) {
	word, text := field(text)
	if u, err = parseUsage(word); err != nil {
		return
	}
	word, text = field(text)
	if most, err = parseMax(word); err != nil {
		return
	}
	clauses = splitClauses(text)
	return u, most, clauses[0], clauses[1:], nil
}

// readElement reads: CLP02  R  ID 1/2  1029  Claim Status Code  = 1 2 3  repeat 5.
func (p *definitionParser) readElement(ref, text string) error {
	if p.segment == nil {
		return fmt.Errorf("%s stands outside of a segment", ref)
	}
	e := &ElementDef{Ref: ref, Repeat: 1}
	word, text := field(text)
	var err error
	if e.Usage, err = parseUsage(word); err != nil {
		return err
	}
	if text, err = e.parseType(text); err != nil {
		return err
	}
	e.DE, text = field(text)
	if e.Type == TypeNone {
		text = "  " + text // without a name of its own
	}
	clauses := splitClauses(text)
	if e.Name = clauses[0]; e.Name == "" {
		e.Name = p.names[e.DE]
	}
	for _, c := range clauses[1:] {
		if err := p.readClause(e, c); err != nil {
			return err
		}
	}
	return p.addElement(e)
}

func (p *definitionParser) readClause(e *ElementDef, clause string) (err error) {
	word, rest := field(clause)
	switch word {
	case "=":
		if name, shared := strings.CutPrefix(rest, "@"); shared {
			if e.Codes = p.lists[name]; e.Codes == nil {
				return fmt.Errorf("%s: unknown code list %q", e.Ref, name)
			}
			return nil
		}
		var codes []string
		codes, err = splitCodes(rest)
		e.Codes = newCodeSet("", codes)
	case "list":
		e.List = rest
	case "tolerated":
		e.Tolerated = true
	case "digits":
		e.Digits, err = strconv.Atoi(rest)
	case "repeat":
		e.Repeat, err = parseMax(rest)
	default:
		err = fmt.Errorf("%s: unknown clause %q", e.Ref, clause)
	}
	return err
}

// addElement appends e to its segment or composite and checks that no number is missing.
func (p *definitionParser) addElement(e *ElementDef) error {
	base, _, component := strings.Cut(e.Ref, "-")
	if component {
		if p.group == nil || p.group.Ref != base {
			return fmt.Errorf("%s stands outside of its composite", e.Ref)
		}
		p.group.Components = append(p.group.Components, e)
		if want := base + "-" + strconv.Itoa(len(p.group.Components)); e.Ref != want {
			return fmt.Errorf("%s where %s is next", e.Ref, want)
		}
		return nil
	}
	d := p.segment
	d.Elements = append(d.Elements, e)
	if want := fmt.Sprintf("%s%02d", d.Tag, len(d.Elements)); e.Ref != want {
		return fmt.Errorf("%s where %s is next", e.Ref, want)
	}
	p.group = nil
	if e.Type == TypeComposite {
		p.group = e
	}
	return nil
}

// parseType reads: ID 1/2, composite or - and returns what follows.
func (e *ElementDef) parseType(text string) (rest string, err error) {
	word, rest := field(text)
	for t, name := range typeNames {
		if name == word {
			e.Type = Type(t)
		}
	}
	switch {
	case typeNames[e.Type] != word:
		return "", fmt.Errorf("%s: unknown type %q", e.Ref, word)
	case e.Type == TypeNone && e.Usage != NotUsed:
		return "", fmt.Errorf("%s: a used element needs a type", e.Ref)
	case e.Type == TypeNone || e.Type == TypeComposite:
		return rest, nil
	}
	word, rest = field(rest)
	low, high, _ := strings.Cut(word, "/")
	if e.Min, err = strconv.Atoi(low); err != nil {
		return "", fmt.Errorf("%s: length %q is not least/most", e.Ref, word)
	}
	if e.Max, err = strconv.Atoi(high); err != nil || e.Max < e.Min || e.Min < 1 {
		return "", fmt.Errorf("%s: length %q is not least/most", e.Ref, word)
	}
	return rest, nil
}

// field cuts the first word off text.
func field(text string) (word, rest string) {
	word, rest, _ = strings.Cut(text, " ")
	return word, strings.TrimLeft(rest, " ")
}

// splitClauses splits text where two blanks or more stand; the first part is a name, perhaps empty.
func splitClauses(text string) []string {
	parts := strings.Split(text, "  ")
	clauses := parts[:1]
	for _, s := range parts[1:] {
		if s = strings.Trim(s, " "); s != "" {
			clauses = append(clauses, s)
		}
	}
	return clauses
}

func parseUsage(word string) (Usage, error) {
	switch word {
	case "R", "S", "N":
		return Usage(word[0]), nil
	}
	return 0, fmt.Errorf("usage %q is not R, S or N", word)
}

func parseMax(word string) (int, error) {
	if word == ">1" {
		return Unbounded, nil
	}
	n, err := strconv.Atoi(word)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("repeat %q is neither a number nor >1", word)
	}
	return n, nil
}

func parseNotes(text string) ([]Note, error) {
	var notes []Note
	for _, word := range strings.Fields(text) {
		n := Note{Kind: word[0]}
		digits := word[1:]
		if !strings.ContainsRune("PRECL", rune(n.Kind)) || len(digits) < 4 || len(digits)%2 != 0 {
			return nil, fmt.Errorf("syntax note %q is not a letter of P R E C L and two or more two-digit positions", word)
		}
		for ; digits != ""; digits = digits[2:] {
			e, err := strconv.Atoi(digits[:2])
			if err != nil || e < 1 {
				return nil, fmt.Errorf("syntax note %q has a bad position", word)
			}
			n.Elements = append(n.Elements, e)
		}
		notes = append(notes, n)
	}
	return notes, nil
}

// splitCodes splits a list of codes; a code with blanks in it stands in quotes.
func splitCodes(text string) ([]string, error) {
	var codes []string
	for text = strings.Trim(text, " "); text != ""; text = strings.TrimLeft(text, " ") {
		if text[0] != '"' {
			var word string
			word, text = field(text)
			codes = append(codes, word)
			continue
		}
		code, rest, closed := strings.Cut(text[1:], `"`)
		if !closed {
			return nil, errors.New("a code in quotes is not closed")
		}
		codes, text = append(codes, code), rest
	}
	if len(codes) == 0 {
		return nil, errors.New("a list without codes")
	}
	return codes, nil
}
