// Package ack reads what a partner answers about files of ours: TA1, whether an interchange arrived, and 999 or the older 997, whether
// the transaction sets of a functional group were accepted, error by error.
//
//	for group, err := range ack.Groups(edi.NewReader(file)) {
//		if err != nil {
//			return err
//		}
//		for _, set := range group.Sets {
//			fmt.Println(set.ControlNumber, group.Outcome(set))
//		}
//	}
//
// A group is answered by AK1 … AK9. Between them each set may have its own answer, AK2 … IK5, with an IK3 for each faulty
// segment and an IK4 for each faulty element. Sets that are accepted, or all of them, may be left out:
// [Group.Outcome] says what holds for those as well.
//
// Both kinds are flat, so that the segment ids alone tell where a segment belongs; AK3, AK4 and AK5 of a 997 are IK3, IK4 and IK5
// of a 999, and the fields are named after the latter.
//
// # What is lent
//
// A [Decoder] fills the same memory again and again: a [Set] and a [SegmentError] are valid until the handler returns; Clone keeps
// them. A [Group] is made anew for each answer and may be kept. Nothing that [Groups] returns is lent.
package ack
