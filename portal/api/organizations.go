package api

import (
	"fmt"
	"net/http"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/storage"
)

// organizationRoutes are those that change accounts and what routes answers to them.
func (a *API) organizationRoutes() []route {
	manage, shown := need(accounts.ManageAccounts), viewOf(a.DB.Account)
	return []route{
		{"POST /api/v1/accounts", manage, a.acting(created, a.addAccount, shown)},
		{"PATCH /api/v1/accounts/{id}", manage, a.acting(done, a.changeAccount, shown)},
		{"POST /api/v1/accounts/{id}/identifiers", manage, a.acting(created, a.addIdentifier, shown)},
		{"POST /api/v1/accounts/{id}/identifiers/{identifier}/retire", manage, a.acting(done, a.retireIdentifier, shown)},
	}
}

// accountInput is what an account is called, what it is, and where its clock stands.
type accountInput struct {
	Kind     *string `json:"kind"` // practice, billing_service, clearinghouse
	Name     *string `json:"name"`
	TimeZone *string `json:"time_zone"` // "": the operator's
}

func (in *accountInput) apply(o *accounts.OrganizationInput) {
	set(&o.Kind, in.Kind)
	set(&o.Name, in.Name)
	set(&o.TimeZone, in.TimeZone)
}

func (a *API) addAccount(r *http.Request, scope storage.Scope) (int64, error) {
	var in accountInput
	if err := readJSON(r, &in); err != nil {
		return 0, err
	}
	o := accounts.OrganizationInput{Kind: "practice"}
	in.apply(&o)
	id, err := a.Accounts.AddOrganization(r.Context(), scope, o)
	return int64(id), err
}

func (a *API) changeAccount(r *http.Request, scope storage.Scope) (int64, error) {
	id, err := a.pathID(r, storage.PublicAccount)
	if err != nil {
		return 0, err
	}
	var in accountInput
	if err := readJSON(r, &in); err != nil {
		return 0, err
	}
	now, err := a.DB.Account(r.Context(), scope, storage.AccountID(id))
	if err != nil {
		return 0, err
	}
	o := accounts.OrganizationInput{Kind: now.Kind, Name: now.Name, TimeZone: now.TimeZone}
	in.apply(&o)
	return id, a.Accounts.ChangeOrganization(r.Context(), scope, storage.AccountID(id), o)
}

// identifierInput is an identifier that routes answers to an account.
type identifierInput struct {
	Kind      string    `json:"kind"` // npi, tin, submitter, payer_assigned
	Value     string    `json:"value"`
	PartnerID *publicID `json:"partner_id"` // null: whoever the partner is
	ValidFrom string    `json:"valid_from"` // null: since ever
	ValidTo   string    `json:"valid_to"`   // the last day; null: for ever
}

func (a *API) addIdentifier(r *http.Request, scope storage.Scope) (int64, error) {
	id, err := a.pathID(r, storage.PublicAccount)
	if err != nil {
		return 0, err
	}
	var in identifierInput
	if err := readJSON(r, &in); err != nil {
		return 0, err
	}
	partner, err := a.bodyID("partner_id", storage.PublicPartner, in.PartnerID, 0)
	if err != nil {
		return 0, err
	}
	from, err := dayOf("valid_from", in.ValidFrom)
	if err != nil {
		return 0, err
	}
	to, err := dayOf("valid_to", in.ValidTo)
	if err != nil {
		return 0, err
	}
	return id, a.Accounts.AddIdentifier(r.Context(), scope, storage.AccountID(id), accounts.IdentifierInput{
		Kind: in.Kind, Value: in.Value, Partner: storage.PartnerID(partner), ValidFrom: from, ValidTo: to,
	})
}

// retireInput says until when an identifier routes.
type retireInput struct {
	LastDay string `json:"last_day"` // null: yesterday, UTC
}

func (a *API) retireIdentifier(r *http.Request, scope storage.Scope) (int64, error) {
	id, err := a.pathID(r, storage.PublicAccount)
	if err != nil {
		return 0, err
	}
	identifier, err := a.DB.PublicIDs().Parse(storage.PublicIdentifier, r.PathValue("identifier"))
	if err != nil {
		return 0, fmt.Errorf("portal: API: %w", err)
	}
	var in retireInput
	if err := readJSON(r, &in); err != nil {
		return 0, err
	}
	last, err := dayOf("last_day", in.LastDay)
	if err != nil {
		return 0, err
	}
	if last == nil {
		yesterday := a.Now().UTC().AddDate(0, 0, -1)
		last = &yesterday
	}
	return id, a.Accounts.RetireIdentifier(r.Context(), scope, storage.AccountID(id), identifier, *last)
}

// dayOf reads a day of a body; nil for none.
func dayOf(field, d string) (*time.Time, error) {
	if d == "" {
		return nil, nil //nolint:nilnil // nil is none
	}
	t, err := time.Parse(time.DateOnly, d)
	if err != nil {
		return nil, wrong(field, "is a day such as 2026-01-31")
	}
	return &t, nil
}
