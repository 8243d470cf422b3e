package guide

import (
	"strconv"
	"strings"

	"github.com/ediport/ediport/edi/codes"
)

// An external is a value of a segment that is from an outside list, or has a form that others set (SNIP 5).
type external struct {
	element, component int
	repeats            bool
	check              *outsideCheck            // nil: the qualifier says which
	by                 map[string]*outsideCheck // by the code of the qualifier
	qualifier          [2]int                   // element and component that hold it
	keys               []uint64                 // of the codes of by
	checks             []*outsideCheck          // for them
}

// An outsideCheck says how values of one kind are checked: against the list if there is one, else by their form.
type outsideCheck struct {
	list  codes.List    // "": none
	what  string        // what the value is, for a sentence: a procedure code (CPT or HCPCS)
	form  form          // nil: any
	mixed bool          // what has the form is right, else the list decides
	digit bool          // an NPI, which has a check digit
	only  applicability // when it is checked
	table int           // of externals.tables; -1 without list
}

// applicability says when a check applies, beside its qualifier.
type applicability uint8

const (
	always     applicability = iota
	inUS                     // the address is in the United States, as the segment's country says by its absence
	notOfNCPDP               // the status is not one of a pharmacy claim
)

func checkOf(list codes.List, what string, f form) *outsideCheck {
	return &outsideCheck{list: list, what: what, form: f}
}

var (
	npiCheck       = &outsideCheck{what: "a National Provider Identifier (NPI)", form: isNPI, digit: true}
	taxCheck       = &outsideCheck{what: "a tax number of nine digits", form: isTaxNumber}
	hcpcsCheck     = checkOf(codes.HCPCS, "a procedure code (CPT or HCPCS)", isHCPCS)
	diagnosisCheck = checkOf(codes.ICD10CM, "an ICD-10-CM code without point", isICD10CM)
	oldDiagnosis   = checkOf(codes.ICD9CM, "an ICD-9-CM code without point", isICD9CM)
	inpatientCheck = checkOf(codes.ICD10PCS, "an ICD-10-PCS code", isICD10PCS)
	oldProcedure   = checkOf(codes.ICD9Procedure, "an ICD-9-CM procedure code without point", isICD9Procedure)
	revenueCheck   = checkOf(codes.RevenueRange, "a revenue code", isRevenue)
	rarcCheck      = checkOf(codes.RARC, "a remittance advice remark code (RARC)", nil)
	ncpdpCheck     = checkOf(codes.NCPDPReject, "an NCPDP reject code", nil)
	placeCheck     = checkOf(codes.PlaceOfService, "a place of service", nil)
	facilityCheck  = &outsideCheck{what: "the first two digits of a type of bill", form: isFacilityType}
)

// outsideLists are the checks of elements that name their list in the definition.
var outsideLists = map[string]*outsideCheck{
	"carc":                                 checkOf(codes.CARC, "a claim adjustment reason code (CARC)", nil),
	"rarc":                                 rarcCheck,
	"claim-status-category":                checkOf(codes.ClaimStatusCategory, "a claim status category", nil),
	"claim-status":                         {list: codes.ClaimStatus, what: "a claim status", only: notOfNCPDP},
	"country":                              checkOf(codes.Country, "a country of ISO 3166", nil),
	"country-subdivision":                  checkOf(codes.CountrySubdivision, "a country subdivision of ISO 3166-2", nil),
	"currency":                             checkOf(codes.Currency, "a currency of ISO 4217", nil),
	"drg":                                  checkOf(codes.DRG, "a diagnosis related group", nil),
	"health-care-services-decision-reason": checkOf(codes.HCDecisionReason, "a decision reason", nil),
	"nubc-admission-source":                checkOf(codes.AdmissionSource, "a source of admission", nil),
	"nubc-admission-type":                  checkOf(codes.AdmissionType, "a type of admission", nil),
	"nubc-patient-status":                  checkOf(codes.PatientStatus, "a patient status", nil),
	"place-of-service-or-facility-type":    {list: codes.PlaceOfService, what: "a place of service or the first digits of a type of bill", form: isFacilityType, mixed: true},
	"postal":                               {what: "a ZIP code of five or nine digits", form: isZIP, only: inUS},
	"procedure-modifier":                   checkOf(codes.ProcedureModifier, "a procedure modifier", isModifier),
	"revenue-code":                         revenueCheck,
	"state":                                {list: codes.State, what: "a state of the United States", only: inUS},
	"taxonomy":                             checkOf(codes.TaxonomyGroup, "a provider taxonomy code", isTaxonomy),
	"universal-tooth-number":               checkOf(codes.ToothNumber, "a tooth number", nil),
}

