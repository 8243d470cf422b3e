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
// What documents mean is the business of the packages below: edi/guide knows the implementation guides,
// edi/remittance, edi/eligibility, edi/claimstatus and edi/authorization decode documents into Go types.
package edi
