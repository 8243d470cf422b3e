package web

import (
	"html/template"

	"github.com/ediport/ediport/storage"
)

// organizationFuncs are what the pages of organizations and of the audit can call.
func organizationFuncs() template.FuncMap {
	return template.FuncMap{
		"kindText": kindText, "identifierText": identifierText, "identifierKinds": func() []option { return identifierOptions }, "zip": zipText,
		"objectText": objectText, "auditFormats": auditFormats,
	}
}

func kindText(kind string) string { return labelIn(organizationKinds, kind) }

var identifierOptions = []option{
	{"npi", "NPI"}, {"tin", "Tax id"}, {"payer_assigned", "Number given by the payer"}, {"submitter", "Submitter id"},
}

func identifierText(kind string) string { return labelIn(identifierOptions, kind) }

func labelIn(options []option, value string) string {
	for _, o := range options {
		if o.Value == value {
			return o.Label
		}
	}
	return value
}

// zipText writes nine digits with their hyphen.
func zipText(zip string) string {
	if len(zip) == 9 {
		return zip[:5] + "-" + zip[5:]
	}
	return zip
}

// PartnerOptions returns a drop-down of partners; the first stands for any.
func (p *Portal) PartnerOptions(partners []storage.PartnerItem) []option {
	options := []option{{"", "Any"}}
	for _, one := range partners {
		options = append(options, option{p.id(storage.PublicPartner, int64(one.ID)), one.Name})
	}
	return options
}
