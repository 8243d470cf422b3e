package deidentify

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Made-up names are spoken syllables, of which there are enough that few people share one, and none is on a list of names.
const (
	onsets = "BDFGKLMNPRSTVZ"
	vowels = "AEIOU"
	codas  = "LMNRS"
)

// spoken makes a word of two or three syllables, for a purpose and a value.
func (p *prf) spoken(purpose string, value []byte) string {
	b := p.block("name "+purpose, value, 0)
	var w strings.Builder
	for i := range 2 + int(b[0])%2 {
		w.WriteByte(onsets[int(b[1+3*i])%len(onsets)])
		w.WriteByte(vowels[int(b[2+3*i])%len(vowels)])
		w.WriteByte(codas[int(b[3+3*i])%len(codas)])
	}
	return w.String()
}

// A style says how a made-up text is built.
type style func(p *prf, value []byte) string

func lastName(p *prf, value []byte) string { return p.spoken("last", value) + "SON" }

func firstName(p *prf, value []byte) string { return p.spoken("first", value) + "A" }

func middleName(p *prf, value []byte) string {
	return firstName(p, value)
}

func organization(p *prf, value []byte) string {
	return p.spoken("organization", value) + " ORGANIZATION"
}

func contact(p *prf, value []byte) string { return "CONTACT " + p.spoken("contact", value) }

func city(p *prf, value []byte) string { return p.spoken("city", value) + "TON" }

func street(p *prf, value []byte) string {
	number := 1 + p.number("house", value, 9899)
	return decimal(number) + " " + p.spoken("street", value) + " STREET"
}

func decimal(n int) string {
	var b [20]byte
	i := len(b)
	for ; n > 0 || i == len(b); n /= 10 {
		i--
		b[i] = byte('0' + n%10)
	}
	return string(b[i:])
}

// titles say nothing of who bears them.
var titles = map[string]bool{
	"JR": true, "SR": true, "I": true, "II": true, "III": true, "IV": true, "V": true, "MD": true, "DO": true, "DDS": true, "PHD": true,
	"RN": true, "NP": true, "PA": true, "DR": true, "MR": true, "MRS": true, "MS": true,
}

// named makes a text in a style. The same value in capitals or small letters becomes the same. least and most are the limits of
// the element; a value that keeps them gets one that does, any other keeps its length and its unusual characters.
func (p *prf) named(s style, value []byte, least, most int) []byte {
	if n := utf8.RuneCount(value); n < least || n > most || !isPlain(value) {
		return p.masked(value)
	}
	text := s(p, bytes.ToUpper(value))
	if len(value) == 1 {
		text = text[:1] // an initial
	}
	if len(text) > most {
		text = strings.TrimSpace(text[:most])
	}
	for len(text) < least {
		text += "X"
	}
	return cased(text, value)
}

// cased writes text in capitals if value has no small letters, else with capital initials.
func cased(text string, value []byte) []byte {
	if bytes.Equal(bytes.ToUpper(value), value) {
		return []byte(text)
	}
	b := bytes.ToLower([]byte(text))
	for i := range b {
		if i == 0 || b[i-1] == ' ' {
			b[i] = bytes.ToUpper(b[i : i+1])[0]
		}
	}
	return b
}

func isPlain(value []byte) bool {
	for _, c := range value {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

// free is what stands for free text: as long, and without meaning.
func free(value []byte) []byte {
	const filler = "TEXT WAS REMOVED HERE "
	b := bytes.Clone(value)
	for i, c := range b {
		switch {
		case c < ' ' || c > '~': // keeps its finding
		default:
			b[i] = filler[i%len(filler)]
		}
	}
	if n := len(b) - 1; n >= 0 && b[n] == ' ' {
		b[n] = 'X'
	}
	return b
}

// reached makes a telephone number, e-mail or web address of those that nobody has.
func (p *prf) reached(qualifier string, value []byte, most int) []byte {
	var text string
	switch qualifier {
	case "EM":
		text = strings.ToLower(p.spoken("mail", value)) + "@example.com"
	case "UR":
		text = "www.example.com/" + strings.ToLower(p.spoken("web", value))
	case "TE", "FX", "WP":
		if !isDigits(value) || len(value) != 10 {
			return p.masked(value)
		}
		number := p.number("telephone", value, 10_000)
		text = fmt.Sprintf("%d%02d55501%02d", 2+number/1000%8, number/100%100, number%100) // 555-0100 to 0199 are for made-up people
	default:
		return p.masked(value)
	}
	if len(text) > most || !isPlain(value) {
		return p.masked(value)
	}
	return []byte(text)
}
