package edi

import "testing"

// TestNamesEnvelope: no segment of an envelope is taken for one of a set; nearly all others are not looked at twice.
func TestNamesEnvelope(t *testing.T) {
	for _, tag := range []string{"ISA", "IEA", "GS", "GE", "ST", "SE", "TA1", "S", ""} {
		if !namesEnvelope([]byte(tag)) {
			t.Errorf("%s is not taken for a segment of an envelope", tag)
		}
	}
	for _, tag := range []string{"SVC", "TRN", "INS", "III", "EB", "HL", "CLP", "N1", "DTP", "REF", "TOO", "SBR"} {
		if namesEnvelope([]byte(tag + "*1")) {
			t.Errorf("%s may be a segment of an envelope", tag)
		}
	}
}
