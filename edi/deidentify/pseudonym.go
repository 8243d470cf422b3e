package deidentify

import "bytes"

// An id keeps its shape: a digit becomes a digit, a capital a capital, a small letter a small letter, and other characters stay. Within
// a shape the ids are permuted by a Feistel network whose halves are added character by character, so that different ids stay
// different; its rounds are as many as those of FF1 (NIST SP 800-38G), whose construction this follows.
const rounds = 10

// A class is a range of characters that stand for one another.
type class struct {
	first byte
	size  byte
}

func classOf(c byte) class {
	switch {
	case c >= '0' && c <= '9':
		return class{'0', 10}
	case c >= 'A' && c <= 'Z':
		return class{'A', 26}
	case c >= 'a' && c <= 'z':
		return class{'a', 26}
	}
	return class{}
}

// permute replaces the letters and digits of text by others, in place.
func (p *prf) permute(purpose string, text []byte) {
	var at []int
	var classes []class
	var index []byte
	for i, c := range text {
		if k := classOf(c); k.size > 0 {
			at, classes, index = append(at, i), append(classes, k), append(index, c-k.first)
		}
	}
	half := (len(index) + 1) / 2
	shape := []byte(purpose + "\x00")
	for _, k := range classes {
		shape = append(shape, k.first)
	}
	for round := range rounds {
		left, right, kinds := index[:half], index[half:], classes[:half]
		if round%2 == 1 {
			left, right, kinds = right, left, classes[half:]
		}
		p.addTo(left, kinds, string(shape), right, round)
	}
	for i, n := range index {
		text[at[i]] = classes[i].first + n
	}
}

// addTo adds to each character of a half a number that the other half decides.
func (p *prf) addTo(half []byte, kinds []class, shape string, other []byte, round int) {
	var stream []byte
	for i := range half {
		if 2*i%32 == 0 {
			stream = p.block(shape, other, round<<16|i)
		}
		n := int(stream[2*i%32])<<8 | int(stream[2*i%32+1])
		half[i] = byte((int(half[i]) + n) % int(kinds[i].size))
	}
}

// id returns what stands for an id. Words are replaced one by one, so that a claim number is found again among others.
func (p *prf) id(value []byte) []byte {
	words := bytes.Split(bytes.Clone(value), []byte{' '})
	for _, word := range words {
		p.word(word)
	}
	return bytes.Join(words, []byte{' '})
}

func (p *prf) word(word []byte) {
	switch {
	case len(bytes.Trim(word, "0")) == 0: // it says that there is none
	case isDigits(word) && len(word) == 10:
		p.npi(word)
	default:
		p.permute("id", word)
		for len(bytes.Trim(word, "0")) == 0 {
			p.permute("id", word)
		}
	}
}

// npi replaces ten digits, any of which may be an NPI: the first stays, and so does whether the check digit is right.
func (p *prf) npi(npi []byte) {
	valid := luhn(npi)
	p.permute("npi"+string(npi[:1]), npi[1:9])
	if !valid {
		p.permute("npi check digit", npi[9:])
	}
	for luhn(npi) != valid {
		npi[9] = '0' + (npi[9]-'0'+1)%10
	}
}

// luhn tells whether the last digit of an NPI fits the others.
func luhn(npi []byte) bool {
	sum := 24 // of the prefix 80840
	for i, c := range npi {
		d := int(c - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// bank replaces a bank number; whether the last of nine digits is a right check digit stays.
func (p *prf) bank(value []byte) []byte {
	value = bytes.Clone(value)
	if !isDigits(value) || len(value) != 9 {
		p.permute("bank", value)
		return value
	}
	valid := routing(value)
	p.permute("bank", value[:8])
	for routing(value) != valid {
		value[8] = '0' + (value[8]-'0'+1)%10
	}
	return value
}

// routing tells whether nine digits are a number of the American Bankers Association.
func routing(n []byte) bool {
	sum := 0
	for i, c := range n {
		sum += int(c-'0') * [3]int{3, 7, 1}[i%3]
	}
	return sum%10 == 0
}

func isDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0
}

// masked replaces letters and digits of what nobody can tell the meaning of.
func (p *prf) masked(value []byte) []byte {
	value = bytes.Clone(value)
	p.permute("mask", value)
	return value
}
