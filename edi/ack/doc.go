// Package ack reads and writes acknowledgments: TA1, whether an interchange arrived, and 999 (reading also the older 997), whether
// the transaction sets of a functional group were accepted, error by error.
//
// # Reading what a partner answers
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
// [Group.Outcome] says what holds for those as well. [TA1s] reads TA1s.
//
// Both kinds are flat, so that the segment ids alone tell where a segment belongs; AK3, AK4 and AK5 of a 997 are IK3, IK4 and IK5
// of a 999, and the fields are named after the latter.
//
// # Answering files of a partner
//
//	counts, err := ack.Acknowledge(file, ack.Options{To999: out, ToTA1: other, Policy: ack.DefaultPolicy(), ControlNumber: 17})
//
// checks the file by its guides and answers each of its interchanges. An [Acknowledger] does so for who reads the file himself, and
// passes on the findings. What a finding means for the answer is said by a [Policy]:
//
//   - An error in the envelope (ISA, IEA) is told by a TA1 with its TA105, as rejected or accepted with errors. Nothing in an
//     interchange that is rejected gets a 999. ISA14 = 1 asks for a TA1 in any case.
//   - An error about a functional group is told in AK9, and rejects the group or not.
//   - An error about a set goes to IK5; one about a segment to an IK3; one about an element to an IK4 below an IK3 with code 8,
//     with the number of the data element and, if the policy has it so, a copy of the value as far as it may stand there. CTX
//     segments name what made a situational rule apply and the business unit: the payment, the claim, the person.
//   - IK502 5 says that there are errors of segments by the standard, I5 that there are some by the guide (codes I4 to I13).
//
// A 999 can't name everything that can be wrong with what it answers. Where the file has no usable value its place is taken by one that no
// partner uses: AK202 0000, AK102 0, IK301 UNK; the code beside it says why. A group of a kind that AK101 does not know gets
// no 999; if it is an error, the TA1 says so (024).
//
// [Write999] and [WriteTA1] write answers that were made in another way.
//
// # What is lent
//
// A [Decoder] fills the same memory again and again: a [Set] and a [SegmentError] are valid until the handler returns; Clone keeps
// them. A [Group] is made anew for each answer and may be kept. Nothing that [Groups] returns is lent.
package ack
