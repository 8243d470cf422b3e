// Package remittance decodes and encodes 835 documents: what a payer pays, for which claims, and why it differs from what was
// charged. Source: guide 005010X221A1.
//
// To go through the claims of a file:
//
//	for claim, err := range remittance.Claims(edi.NewReader(file)) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(claim.PatientControlNumber, claim.Paid, claim.Payment.Trace.Number)
//	}
//
// A [Payment] (BPR, TRN) is the money; its claims (CLP) may be grouped by provider summaries (LX); lines (SVC) belong to
// claims; adjustments (CAS) say at either level why the payment is not the charge; provider adjustments (PLB) move
// money outside of claims. Who wants all of these implements [Handler] and calls [Read], or drives a [Decoder] segment by
// segment.
//
// An [Encoder] writes such documents from the same Go values, in the order of a document, and checks each by its guide before it is
// written; since it is a [Handler], what a decoder tells can be changed and written again.
//
// What is emitted is lent: it is valid until the handler returns or until the next step of the loop over an iterator. Clone keeps
// it. Only a Payment is not lent: it is made anew for each transaction set.
package remittance
