package edi

// tagName returns b as a string; the ids of the segments in use share their memory, so that Tag seldom allocates.
func tagName(b []byte) string {
	if s, ok := tagNames[string(b)]; ok {
		return s
	}
	return string(b)
}

// shownTag is the id of a segment for findings: "" for what is no id, because it may be data.
func shownTag(b []byte) string {
	if len(b) != 2 && len(b) != 3 || b[0] < 'A' || b[0] > 'Z' {
		return ""
	}
	for _, c := range b {
		if !isAlphanumeric(c) || c >= 'a' {
			return ""
		}
	}
	return tagName(b)
}

var tagNames = func() map[string]string {
	m := make(map[string]string)
	for _, s := range []string{
		"AAA", "AK1", "AK2", "AK3", "AK4", "AK5", "AK9", "AMT", "BHT", "BPR", "CAS", "CL1", "CLM", "CLP", "CR1", "CR2",
		"CR5", "CR6", "CRC", "CTX", "CUR", "DMG", "DTM", "DTP", "EB", "EQ", "GE", "GS", "HCP", "HCR", "HI", "HL", "HSD", "IEA",
		"III", "IK3", "IK4", "IK5", "INS", "ISA", "LE", "LQ", "LS", "LX", "MIA", "MOA", "MPI", "MSG", "N1", "N3", "N4",
		"NM1", "PAT", "PER", "PLB", "PRV", "PWK", "QTY", "RDM", "REF", "SBR", "SE", "ST", "STC", "SV1", "SV2", "SV3", "SVC", "SVD",
		"TA1", "TOO", "TRN", "TS2", "TS3", "UM",
	} {
		m[s] = s
	}
	return m
}()
