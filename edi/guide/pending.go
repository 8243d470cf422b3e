package guide

import "github.com/ediport/ediport/edi"

// Pending returns the findings about the open set so far, in the order in which they were made. They are the Checker's, and
// valid until its next call. Who wants to keep something of the segment in hand for an acknowledgment looks here what is new.
func (c *Checker) Pending() []edi.Finding {
	if !c.open || c.current == nil {
		return nil
	}
	return c.current.findings
}
