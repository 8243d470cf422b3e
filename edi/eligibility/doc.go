// Package eligibility decodes and encodes 270 and 271 documents: who asks which payer whether a person is covered, and what the payer
// answers. Source: guides 005010X279A1.
//
// To go through the answers of a file:
//
//	for answer, err := range eligibility.Answers(edi.NewReader(file)) {
//		if err != nil {
//			return err
//		}
//		for _, benefit := range answer.Benefits {
//			fmt.Println(answer.Name.Last, benefit.Information, benefit.ServiceTypes, benefit.Amount)
//		}
//	}
//
// A document is a tree of hierarchical levels: source (payer, HL 20), receiver (provider, 21), subscriber (22), dependent
// (23). There is one [Answer] (271) or [Inquiry] (270) for each subscriber and each dependent level, also for a subscriber
// who is only named so that the dependent can be found: see [Person.HasDependents]. A request can be turned down (AAA) at every level; a
// rejection of the source or receiver comes with [Source] or [Receiver], which are emitted before the persons below them,
// and also when there are none.
//
// An [Encoder] writes such documents from the same Go values, in the order of a document, and checks each by its guide before it is
// written; since it is a [Handler], what a decoder tells can be changed and written again.
//
// What is emitted is lent: it is valid until the handler returns or until the next step of the loop over an iterator. Clone keeps
// it. Only the Header is not lent: it is made anew for each transaction set.
package eligibility
