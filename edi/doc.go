// Package edi reads and writes X12: delimiters, segments, envelopes, positions and exact amounts.
//
// A file holds interchanges (ISA…IEA), an interchange holds functional groups (GS…GE) of one kind, a group
// holds transaction sets (ST…SE), and a transaction set is one document: a remittance (835), an
// eligibility answer (271) and so on. A segment is a line of a document: a tag such as CLP and its elements,
// counted from 1 as people say them (CLP02 is element 2). An element may repeat, and a repetition may
// have components.
//
// To read a file, take one segment after the other:
//
//	r := edi.NewReader(file)
//	for {
//		s, err := r.Next()
//		if err == io.EOF {
//			break
//		}
//		if err != nil {
//			return err
//		}
//		fmt.Println(s.Pos(), s.Tag(), s.Value(1))
//	}
//
// The Reader needs memory for one segment, never for a file. It takes delimiters from each ISA, accepts
// the framing that real partners send, and tells what is wrong with it through [Reader.Report]: a
// departure from the rules is a [Finding], not the end of the file.
//
// What Next returns is lent until the next call: [Segment.Clone] and [Record] copy it, [Reader.Hold] lends it longer. A file in memory
// is read by [NewReaderBytes] without copying; a [Tokenizer] finds elements and segments and nothing else; a [Splitter] cuts a
// file into parts for several goroutines, which package edi/parallel runs.
//
// # Documents
//
// What documents mean is the business of the packages below. Each has runnable examples; those of this package show one of each task:
//
//   - to validate, edi/guide knows the implementation guides, and tells what is wrong and where: its Checker
//   - to decode and to encode, edi/remittance (835), edi/eligibility (270, 271), edi/claimstatus (276, 277, 277CA) and
//     edi/authorization (278) make Go values of documents and documents of Go values, of the pieces in edi/parts
//   - to acknowledge, edi/ack answers a file with 999 and TA1, and reads the answers of others
//   - to explain, edi/codes says what codes mean
//
// To write segments of one's own making, a [Writer] joins elements and refuses delimiters in them.
package edi
