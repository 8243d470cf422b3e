// Package claimstatus decodes and encodes 276 and 277 documents: what became of a claim. Source: guides 005010X212 (276, 277) and
// 005010X214 (277CA, the acknowledgment of claims).
//
// To go through the claims of a file:
//
//	for claim, err := range claimstatus.Claims(edi.NewReader(file)) {
//		if err != nil {
//			return err
//		}
//		for _, status := range claim.Statuses {
//			fmt.Println(claim.Traces[0].Number, status.Codes[0].Category, status.Codes[0].Status)
//		}
//	}
//
// A document is a tree of hierarchical levels: source (payer, HL 20), receiver (submitter, 21), provider (19), then subscriber
// (22) and dependent (23), or in a 277CA the patient (PT). A [Claim] is a loop 2200 below a subscriber, dependent or
// patient. Statuses stand at every level: those of a [Source], [Receiver] or [Provider] say something about all that was sent.
//
// An [Encoder] writes such documents from the same Go values, in the order of a document, and checks each by its guide before it is
// written; since it is a [Handler], what a decoder tells can be changed and written again.
//
// Each entity is emitted before what stands below it, so its Level does not cover that. What is emitted is lent: it is valid
// until the handler returns or until the next step of the loop over an iterator. Clone keeps it. Only the Header is not
// lent: it is made anew for each transaction set.
package claimstatus
