package authorization_test

import (
	"bytes"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/authorization"
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
		if err := authorization.Read(edi.NewReader(bytes.NewReader(x12)), h); err != nil {
			t.Errorf("%s: %v", e.Name, err)
		}
		h.rows.Equal(t, e.Name, e.Want.Rows)
	}
	if n == 0 {
		t.Error("no fixtures of these sets")
	}
}

type counter struct {
	authorization.Ignore
	rows decodetest.Rows
}

var sets = map[string]bool{"278": true}

func (c *counter) event(e *authorization.Event) error {
	npi := e.Requester.Name.ID.String()
	c.rows.Add(npi, "events", 1)
	c.rows.Add(npi, "services", len(e.Services))
	if !e.Decision.IsZero() {
		c.rows.Add(npi, "decisions", 1)
	}
	for i := range e.Services {
		if !e.Services[i].Decision.IsZero() {
			c.rows.Add(npi, "decisions", 1)
		}
	}
	return nil
}

func (c *counter) Request(e *authorization.Event) error  { return c.event(e) }
func (c *counter) Response(e *authorization.Event) error { return c.event(e) }
