package accounts

import (
	"net/mail"
	"strings"
	"unicode"
)

// What a practice's details take.
const (
	maxPracticeText  = 120
	maxPracticePeers = 200
	maxPracticeWords = 500
)

// validate checks the request and tidies what was typed.
func (in *PracticeRequest) validate() error {
	in.Reason = strings.TrimSpace(in.Reason)
	if len(in.Reason) > maxPracticeWords {
		return &InputError{"reason", "Keep it under 500 characters."}
	}
	if !in.EffectiveOn.Valid() {
		return &InputError{"effective_on", "Enter the day from which it holds as year-month-day, such as 2026-01-31."}
	}
	if err := in.Practice.tidy(); err != nil {
		return err
	}
	return in.Practice.validate()
}

// tidy takes blanks off and refuses what can't stand in a letter's head.
func (p *Practice) tidy() error {
	for _, f := range []struct {
		name string
		text *string
	}{
		{"address_1", &p.Address1},
		{"address_2", &p.Address2},
		{"city", &p.City},
		{"state", &p.State},
		{"zip", &p.Zip},
		{"phone", &p.Phone},
		{"fax", &p.Fax},
		{"email", &p.Email},
		{"contact", &p.Contact},
	} {
		*f.text = strings.TrimSpace(*f.text)
		if len(*f.text) > maxPracticeText || strings.ContainsFunc(*f.text, unicode.IsControl) {
			return &InputError{f.name, "Keep it under 120 characters, on one line."}
		}
	}
	p.State = strings.ToUpper(p.State)
	p.Zip = strings.ReplaceAll(p.Zip, "-", "")
	return nil
}

func (p *Practice) validate() error {
	switch {
	case p.Address1 == "":
		return &InputError{"address_1", "Enter street and number."}
	case p.City == "":
		return &InputError{"city", "Enter the city."}
	case len(p.State) != 2 || strings.Trim(p.State, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "":
		return &InputError{"state", "Enter the state's two letters, such as IL."}
	case !onlyDigits(p.Zip) || len(p.Zip) != 5 && len(p.Zip) != 9:
		return &InputError{"zip", "A ZIP code has five digits, or nine."}
	case !telephone(p.Phone):
		return &InputError{"phone", "Enter a telephone number of ten digits, with its extension if it has one."}
	case !telephone(p.Fax):
		return &InputError{"fax", "Enter a fax number of ten digits."}
	case p.Email != "" && !address(p.Email):
		return &InputError{"email", "Enter an e-mail address such as office@example.org."}
	case len(p.Providers) > maxPracticePeers:
		return &InputError{"providers", "Enter at most 200 providers."}
	}
	for _, one := range p.Providers {
		if !ValidNPI(one.NPI) {
			return &InputError{"providers", "Each line begins with a provider's NPI: ten digits, of which the last one checks the others."}
		}
		if one.Name == "" || len(one.Name) > maxPracticeText || strings.ContainsFunc(one.Name, unicode.IsControl) {
			return &InputError{"providers", "Behind each NPI comes the provider's name."}
		}
	}
	return nil
}

// telephone takes "" and ten digits, however they are parted, with what may follow.
func telephone(text string) bool {
	digits := 0
	for _, r := range text {
		if r >= '0' && r <= '9' {
			digits++
		}
	}
	return text == "" || digits >= 10 && digits <= 20
}

func address(text string) bool {
	parsed, err := mail.ParseAddress(text)
	return err == nil && parsed.Address == text
}
