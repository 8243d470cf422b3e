package eligibility_test

import (
	"bytes"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/eligibility"
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
		if err := eligibility.Read(edi.NewReader(bytes.NewReader(x12)), h); err != nil {
			t.Errorf("%s: %v", e.Name, err)
		}
		h.rows.Equal(t, e.Name, e.Want.Rows)
	}
	if n == 0 {
		t.Error("no fixtures of these sets")
	}
}

type counter struct {
	eligibility.Ignore
	rows decodetest.Rows
}

var sets = map[string]bool{"270": true, "271": true}

func (c *counter) person(p *eligibility.Person) string {
	npi, kind := p.Receiver.Name.ID.String(), "subscribers"
	if p.Dependent {
		kind = "dependents"
	}
	c.rows.Add(npi, kind, 1)
	return npi
}

func (c *counter) Answer(a *eligibility.Answer) error {
	npi := c.person(&a.Person)
	c.rows.Add(npi, "rejections", len(a.Rejections))
	c.rows.Add(npi, "benefits", len(a.Benefits))
	for i := range a.Benefits {
		c.rows.Add(npi, "messages", len(a.Benefits[i].Messages))
		c.rows.Add(npi, "related_entities", len(a.Benefits[i].Entities))
	}
	return nil
}

func (c *counter) Receiver(r *eligibility.Receiver) error {
	c.rows.Add(r.Name.ID.String(), "rejections", len(r.Rejections))
	return nil
}

func (c *counter) Inquiry(q *eligibility.Inquiry) error {
	npi := c.person(&q.Person)
	if len(q.Questions) > 0 {
		c.rows.Add(npi, "inquiries", 1)
	}
	return nil
}
