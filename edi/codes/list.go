package codes

// A List names a list of codes. It is the name that the guide data use for outside lists, or the number of a data element for
// values that the guides list themselves.
type List string

// Lists that are kept outside of the guides.
const (
	CARC                 List = "carc"                                 // claim adjustment reasons: CAS02
	RARC                 List = "rarc"                                 // remittance advice remarks: LQ02, MIA, MOA
	ClaimStatusCategory  List = "claim-status-category"                // STC01-1
	ClaimStatus          List = "claim-status"                         // STC01-2
	Entity               List = "entity"                               // STC01-3
	ServiceType          List = "service-type"                         // EB03, EQ01, UM03
	PlaceOfService       List = "place-of-service"                     // CLP08, SVD, UM04
	ClaimFilingIndicator List = "claim-filing-indicator"               // CLP06
	ClaimFrequency       List = "claim-frequency"                      // CLP09
	PLBReason            List = "plb-reason"                           // PLB03-1
	HCDecisionReason     List = "health-care-services-decision-reason" // HCR03: list 886
	State                List = "state"                                // N402
	TaxonomyGroup        List = "taxonomy"                             // PRV03: the first two characters decide
	RevenueRange         List = "revenue-code"                         // SVC04, SV201: ranges of revenue codes
	Country              List = "country"                              // N404: ISO 3166-1, two letters
	Currency             List = "currency"                             // CUR02: ISO 4217
)

// Lists that are not part of the program, because they are large, change often or need a licence. They are there once [Replace] has
// loaded them.
const (
	HCPCS              List = "hcpcs"                  // procedures: CPT and HCPCS
	ProcedureModifier  List = "procedure-modifier"     // SVC01-3
	CDT                List = "cdt"                    // dental procedures
	NDC                List = "ndc"                    // drugs: 11 digits
	ICD10CM            List = "icd-10-cm"              // diagnoses, without points
	ICD10PCS           List = "icd-10-pcs"             // inpatient procedures
	ICD9CM             List = "icd-9-cm"               // diagnoses of the time before, without points
	ICD9Procedure      List = "icd-9-cm-procedure"     // procedures of the time before, without points
	HIPPS              List = "hipps"                  // rate codes of the prospective payment systems
	DRG                List = "drg"                    // CLP11
	NCPDPReject        List = "ncpdp-reject"           // LQ*RX
	AdmissionType      List = "nubc-admission-type"    // CL101
	AdmissionSource    List = "nubc-admission-source"  // CL102
	PatientStatus      List = "nubc-patient-status"    // CL103
	CountrySubdivision List = "country-subdivision"    // N407: ISO 3166-2, the part behind the country
	ToothNumber        List = "universal-tooth-number" // TOO02
)

// loadable are the lists that are not part of the program.
var loadable = []List{
	HCPCS, ProcedureModifier, CDT, NDC, ICD10CM, ICD10PCS, ICD9CM, ICD9Procedure, HIPPS, DRG, NCPDPReject, AdmissionType,
	AdmissionSource, PatientStatus, CountrySubdivision, ToothNumber,
}

// Lists of the guides, by data element.
const (
	AdjustmentGroup        List = "1033" // CAS01
	ClaimPaymentStatus     List = "1029" // CLP02
	EligibilityInformation List = "1390" // EB01
	CoverageLevel          List = "1207" // EB02
	InsuranceType          List = "1336" // EB04
	TimePeriod             List = "615"  // EB06
	RejectReason           List = "901"  // AAA03
	FollowUp               List = "889"  // AAA04
	CertificationAction    List = "306"  // HCR01; STC03
	PayerResponsibility    List = "1138" // SBR01
	EntityIdentifier       List = "98"   // NM101, N101
	GroupAcknowledgment    List = "715"  // AK901
	GroupError             List = "716"  // AK905
	SetAcknowledgment      List = "717"  // IK501, AK501
	SetError               List = "618"  // IK502
	SegmentError           List = "620"  // IK304
	ElementError           List = "621"  // IK403
	InterchangeNote        List = "I18"  // TA105
)

// external are the data elements whose values are in a list outside of the guides.
var external = map[string]List{
	"1034": CARC, "156": State, "1325": ClaimFrequency, "1331": PlaceOfService, "1365": ServiceType, "1032": ClaimFilingIndicator,
}
