package remittance_test

import (
	"bytes"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/internal/decodetest"
	"github.com/ediport/ediport/edi/remittance"
	"github.com/ediport/ediport/fixtures"
)

// TestFixtures decodes files written for the whole project and counts what each provider gets.
func TestFixtures(t *testing.T) {
	t.Parallel()
	n := 0
	for _, e := range fixtures.Catalog() {
		if !sets[e.Set] {
			continue
		}
		n++
		x12, err := fixtures.Open(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		h := &counter{rows: make(decodetest.Rows)}
		if err := remittance.Read(edi.NewReader(bytes.NewReader(x12)), h); err != nil {
			t.Errorf("%s: %v", e.Name, err)
		}
		h.rows.Equal(t, e.Name, e.Want.Rows)
	}
	if n == 0 {
		t.Error("no fixtures of these sets")
	}
}

type counter struct {
	remittance.Ignore
	rows decodetest.Rows
}

var sets = map[string]bool{"835": true}

func (c *counter) Payment(p *remittance.Payment) error {
	c.rows.Add(p.Payee.Name.ID.String(), "payments", 1)
	return nil
}

func (c *counter) Claim(p *remittance.Claim) error {
	npi := p.Payment.Payee.Name.ID.String()
	c.rows.Add(npi, "claim_payments", 1)
	c.rows.Add(npi, "service_lines", len(p.Lines))
	c.rows.Add(npi, "adjustments", len(p.Adjustments))
	for i := range p.Lines {
		c.rows.Add(npi, "adjustments", len(p.Lines[i].Adjustments))
	}
	return nil
}

func (c *counter) ProviderAdjustment(p *remittance.ProviderAdjustment) error {
	c.rows.Add(p.Payment.Payee.Name.ID.String(), "provider_adjustments", 1)
	return nil
}
