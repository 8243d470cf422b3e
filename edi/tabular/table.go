package tabular

// A Kind says what the cells of a column hold.
type Kind uint8

// Kinds of columns. Any cell may be empty.
const (
	Text   Kind = iota // as sent, without blanks around it
	Amount             // dollars, unless the document says otherwise
	Number             // another number
	Date               // 2026-11-21
	List               // several texts
)

var kindNames = [...]string{Text: "text", Amount: "amount", Number: "number", Date: "date", List: "list"}

// String returns the name of the kind.
func (k Kind) String() string { return kindNames[k] }

// A Column is one column of a table.
type Column struct {
	Name string
	Kind Kind
	Doc  string // what it holds, and where that stands in X12
}

// A Table is a kind of rows.
type Table struct {
	Name    string   // what --table and the member "table" call it
	Title   string   // what a person calls it
	Grain   string   // what one row is
	Sets    []string // ST01 of the sets that it is made from
	Columns []Column
	Extra   bool // made on request only: another view of what a table before it has
}

// Tables are all tables, in the order of their documentation.
var Tables = []*Table{Remittance, Adjustments, Benefits, Inquiries, Statuses, StatusRequests, Authorizations, Acknowledgments}

// Lookup returns the table of a name, nil if there is none.
func Lookup(name string) *Table {
	for _, t := range Tables {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// TableOf returns the table that sets of ST01 set fill if none is asked for; nil if there is none.
func TableOf(set string) *Table {
	for _, t := range Tables {
		if t.Extra {
			continue
		}
		for _, s := range t.Sets {
			if s == set {
				return t
			}
		}
	}
	return nil
}

// A Cell is a value of a row: Text, or Items in a column of lists. Both are lent with the row.
type Cell struct {
	Text  []byte // empty: nothing was sent
	Items [][]byte
}

// Empty tells whether nothing stands in the cell.
func (c Cell) Empty() bool { return len(c.Text) == 0 && len(c.Items) == 0 }

// A Row is one row of a table; its cells stand as the table's columns do. It is lent until the next.
type Row struct {
	Table *Table
	Cells []Cell
}

// A Writer writes rows. Begin comes before the first row of a table, End after the last of all. It is not safe for several
// goroutines.
type Writer interface {
	Begin(*Table) error
	Row(*Row) error
	End() error
}
