package guide

import (
	"strings"
	"sync"
)

// segmentIDs are ids of X12 that can stand in a transaction set: those that no guide here uses make a segment that does not belong
// into the set, anything else is no segment.
const segmentIDs = `
AAA ACT ADX AIN AK1 AK2 AK3 AK4 AK5 AK6 AK7 AK8 AK9 AMT AT1 B2A BGN BHT BIG BPR CAD CAS CED CL1 CLM CLP CN1 COB CR1 CR2 CR3 CR4
CR5 CR6 CR7 CR8 CRC CSC CSH CTP CTT CTX CUR CV1 DED DFI DMG DN1 DN2 DOS DSB DTM DTP EB EC EFI ENM ENT EQ FA1 FA2 FC FGS FOB FRM
FST G62 HCP HCR HD HI HL HLH HSD ICM IDC IDE IGI III IK3 IK4 IK5 IN1 IN2 INS INV IT1 ITD K1 K2 K3 LC LCT LE LIN LOC LQ LS LT LUI
LX MAN MEA MIA MIT MOA MPI MSG MTX N1 N2 N3 N4 N5 N6 N7 N9 NM1 NTE NX1 NX2 OI OTI PAM PAT PER PID PLA PLB PO1 PO4 POC PRV PS1 PSA
PSD PWK QTY RDM REF RMR SAC SBR SD1 SE SLN SN1 SPI SSE SSS ST STC SV1 SV2 SV3 SV4 SV5 SV6 SV7 SVC SVD TA1 TED TD1 TD5 TIA TOO TRF
TRN TS2 TS3 TST TXI UC UM UR VEH YNQ ZA
`

var knownIDs = sync.OnceValue(func() map[string]bool {
	m := make(map[string]bool)
	for _, id := range strings.Fields(segmentIDs) {
		m[id] = true
	}
	return m
})

func isSegmentID(tag string) bool { return knownIDs()[tag] }
