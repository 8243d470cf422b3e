package diff

import (
	"bytes"
	"errors"
	"hash/maphash"
	"io"
	"strings"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

// A File is what is compared: a file, or bytes in memory.
type File struct {
	io.ReaderAt
	Size int64
}

func (f File) reader() io.Reader { return io.NewSectionReader(f, 0, f.Size) }

// An indexedSet is where a transaction set stands, and what it is about.
type indexedSet struct {
	at      edi.Position // of its ST
	end     int64
	set     string
	control string
	guide   *guide.Guide
	around  *around
	key     string // what the set is about; "" if that can't be told
	hash    uint64
}

// around is the envelope of a set, as sent.
type around struct {
	isa, gs       []byte
	terminator    string
	interchange   edi.Interchange
	group         edi.Group
	inGroup       bool
	isaAt, gsAt   edi.Position
	compared      bool
	isaSeg        edi.Segment
	gsSeg         edi.Segment
	isaDef, gsDef *guide.SegmentDef
}

// index reads a file and notes its sets. Bytes that are not X12 are an error: files that can't be read can't be compared.
func index(f File) ([]*indexedSet, error) {
	x := indexer{}
	sc := guide.NewScanner(edi.NewReader(f.reader()))
	for sc.Next() {
		x.segment(sc)
	}
	x.close()
	return x.sets, sc.Err()
}

type indexer struct {
	sets []*indexedSet
	env  *around
	open *indexedSet
	hash maphash.Hash
}

func (x *indexer) segment(sc *guide.Scanner) {
	s := sc.Segment()
	p := s.Pos()
	if p.Segment <= 1 {
		x.close()
	}
	switch {
	case p.Segment == 1:
		x.begin(sc)
	case s.Is("ISA"):
		x.env = &around{
			isa: append(bytes.Clone(s.Raw()), s.Delimiters().Terminator...), terminator: s.Delimiters().Terminator,
			interchange: sc.Interchange(), isaAt: p, isaSeg: s.Clone(), isaDef: sc.Step().Def,
		}
	case s.Is("GS") && x.env != nil:
		env := *x.env
		env.gs, env.group, env.gsAt = append(bytes.Clone(s.Raw()), env.terminator...), sc.Group(), p
		env.gsSeg, env.gsDef, env.inGroup = s.Clone(), sc.Step().Def, true
		x.env = &env
	}
	if x.open == nil || p.Segment == 0 {
		return
	}
	var word [8]byte
	h := hashSegment(s, sc.Step().Def)
	for i := range word {
		word[i] = byte(h >> (8 * i))
	}
	x.hash.Write(word[:])
	x.open.end = s.End()
	x.open.note(s)
}

func (x *indexer) begin(sc *guide.Scanner) {
	t := sc.Transaction()
	x.open = &indexedSet{at: sc.Segment().Pos(), set: t.Set, control: t.ControlNumber, guide: sc.Guide(), around: x.env}
	x.hash.SetSeed(seed)
	x.hash.Reset()
	if g := x.open.guide; g != nil {
		_, _ = x.hash.WriteString(g.Key)
	}
}

func (x *indexer) close() {
	if x.open != nil {
		x.open.hash = x.hash.Sum64()
		x.sets = append(x.sets, x.open)
		x.open = nil
	}
}

// note takes what a set is about from its header: the payment of an 835, the reference of the others, the group that a 999
// answers.
func (i *indexedSet) note(s edi.Segment) {
	if i.key != "" || s.Pos().Segment > 10 {
		return
	}
	switch {
	case i.set == "835" && s.Is("TRN"):
		i.key = join(s, 2, 3)
	case s.Is("BHT"):
		i.key = join(s, 1, 2, 3)
	case s.Is("AK1"):
		i.key = join(s, 1, 2)
	}
}

func join(s edi.Segment, elements ...int) string {
	var values []string
	for _, n := range elements {
		values = append(values, s.Value(n))
	}
	return strings.Join(values, "\x00")
}

// load reads a set again, as a tree.
func (f File) load(i *indexedSet) (*node, error) {
	var head []byte
	if i.around != nil {
		head = append(append(head, i.around.isa...), i.around.gs...)
	}
	body := io.NewSectionReader(f, i.at.Offset, i.end-i.at.Offset)
	sc := guide.NewScanner(edi.NewReader(io.MultiReader(bytes.NewReader(head), body)))
	b := newBuilder()
	var first edi.Position
	for sc.Next() {
		p := sc.Segment().Pos()
		if p.Segment == 0 {
			continue
		}
		if p.Segment == 1 {
			first = p
		}
		p.Offset += i.at.Offset - first.Offset
		p.Line += i.at.Line - first.Line
		p.Interchange, p.Group, p.Transaction = i.at.Interchange, i.at.Group, i.at.Transaction
		b.add(sc.Segment(), sc.Step(), p)
	}
	if err := sc.Err(); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return b.root, nil
}
