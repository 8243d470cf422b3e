package guide

import "bytes"

// A form tells whether a value is written as values of its kind are.
type form func([]byte) bool

func isDigit(c byte) bool    { return c >= '0' && c <= '9' }
func isCapital(c byte) bool  { return c >= 'A' && c <= 'Z' }
func isAlphanum(c byte) bool { return isDigit(c) || isCapital(c) }

func all(b []byte, is func(byte) bool) bool {
	for _, c := range b {
		if !is(c) {
			return false
		}
	}
	return true
}

func digitsOf(b []byte, lengths ...int) bool {
	for _, n := range lengths {
		if len(b) == n {
			return all(b, isDigit)
		}
	}
	return false
}

// isHCPCS: 99213, 0001U, J1100.
func isHCPCS(b []byte) bool {
	return len(b) == 5 && isAlphanum(b[0]) && all(b[1:4], isDigit) && isAlphanum(b[4]) && (isDigit(b[0]) || isDigit(b[4]))
}

func isCDT(b []byte) bool   { return len(b) == 5 && b[0] == 'D' && all(b[1:], isDigit) }
func isHIPPS(b []byte) bool { return len(b) == 5 && all(b, isAlphanum) }

// isNDC: 11 digits as 5-4-2, with or without hyphens.
func isNDC(b []byte) bool {
	if len(b) == 13 && b[5] == '-' && b[10] == '-' {
		return all(b[:5], isDigit) && all(b[6:10], isDigit) && all(b[11:], isDigit)
	}
	return digitsOf(b, 11)
}

// isICD10CM: A00, S72001A.
func isICD10CM(b []byte) bool {
	return len(b) >= 3 && len(b) <= 7 && isCapital(b[0]) && isDigit(b[1]) && all(b[2:], isAlphanum)
}

// isICD10PCS: seven characters without I and O.
func isICD10PCS(b []byte) bool {
	return len(b) == 7 && all(b, isAlphanum) && bytes.IndexByte(b, 'I') < 0 && bytes.IndexByte(b, 'O') < 0
}

// isICD9CM: 4019, V1234, E8490.
func isICD9CM(b []byte) bool {
	if len(b) == 0 {
		return false
	}
	switch b[0] {
	case 'V':
		return digitsOf(b[1:], 2, 3, 4)
	case 'E':
		return digitsOf(b[1:], 3, 4)
	}
	return digitsOf(b, 3, 4, 5)
}

func isICD9Procedure(b []byte) bool { return digitsOf(b, 2, 3, 4) }
func isRevenue(b []byte) bool       { return digitsOf(b, 3, 4) }
func isModifier(b []byte) bool      { return len(b) == 2 && all(b, isAlphanum) }
func isTaxonomy(b []byte) bool      { return len(b) == 10 && all(b, isAlphanum) && b[9] == 'X' }
func isTaxNumber(b []byte) bool     { return digitsOf(b, 9) }
func isNPI(b []byte) bool           { return digitsOf(b, 10) }
func isZIP(b []byte) bool           { return digitsOf(b, 5, 9) }

// isFacilityType: kind of facility and of care, as a type of bill begins.
func isFacilityType(b []byte) bool {
	return len(b) == 2 && b[0] >= '1' && b[0] <= '8' && b[1] >= '1' && b[1] <= '9'
}

// hasCheckDigit tells whether the last digit of an NPI is that of the Luhn formula over 80840 and the nine before.
// Source: CMS, requirements for the National Provider Identifier check digit.
func hasCheckDigit(npi []byte) bool {
	sum := 24 // of 80840
	for i, c := range npi {
		d := int(c - '0')
		if i%2 == 0 { // every second digit, from the one before the last
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
