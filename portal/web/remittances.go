package web

import (
	"net/http"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/storage"
)

var remittanceCrumbs = []Crumb{{"Remittances", "/remittances"}}

// listRemittances shows payments, newest payment date first.
func (p *Portal) listRemittances(w http.ResponseWriter, r *http.Request) error {
	q := p.queryOf(r)
	f := storage.RemittanceFilter{
		Account: storage.AccountID(q.id("account", storage.PublicAccount)), From: q.day("from"), To: q.day("to"),
		Payer: q.text("payer"), Trace: q.text("trace"), Amount: q.amount("amount"),
		Balanced: q.yes("balanced"), Duplicate: q.yes("duplicate"), Usage: q.usage(),
	}
	data := listData{
		Filter: []filterField{
			q.field("payer", "Payer begins with", "text"), q.field("trace", "Check or EFT number", "text"), q.field("amount", "Amount", "text"),
			q.field("from", "Paid from", "date"), q.field("to", "Paid until", "date"),
			q.choices("balanced", "Balanced", option{"", "Either"}, option{"yes", "Balanced"}, option{"no", "Not balanced"}),
			q.choices("duplicate", "Duplicates", option{"", "With duplicates"}, option{"no", "Without"}, option{"yes", "Only duplicates"}),
			q.usageChoice(),
		},
		Filtered: q.given("payer", "trace", "amount", "from", "to", "balanced", "duplicate", "usage", "account"), Several: several(r),
	}
	if choice, ok := q.accountChoice(r); ok {
		data.Filter = append(data.Filter, choice)
	}
	if len(q.errors) == 0 {
		rows, next, err := p.DB.Remittances(r.Context(), scopeOf(r), f, storage.Page{Cursor: cursorOf(r)})
		if err != nil {
			return err
		}
		data.Rows, data.Pager = rows, pager(r, next)
	}
	return p.render(w, r, "remittances/list", Page{Title: "Remittances", Data: data, Errors: q.errors, Status: q.status()})
}

// amount reads an amount of money, also with a dollar sign and separators.
func (q *query) amount(name string) string {
	text := digitsOf(q.text(name))
	if text == "" {
		return ""
	}
	if _, err := edi.ParseDecimal([]byte(text)); err != nil {
		q.wrong(name, "Enter an amount such as 409.72.")
		return ""
	}
	return text
}

func digitsOf(text string) string {
	out := make([]byte, 0, len(text))
	for i := range len(text) {
		if c := text[i]; c != '$' && c != ',' && c != ' ' {
			out = append(out, c)
		}
	}
	return string(out)
}

// remittanceData is the page of a payment.
type remittanceData struct {
	storage.RemittanceDetail
	Handling, MethodText string
	Unexplained          string // charge − adjustments − paid, if it isn't zero
	Claims               []storage.Claim
	Pager                Pager
	Show                 string // "denied", "unbalanced" or "" for all claims
	Facts                []fact
}

// showRemittance shows how a payment comes about, and its claims.
func (p *Portal) showRemittance(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicPayment)
	if err != nil {
		return err
	}
	scope, q := scopeOf(r), p.queryOf(r)
	d, err := p.DB.RemittanceDetail(r.Context(), scope, id)
	if err != nil {
		return err
	}
	data := remittanceData{
		RemittanceDetail: d, Handling: meaning("305", d.HandlingCode), MethodText: described("591", d.Method),
		Unexplained: remainder(d.Remittance.Charge, d.Remittance.Adjustments, d.Remittance.Paid),
		Show:        q.choice("show", "denied", "unbalanced"), Facts: factsOf(d.Extra),
	}
	f := storage.ClaimsOfPayment{Payment: id, Denied: data.Show == "denied", Unbalanced: data.Show == "unbalanced"}
	claims, next, err := p.DB.RemittanceClaims(r.Context(), scope, f, storage.Page{Cursor: cursorOf(r), Limit: 100})
	if err != nil {
		return err
	}
	data.Claims, data.Pager = claims, pager(r, next)
	title := "Payment " + d.TraceNumber
	return p.render(w, r, "remittances/show", Page{Title: title, Crumbs: remittanceCrumbs, Data: data, Errors: q.errors, Status: q.status()})
}

// remainder returns what is left of total when parts are taken away; "" if nothing is, or if one can't be read.
func remainder(total storage.Money, parts ...storage.Money) string {
	var sum edi.Sum
	d, ok := total.Decimal()
	if !ok {
		return ""
	}
	sum.Add(d)
	for _, part := range parts {
		if d, ok = part.Decimal(); !ok {
			return ""
		}
		sum.Sub(d)
	}
	if sum.Sign() == 0 {
		return ""
	}
	return sum.String()
}
