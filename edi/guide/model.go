package guide

// A Guide is an implementation guide: what may stand in one kind of transaction set. Guides are shared and must not be changed.
type Guide struct {
	Key          string   // name of its definition: "835", "277CA", "278-request"; see [Lookup]
	ID           string   // as GS08 carries it: 005010X221A1
	Set          string   // ST01: 835
	Variant      string   // request or response, where one ID and Set have two guides
	Name         string   // Health Care Claim Payment/Advice
	FunctionalID string   // GS01: HP
	Unused       []string // segments that the standard has in this transaction set and the guide leaves out
	Root         *Loop    // the transaction set itself, ST to SE
	Loops        []*Loop
	Segments     []*SegmentDef
	Situations   []*Situation // rules between segments

	situations *situationPlan // nil: none
	tags       tagTable
	places     []place
}

// Loop returns the first loop with the given id, such as "2110C"; nil if there is none.
func (g *Guide) Loop(id string) *Loop {
	for _, l := range g.Loops {
		if l.ID == id {
			return l
		}
	}
	return nil
}

// Usage says whether something must be there.
type Usage byte

// Usages of loops, segments and elements.
const (
	Required    Usage = 'R'
	Situational Usage = 'S'
	NotUsed     Usage = 'N'
)

// Unbounded is the Max of what may repeat without limit.
const Unbounded = 1 << 30

// A Loop is a group of segments that begins with its trigger. The root loop is the transaction set.
type Loop struct {
	ID       string // 2100; "" for the root
	Name     string // Claim Payment Information
	Usage    Usage
	Max      int         // instances per instance of the parent; per parent HL for HL loops
	Parent   *Loop       // nil for the root. HL loops are all children of the root
	HL       *HL         // set for the loops that begin with an HL
	Children []Node      // in the order of the guide
	Trigger  *SegmentDef // the first segment
	Index    int         // in Guide.Loops, the root is 0

	depth int
	order int // rank of the loop within its parent
	child int // index in the parent's Children

	required []int     // children that must be there, HL loops below others left out
	brackets []bracket // segments that go with a loop
	below    []*Loop   // HL loops that may hang below this one
	hlIndex  int       // among the HL loops of the guide

	byTag  [][]candidate // by number of the segment's name: places in this loop
	chain  [][]candidate // the same, with those in the loops around
	ahead  []uint16      // by rank and number: where in Guide.places those begin in which the segment may stand next
	inside [][]candidate // by number: segments in the loops below, without their triggers
	deep   [][]*Loop     // by tag of the trigger: loops below the children
}

// Path returns the ids of the loop and its parents, outermost first: "2000/2100/2110".
func (l *Loop) Path() string {
	if l == nil || l.Parent == nil {
		return ""
	}
	if l.Parent.Parent == nil {
		return l.ID
	}
	return l.Parent.Path() + "/" + l.ID
}

// An HL says where a loop stands in the hierarchy of HL segments.
type HL struct {
	Level   string  // HL03: 20, 21, 22, 23, EV …
	Parents []*Loop // loops that HL02 may point to; none for the top level
}

// A Node is a segment or a loop within a loop: one of both is set.
type Node struct {
	Segment *SegmentDef
	Loop    *Loop
}

// A SegmentDef is one use of a segment at one place of a guide.
type SegmentDef struct {
	Tag      string
	Name     string
	Usage    Usage
	Max      int // per instance of its loop
	Position int // in the transaction set; segments of one loop with equal positions may come in any order
	Notes    []Note
	Elements []*ElementDef // element n is at n-1
	Loop     *Loop
	With     string // id of the child loop with which alone it stands; "" for most
	Index    int    // in Guide.Segments

	qualifier  int      // the element whose codes tell it from its siblings
	qualifiers *CodeSet // nil: any
	order      int      // rank within its loop
	child      int      // index in the loop's Children
	trigger    bool
	notes      []compiledNote
	used       uint64 // elements that may be sent: element n is bit n-1
	mandatory  uint64 // required elements
	noted      uint64 // elements that can break a note by being there; all of them if one can be broken by absence
	plan       []check
	role       role
	codeFirst  bool // the qualifier is the first element, and no composite
}

// A bracket is a segment that is there exactly if a loop is: LS and LE.
type bracket struct{ segment, loop int }

// Element returns the definition of element n, from 1; nil beyond the last.
func (d *SegmentDef) Element(n int) *ElementDef {
	if d == nil || n < 1 || n > len(d.Elements) {
		return nil
	}
	return d.Elements[n-1]
}

// An ElementDef is an element of a segment, or a component of a composite.
type ElementDef struct {
	Ref        string // CLP02, SVC01-2
	DE         string // data element number, or that of a composite: 1029, C003
	Name       string
	Usage      Usage
	Type       Type
	Min, Max   int      // length in characters; without sign and point in numbers
	Digits     int      // limit of the guide to the digits of an amount; 0 is none
	Repeat     int      // how often it may repeat: 1 for most
	Codes      *CodeSet // nil: any value
	List       string   // outside list that its value is from, "" if none: carc, rarc, state …
	Components []*ElementDef
	Notes      []Note // of a composite: relations between its components
	Tolerated  bool   // not used, but common: a warning

	notes    []compiledNote
	noted    uint64 // components that can break a note by being there
	formatBy int    // element, or component of the same composite, that holds the format of this one; 0 is none
}

// Type is a data type of X12.
type Type uint8

// The types that the guides use.
const (
	TypeNone      Type = iota // not used, so not told
	TypeAN                    // text
	TypeID                    // code
	TypeN0                    // whole number
	TypeR                     // decimal
	TypeDT                    // date
	TypeTM                    // time
	TypeComposite             // made of components
)

var typeNames = [...]string{
	TypeNone: "-", TypeAN: "AN", TypeID: "ID", TypeN0: "N0", TypeR: "R", TypeDT: "DT", TypeTM: "TM", TypeComposite: "composite",
}

// String returns the name of the type as guides write it.
func (t Type) String() string { return typeNames[t] }

// A Note is a syntax note: a relation between elements of a segment.
type Note struct {
	Kind     byte // P paired, R at least one, E at most one, C if the first then all, L if the first then one more
	Elements []int
}

// String returns the note as guides write it: "P0607".
func (n Note) String() string {
	b := []byte{n.Kind}
	for _, e := range n.Elements {
		b = append(b, byte('0'+e/10), byte('0'+e%10))
	}
	return string(b)
}
