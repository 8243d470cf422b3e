package remittance

import (
	"reflect"
	"testing"

	"github.com/ediport/ediport/edi/internal/decodetest"
)

// TestResetClearsTheClaim fills each field of a claim, in case that one is added and reset does not know of it.
func TestResetClearsTheClaim(t *testing.T) {
	t.Parallel()
	c := new(Claim)
	decodetest.Fill(c)
	c.reset()
	if len(c.Lines) != 0 {
		t.Error("lines are left")
	}
	c.Lines = nil
	for v, i := reflect.ValueOf(c).Elem(), 0; i < v.NumField(); i++ {
		if !v.Field(i).IsZero() {
			t.Errorf("%s is left", v.Type().Field(i).Name)
		}
	}
}
