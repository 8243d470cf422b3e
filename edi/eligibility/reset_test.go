package eligibility

import (
	"reflect"
	"testing"

	"github.com/ediport/ediport/edi/internal/decodetest"
)

// TestResetClearsTheAnswer fills each field of an answer, in case that one is added and reset does not know of it.
func TestResetClearsTheAnswer(t *testing.T) {
	t.Parallel()
	b := new(answerBuilder)
	decodetest.Fill(&b.answer)
	b.reset()
	if len(b.answer.Benefits) != 0 || len(b.answer.Context) != 0 {
		t.Error("benefits or levels are left")
	}
	b.answer.Benefits, b.answer.Context = nil, nil
	for v, i := reflect.ValueOf(b.answer), 0; i < v.NumField(); i++ {
		if !v.Field(i).IsZero() {
			t.Errorf("%s is left", v.Type().Field(i).Name)
		}
	}
}
