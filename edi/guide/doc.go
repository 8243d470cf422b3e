// Package guide knows the implementation guides: what may stand where in a transaction set, what it is called, and what is
// wrong with it.
//
// To check a file, let a [Checker] follow a [Scanner] over it:
//
//	r := edi.NewReader(file)
//	c := guide.NewChecker(func(f edi.Finding) { fmt.Println(f) })
//	r.Report = c.Report
//	sc := guide.NewScanner(r)
//	for sc.Next() {
//		c.Segment(sc)
//	}
//	c.End()
//	return sc.Err()
//
// The Scanner alone tells for each segment where it stands: its [Loop], its definition and the names that people use. A loop is a
// group of segments that begins with its trigger and has a number such as 2100. Loops that begin with an HL, a
// hierarchical level, are siblings in the guide; which hangs below which is said by the HL segments of the file.
//
// A finding has a sentence for an analyst, its Message, and one for a person who bills: [Advise]. [Checker.Levels] limits the kinds of
// checks, and [Checker.Partner] adds rules of a trading partner.
//
// # Definitions
//
// Each guide is a text file in the folder definitions, compiled when it is first needed. A line is a segment, an element or the head of a
// loop, in the order of the guide; what belongs to a loop is indented below it:
//
//	loop 2100  R >1  Claim Payment Information
//	  0100 CLP  R 1   Claim Payment Information
//	       CLP01    R  AN 1/38   1028  Patient control number
//	       CLP02    R  ID 1/2    1029  Claim payment status  = 1 2 3 4 19 20 21 22 23 25
//	  0200 CAS  S 99  Claim Adjustment  notes L050607 C0605
//
// A loop has its number, usage (R required, S situational), repeats (>1: any number) and name; an HL loop also the loops it hangs
// under ("under 2000B", or "under -" at the top). A segment has its position in the set (segments with the same one come in any
// order), id, usage, repeats and name, and its syntax notes. An element has its number, usage (N not used), type and length, data
// element number and name, and, each behind two blanks:
//
//	= A B C      the codes that it may hold; = @NAME is a list of lists.guide
//	list NAME    the outside list that its codes are from
//	digits 10    the most digits of an amount
//	repeat 99    how often it may repeat
//	tolerated    not used, but so common that it is a warning
//	with 2120C   (of segments) it is there exactly if that loop is
//
// What must be sent, or must not, because of what stands elsewhere is a line of its own in the loop in whose instances it holds, with its
// name and severity; see [Situation]:
//
//	rule nothing_paid error  if BPR01 = H or BPR04 = NON  then BPR02 = 0  because a notice without a payment pays nothing
//	rule one_adjudication warning  if MIA  forbids MOA  because a claim is either inpatient or not
//
// The components of a composite follow it as SVC01-1, SVC01-2 and so on. The first segment of a loop is its trigger; the codes of
// its first element (the third of an HL) tell it from its siblings. Loading refuses a definition with a gap in its numbers, an
// unknown list, a loop that can't be reached, or segments that can't be told apart.
//
// Usages, lengths and codes are those of the guides that X12 publishes; names are our own short words. Where a definition and
// the licensed guide disagree, the guide wins.
package guide
