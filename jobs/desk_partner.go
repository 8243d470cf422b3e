package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/jobs/ingest"
	"github.com/ediport/ediport/storage"
)

// ErrPartner says what is wrong with a partner's settings, by field.
var ErrPartner error = newKind("partner.invalid", true, "the partner's settings are incomplete or wrong")

// AddPartner adds a trading partner and gives it its id. What is not given gets its usual value; requests are
// acknowledged only if p says so. ErrPartner; storage.ErrConflict: the name is taken.
func (d *Desk) AddPartner(ctx context.Context, scope storage.Scope, p *storage.PartnerSettings) error {
	if err := checkPartner(p); err != nil {
		return err
	}
	return d.audited(ctx, scope, "partner.added", "partner", func(tx *storage.Tx) (int64, error) {
		err := tx.AddPartner(ctx, p)
		return int64(p.ID), err
	})
}

// ChangePartner writes p over the partner of its id. ErrPartner; storage.ErrNotFound; storage.ErrConflict: the name is taken.
func (d *Desk) ChangePartner(ctx context.Context, scope storage.Scope, p *storage.PartnerSettings) error {
	if err := checkPartner(p); err != nil {
		return err
	}
	return d.audited(ctx, scope, "partner.changed", "partner", func(tx *storage.Tx) (int64, error) {
		return int64(p.ID), tx.ChangePartner(ctx, p)
	})
}

// checkPartner fills in the usual values and returns all complaints in one ErrPartner.
func checkPartner(p *storage.PartnerSettings) error {
	fillPartner(p)
	var wrong []error
	complain := func(bad bool, format string, values ...any) {
		if bad {
			wrong = append(wrong, fmt.Errorf(format, values...))
		}
	}
	oneOf := func(field, value string, choices ...string) {
		complain(!slices.Contains(choices, value), "%s: choose %s", field, strings.Join(choices, ", "))
	}
	complain(p.Name == "", "name: give the partner a name")
	_, err := time.LoadLocation(p.TimeZone)
	complain(err != nil, "time_zone: it is not known, use a name such as America/New_York")
	oneOf("usage", p.Usage, "P", "T")
	oneOf("request_policy", p.RequestPolicy, "strict", "receive")
	oneOf("answer_policy", p.AnswerPolicy, "strict", "receive")
	oneOf("reuse_policy", p.ReusePolicy, "allow", "warn", "hold", "reject")
	complain(p.ReuseWindowDays < 1, "reuse_window_days: at least 1")
	complain(p.SetsPerInterchange < 1, "sets_per_interchange: at least 1")
	complain(p.PatientsPerSet < 1 || p.PatientsPerSet > 99, "patients_per_set: between 1 and 99")
	if len(p.AcknowledgmentPolicy) > 0 {
		_, err := ingest.ReadPolicy(string(p.AcknowledgmentPolicy))
		complain(err != nil, "acknowledgment_policy: %v", err)
	}
	if len(p.Rules) > 0 {
		_, err := guide.ReadPartnerRules(strings.NewReader(string(p.Rules)))
		complain(err != nil, "rules: %v", err)
	}
	if len(wrong) > 0 {
		return fail(ErrPartner, errors.Join(wrong...))
	}
	return nil
}

func fillPartner(p *storage.PartnerSettings) {
	p.Name = strings.TrimSpace(p.Name)
	for field, usual := range map[*string]string{
		&p.TimeZone: "America/New_York", &p.Usage: "P", &p.RequestPolicy: "strict", &p.AnswerPolicy: "receive", &p.ReusePolicy: "warn",
	} {
		if *field == "" {
			*field = usual
		}
	}
	for field, usual := range map[*int]int{&p.ReuseWindowDays: 400, &p.SetsPerInterchange: 5000, &p.PatientsPerSet: 1} {
		if *field == 0 {
			*field = usual
		}
	}
}
