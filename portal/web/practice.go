package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/storage"
)

// practiceForm is the form of a practice's details.
type practiceForm struct {
	formValues
	Path   string // of the organization
	Decide bool   // what is sent holds without another person
}

// editPractice shows the details as they are today, to be changed from a day on.
func (p *Portal) editPractice(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicAccount)
	if err != nil {
		return err
	}
	d, err := p.organization(r, storage.AccountID(id))
	if err != nil {
		return err
	}
	values := url.Values{"effective_on": {string(d.Today)}}
	if d.History.Current != nil {
		putPractice(values, d.History.Current.Practice)
	}
	return p.renderPractice(w, r, d, values, nil)
}

func (p *Portal) renderPractice(w http.ResponseWriter, r *http.Request, d organizationData, values url.Values, wrong FieldErrors) error {
	page := Page{
		Title: "Practice details", Crumbs: append(organizationCrumbs[:1:1], Crumb{d.Name, d.Path}), Errors: wrong,
		Data: practiceForm{formValues{values, wrong}, d.Path, d.Manage},
	}
	if len(wrong) > 0 {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.render(w, r, "organizations/practice", page)
}

// savePractice asks for other details; of the operator's people it is the decision, too.
func (p *Portal) savePractice(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicAccount)
	if err != nil {
		return err
	}
	values, err := formOf(r)
	if err != nil {
		return err
	}
	d, err := p.organization(r, storage.AccountID(id))
	if err != nil {
		return err
	}
	err = p.Accounts.RequestPractice(r.Context(), principalOf(r), storage.AccountID(id), accounts.PracticeRequest{
		Practice: practiceOf(values), EffectiveOn: storage.Day(strings.TrimSpace(values.Get("effective_on"))), Reason: values.Get("reason"),
	})
	if wrong, ok := inputErrors(err); ok {
		return p.renderPractice(w, r, d, values, wrong)
	}
	if err != nil {
		return err
	}
	done := "practice-requested"
	if d.Manage {
		done = "practice-approved"
	}
	return p.done(w, r, d.Path, done)
}

// practiceAct returns the handler that ends a request for other details.
func (p *Portal) practiceAct(done string, act func(r *http.Request, account storage.AccountID, id int64) error) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		account, err := p.pathID(r, storage.PublicAccount)
		if err != nil {
			return err
		}
		id, err := p.DB.PublicIDs().Parse(storage.PublicPractice, r.PathValue("change"))
		if err != nil {
			return err
		}
		if _, err := formOf(r); err != nil {
			return err
		}
		err = act(r, storage.AccountID(account), id)
		if wrong, ok := inputErrors(err); ok {
			return p.renderOrganization(w, r, formValues{values: r.PostForm}, wrong)
		}
		if err != nil {
			return err
		}
		return p.done(w, r, "/organizations/"+r.PathValue("id"), done)
	}
}

func (p *Portal) approvePractice(r *http.Request, account storage.AccountID, id int64) error {
	return p.Accounts.DecidePractice(r.Context(), principalOf(r), account, id, true, r.PostForm.Get("note"))
}

func (p *Portal) rejectPractice(r *http.Request, account storage.AccountID, id int64) error {
	return p.Accounts.DecidePractice(r.Context(), principalOf(r), account, id, false, r.PostForm.Get("note"))
}

func (p *Portal) withdrawPractice(r *http.Request, account storage.AccountID, id int64) error {
	return p.Accounts.WithdrawPractice(r.Context(), principalOf(r), account, id)
}

// practiceOf reads the form. Providers stand one a line: the NPI, then the name.
func practiceOf(v url.Values) accounts.Practice {
	out := accounts.Practice{
		Address1: v.Get("address_1"), Address2: v.Get("address_2"), City: v.Get("city"), State: v.Get("state"), Zip: v.Get("zip"),
		Phone: v.Get("phone"), Fax: v.Get("fax"), Email: v.Get("email"), Contact: v.Get("contact"), Providers: []accounts.PracticeProvider{},
	}
	for line := range strings.Lines(v.Get("providers")) {
		if line = strings.TrimSpace(line); line != "" {
			npi, name, _ := strings.Cut(line, " ")
			out.Providers = append(out.Providers, accounts.PracticeProvider{NPI: npi, Name: strings.TrimSpace(name)})
		}
	}
	return out
}

// putPractice fills the form.
func putPractice(v url.Values, d accounts.Practice) {
	var lines []string
	for _, one := range d.Providers {
		lines = append(lines, one.NPI+" "+one.Name)
	}
	for name, value := range map[string]string{
		"address_1": d.Address1, "address_2": d.Address2, "city": d.City, "state": d.State, "zip": d.Zip, "phone": d.Phone, "fax": d.Fax,
		"email": d.Email, "contact": d.Contact, "providers": strings.Join(lines, "\n"),
	} {
		v.Set(name, value)
	}
}
