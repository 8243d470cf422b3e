package web

import (
	"encoding/json"
	"strings"

	"github.com/ediport/ediport/edi/codes"
	"github.com/ediport/ediport/storage"
)

// A said is what people want to read of a loop's long tail, in words.
type said struct {
	Messages []string // MSG
	Texts    []string // how often and how long (HSD)
	Lines    []string // addresses and contacts
}

// saidOf reads the long tail of a row. What it doesn't know is in [factsOf].
func saidOf(text storage.JSON) said {
	var tail struct {
		delivery
		Messages   []struct{ Text string }
		Deliveries []delivery
		Address    address
		Contacts   []contact
	}
	if text == "" || json.Unmarshal([]byte(text), &tail) != nil {
		return said{}
	}
	var s said
	for _, m := range tail.Messages {
		s.Messages = append(s.Messages, messages(m.Text)...)
	}
	for _, d := range append([]delivery{tail.delivery}, tail.Deliveries...) {
		s.Texts = appendText(s.Texts, d.String())
	}
	s.Lines = appendText(s.Lines, tail.Address.String())
	for _, c := range tail.Contacts {
		s.Lines = appendText(s.Lines, c.String())
	}
	return s
}

func appendText(all []string, text string) []string {
	if text == "" {
		return all
	}
	return append(all, text)
}

// A delivery is how care is spread over time: HSD.
type delivery struct {
	Quantity          string
	QuantityQualifier string `json:"quantity_qualifier"`
	Frequency, Unit   string
	Period, Periods   string
}

// String returns "12 visits each week, for 12 months".
func (d delivery) String() string {
	text := ""
	if d.Quantity != "" {
		text = d.Quantity + " " + quantityText(d.QuantityQualifier)
	}
	if d.Unit != "" {
		text += " per " + unitText(d.Unit)
		if d.Frequency != "" && d.Frequency != "1" {
			text += " (every " + d.Frequency + ")"
		}
	}
	if period := meaning(codes.TimePeriod, d.Period); period != "" {
		if d.Periods != "" {
			text += " for " + d.Periods + " " + period + "s"
		} else {
			text += ", " + period
		}
	}
	return strings.Trim(text, ", ")
}

type address struct {
	Line1            string `json:"line_1"`
	Line2            string `json:"line_2"`
	City, State, Zip string
}

// String returns the address in one line.
func (a address) String() string {
	parts := []string{}
	for _, part := range []string{a.Line1, a.Line2, strings.TrimSpace(a.City), strings.TrimSpace(a.State + " " + a.Zip)} {
		parts = appendText(parts, part)
	}
	return strings.Join(parts, ", ")
}

type contact struct {
	Name    string
	Numbers []struct{ Qualifier, Number string }
}

// String returns the contact's name with its numbers.
func (c contact) String() string {
	parts := appendText(nil, c.Name)
	for _, n := range c.Numbers {
		kind := meaning("365", n.Qualifier)
		if kind != "" {
			kind += " "
		}
		parts = appendText(parts, kind+n.Number)
	}
	return strings.Join(parts, ", ")
}
