package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/ediport/ediport/storage"
)

// partnerAnswer is a trading partner with what is agreed with it.
type partnerAnswer struct {
	ID                   storage.PartnerID `json:"id" public:"prt"`
	Name                 string            `json:"name"`
	TimeZone             string            `json:"time_zone"`
	Usage                string            `json:"usage"`          // P or T: what is exchanged
	RequestPolicy        string            `json:"request_policy"` // receive, strict
	AnswerPolicy         string            `json:"answer_policy"`
	ReusePolicy          string            `json:"reuse_policy"` // of control numbers: allow, warn, hold, reject
	ReuseWindowDays      int               `json:"reuse_window_days"`
	AcknowledgeRequests  bool              `json:"acknowledge_requests"`
	AcknowledgeAnswers   bool              `json:"acknowledge_answers"`
	AcknowledgmentPolicy json.RawMessage   `json:"acknowledgment_policy"` // docs/acknowledgments.md; null: the usual one
	Rules                json.RawMessage   `json:"rules"`                 // docs/partner-rules.md; null: the guides alone
	CreatedAt            time.Time         `json:"created_at"`
}

func partnerOf(p storage.PartnerSettings) partnerAnswer {
	return partnerAnswer{
		ID: p.ID, Name: p.Name, TimeZone: p.TimeZone, Usage: p.Usage, RequestPolicy: p.RequestPolicy, AnswerPolicy: p.AnswerPolicy,
		ReusePolicy: p.ReusePolicy, ReuseWindowDays: p.ReuseWindowDays, AcknowledgeRequests: p.AcknowledgeRequests,
		AcknowledgeAnswers: p.AcknowledgeAnswers, AcknowledgmentPolicy: p.AcknowledgmentPolicy, Rules: p.Rules, CreatedAt: p.CreatedAt,
	}
}

type partnerInput struct {
	Name                 *string          `json:"name"`
	TimeZone             *string          `json:"time_zone"`
	Usage                *string          `json:"usage"`
	RequestPolicy        *string          `json:"request_policy"`
	AnswerPolicy         *string          `json:"answer_policy"`
	ReusePolicy          *string          `json:"reuse_policy"`
	ReuseWindowDays      *int             `json:"reuse_window_days"`
	AcknowledgeRequests  *bool            `json:"acknowledge_requests"`
	AcknowledgeAnswers   *bool            `json:"acknowledge_answers"`
	AcknowledgmentPolicy *json.RawMessage `json:"acknowledgment_policy"`
	Rules                *json.RawMessage `json:"rules"`
}

func (in *partnerInput) apply(p *storage.PartnerSettings) {
	set(&p.Name, in.Name)
	set(&p.TimeZone, in.TimeZone)
	set(&p.Usage, in.Usage)
	set(&p.RequestPolicy, in.RequestPolicy)
	set(&p.AnswerPolicy, in.AnswerPolicy)
	set(&p.ReusePolicy, in.ReusePolicy)
	set(&p.ReuseWindowDays, in.ReuseWindowDays)
	set(&p.AcknowledgeRequests, in.AcknowledgeRequests)
	set(&p.AcknowledgeAnswers, in.AcknowledgeAnswers)
	set(&p.AcknowledgmentPolicy, in.AcknowledgmentPolicy)
	set(&p.Rules, in.Rules)
}

func (a *API) listPartners(r *http.Request, q *params) (any, storage.Cursor, error) {
	if err := q.done(); err != nil {
		return nil, "", err
	}
	rows, err := a.DB.Partners(r.Context(), scopeOf(r))
	return rows, "", err
}

func (a *API) partner(ctx context.Context, scope storage.Scope, id storage.PartnerID) (out partnerAnswer, err error) {
	p, err := inScope(ctx, a, scope, func(tx *storage.Tx) (*storage.PartnerSettings, error) { return tx.PartnerSettings(ctx, id) })
	if err != nil {
		return out, err
	}
	return partnerOf(*p), nil
}

func (a *API) addPartner(r *http.Request, scope storage.Scope) (int64, error) {
	var in partnerInput
	if err := readJSON(r, &in); err != nil {
		return 0, err
	}
	p := &storage.PartnerSettings{Operator: scope.Operator, AcknowledgeRequests: true}
	in.apply(p)
	err := a.Desk.AddPartner(r.Context(), scope, p)
	return int64(p.ID), err
}

func (a *API) changePartner(r *http.Request, scope storage.Scope) (int64, error) {
	id, err := a.pathID(r, storage.PublicPartner)
	if err != nil {
		return 0, err
	}
	var in partnerInput
	if err := readJSON(r, &in); err != nil {
		return 0, err
	}
	p, err := inScope(r.Context(), a, scope, func(tx *storage.Tx) (*storage.PartnerSettings, error) {
		return tx.PartnerSettings(r.Context(), storage.PartnerID(id))
	})
	if err != nil {
		return 0, err
	}
	in.apply(p)
	return id, a.Desk.ChangePartner(r.Context(), scope, p)
}
