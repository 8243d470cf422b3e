package edi

// An Interchange is the header of an interchange, ISA, as sent, without padding.
type Interchange struct {
	Ordinal           int    // in the file, from 1
	Offset            int64  // of its ISA
	SenderQualifier   string // ISA05
	SenderID          string // ISA06
	ReceiverQualifier string // ISA07
	ReceiverID        string // ISA08
	Date              string // ISA09, YYMMDD, of no zone
	Time              string // ISA10, HHMM
	Version           string // ISA12
	ControlNumber     string // ISA13
	AckRequested      string // ISA14: 1 asks for a TA1
	Usage             string // ISA15: P production, T test
	Delimiters        Delimiters
}

// A Group is the header of a functional group, GS, as sent.
type Group struct {
	Ordinal       int    // in its interchange, from 1
	Offset        int64  // of its GS
	FunctionalID  string // GS01
	Sender        string // GS02
	Receiver      string // GS03
	Date          string // GS04, CCYYMMDD
	Time          string // GS05
	ControlNumber string // GS06
	Agency        string // GS07
	Version       string // GS08: release and guide, such as 005010X221A1
}

// A Transaction is the header of a transaction set, ST, as sent.
type Transaction struct {
	Ordinal       int    // in its group, from 1
	Offset        int64  // of its ST
	Set           string // ST01, such as 835
	ControlNumber string // ST02
	Convention    string // ST03: the guide; not used by the 835
	Segments      int    // segments read so far, ST and SE included
}

func interchangeOf(s *Segment) Interchange {
	return Interchange{
		Offset:          s.offset,
		SenderQualifier: s.Value(5), SenderID: s.Value(6), ReceiverQualifier: s.Value(7), ReceiverID: s.Value(8),
		Date: s.Value(9), Time: s.Value(10), Version: s.Value(12), ControlNumber: s.Value(13),
		AckRequested: s.Value(14), Usage: s.Value(15), Delimiters: *s.del,
	}
}

func groupOf(s *Segment) Group {
	return Group{
		Offset: s.offset, FunctionalID: s.Value(1), Sender: s.Value(2), Receiver: s.Value(3),
		Date: s.Value(4), Time: s.Value(5), ControlNumber: s.Value(6), Agency: s.Value(7), Version: s.Value(8),
	}
}

func transactionOf(s *Segment) Transaction {
	return Transaction{Offset: s.offset, Set: tagName(s.Text(1)), ControlNumber: s.Value(2), Convention: s.Value(3), Segments: 1}
}
