package claimstatus_test

import (
	"bytes"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/claimstatus"
	"github.com/ediport/ediport/edi/internal/decodetest"
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
		if err := claimstatus.Read(edi.NewReader(bytes.NewReader(x12)), h); err != nil {
			t.Errorf("%s: %v", e.Name, err)
		}
		h.rows.Equal(t, e.Name, e.Want.Rows)
	}
	if n == 0 {
		t.Error("no fixtures of these sets")
	}
}

type counter struct {
	claimstatus.Ignore
	rows decodetest.Rows
}

var sets = map[string]bool{"276": true, "277": true, "277CA": true}

func (c *counter) statuses(npi string, list []claimstatus.Status) {
	c.rows.Add(npi, "statuses", len(list))
	for i := range list {
		for _, code := range list[i].Codes {
			if len(code.Category) > 0 {
				c.rows.Add(npi, "status_codes", 1)
			}
		}
	}
}

func (c *counter) Source(s *claimstatus.Source) error {
	c.statuses("", s.Statuses)
	return nil
}

func (c *counter) Receiver(r *claimstatus.Receiver) error {
	c.statuses("", r.Statuses)
	return nil
}

func (c *counter) Provider(p *claimstatus.Provider) error {
	c.statuses(p.Name.ID.String(), p.Statuses)
	return nil
}

func (c *counter) Claim(p *claimstatus.Claim) error {
	npi := p.Provider.Name.ID.String()
	c.rows.Add(npi, "claims", 1)
	c.rows.Add(npi, "service_lines", len(p.Lines))
	c.statuses(npi, p.Statuses)
	for i := range p.Lines {
		c.statuses(npi, p.Lines[i].Statuses)
	}
	return nil
}

func (c *counter) Request(p *claimstatus.Claim) error {
	npi := p.Provider.Name.ID.String()
	c.rows.Add(npi, "inquiries", 1)
	c.rows.Add(npi, "service_lines", len(p.Lines))
	return nil
}
