// Package diff compares X12 files by what they mean. To find out whether two files say the same:
//
//	result, err := diff.Compare(a, b, func(c diff.Change) error {
//		fmt.Println(c.Kind, c.Loop, c.Segment, c.Element, c.Old, c.New)
//		return nil
//	})
//
// What is no meaning is not compared: delimiters and line breaks; control numbers, dates, times and counts of the envelopes (ISA,
// GS, ST, SE, GE, IEA); when a document was made (BHT04, BHT05); the numbering of levels and headers (HL01, HL02, HL04, LX01). Numbers are
// compared as numbers, 80 is 80.00. Transaction sets are matched by what they say, wherever they stand, then by the payment or
// reference that they name, then in their order. Loops within them are matched by what they are about: a claim by its control
// numbers, a person by id and name, a service line by its procedure. The order of loops that are matched does not count.
//
// In sets whose guide is not known the order of segments does count, and numbers are compared as text.
package diff
