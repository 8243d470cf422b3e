// Package authorization decodes and encodes 278 documents: requests for approval of care, and the decisions on them. Source: guide
// 005010X217, request and response.
//
// To go through the decisions of a file:
//
//	for event, err := range authorization.Responses(edi.NewReader(file)) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(event.Patient.Name.Last, event.Decision.Action, event.Decision.Number)
//		for _, service := range event.Services {
//			fmt.Println(service.Procedure.Code, service.Decision.Action)
//		}
//	}
//
// A document is a tree of hierarchical levels: utilization management organization (UMO, HL 20), requester (21), subscriber
// (22), dependent (23), patient event (EV), service (SS). An [Event] comes with its services. A request can be turned down (AAA) at every
// level; a rejection above the event comes with [UMO], [Requester] or [Patient], which are emitted before the events below them, and
// also when there are none.
//
// An [Encoder] writes such documents from the same Go values, in the order of a document, and checks each by its guide before it is
// written; since it is a [Handler], what a decoder tells can be changed and written again.
//
// What is emitted is lent: it is valid until the handler returns or until the next step of the loop over an iterator. Clone keeps
// it. Only the Header is not lent: it is made anew for each transaction set.
package authorization