// outsideQualifiers are the checks of values whose kind another element says, by its data element and code.
var outsideQualifiers = map[string]map[string]*outsideCheck{
	"235": {
		"AD": checkOf(codes.CDT, "a dental procedure code (CDT)", isCDT), "CJ": hcpcsCheck, "HC": hcpcsCheck,
		"HP": checkOf(codes.HIPPS, "a HIPPS rate code", isHIPPS), "ID": oldProcedure,
		"N4": checkOf(codes.NDC, "a National Drug Code of eleven digits", isNDC), "NU": revenueCheck,
	},
	"1270": {
		"ABK": diagnosisCheck, "ABF": diagnosisCheck, "ABJ": diagnosisCheck, "APR": diagnosisCheck,
		"BK": oldDiagnosis, "BF": oldDiagnosis, "BJ": oldDiagnosis, "PR": oldDiagnosis,
		"BBR": inpatientCheck, "BBQ": inpatientCheck, "BR": oldProcedure, "BQ": oldProcedure,
		"HE": rarcCheck, "RX": ncpdpCheck,
	},
	"1332": {"A": facilityCheck, "B": placeCheck},
	"66":   {"XX": npiCheck, "24": taxCheck, "34": taxCheck, "FI": taxCheck},
	"128":  {"HPI": npiCheck, "EI": taxCheck, "SY": taxCheck, "TJ": taxCheck},
}

// externalsOf lists the outside values of a segment.
func externalsOf(d *SegmentDef) []external {
	var found []external
	for i, e := range d.Elements {
		if e.Usage == NotUsed {
			continue
		}
		if len(e.Components) == 0 {
			if x, ok := externalOf(d.Elements, i, [2]int{i + 1, 0}, d); ok {
				found = append(found, x)
			}
			continue
		}
		for j := range e.Components {
			if x, ok := externalOf(e.Components, j, [2]int{i + 1, j + 1}, d); ok {
				x.repeats = e.Repeat > 1
				found = append(found, x)
			}
		}
	}
	return found
}

// externalOf returns the check of one value, which stands among the elements of a segment or the components of a composite.
func externalOf(siblings []*ElementDef, i int, at [2]int, d *SegmentDef) (external, bool) {
	e := siblings[i]
	x := external{element: at[0], component: at[1], repeats: e.Repeat > 1}
	if e.Usage == NotUsed {
		return x, false
	}
	qualifier := ""
	switch {
	case strings.HasPrefix(e.List, "by-qualifier "):
		qualifier, _, _ = strings.Cut(strings.TrimPrefix(e.List, "by-qualifier "), ":")
	case e.List == "place-of-service-or-facility-type" && i+1 < len(siblings) && siblings[i+1].DE == "1332":
		qualifier = siblings[i+1].Ref
	case e.List != "":
		x.check = outsideLists[e.List]
		return x, x.check != nil
	case e.DE == "67" && i > 0 && siblings[i-1].DE == "66", e.DE == "127" && i > 0 && siblings[i-1].DE == "128":
		qualifier = siblings[i-1].Ref
	}
	if qualifier == "" {
		return x, false
	}
	by := elementOf(d, qualifier, &x.qualifier)
	if by == nil {
		return x, false
	}
	x.by = outsideQualifiers[by.DE]
	return x, x.by != nil && canHold(by, x.by)
}

// canHold tells whether an element can hold one of the codes that name a check.
func canHold(e *ElementDef, by map[string]*outsideCheck) bool {
	if e.Codes == nil {
		return true
	}
	for c := range by {
		if e.Codes.Has([]byte(c)) {
			return true
		}
	}
	return false
}

// elementOf finds an element of a segment by its reference, SVC01-1.
func elementOf(d *SegmentDef, ref string, at *[2]int) *ElementDef {
	base, component, _ := strings.Cut(strings.TrimPrefix(ref, d.Tag), "-")
	n, err := strconv.Atoi(base)
	e := d.Element(n)
	if err != nil || e == nil {
		return nil
	}
	at[0] = n
	if component == "" {
		return e
	}
	if at[1], err = strconv.Atoi(component); err != nil || at[1] < 1 || at[1] > len(e.Components) {
		return nil
	}
	return e.Components[at[1]-1]
}
