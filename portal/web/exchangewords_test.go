package web

import (
	"slices"
	"testing"
)

func TestScheduleTimesInWords(t *testing.T) {
	t.Parallel()
	for spec, want := range map[string]string{
		"30 6 * * 1-5": "Monday to Friday at 06:30", "0 6,18 * * *": "each day at 06:00, 18:00", "@daily": "each day at 00:00", "@every 15m": "every 15 minutes",
		"at 06:30,12:15": "each day at 06:30, 12:15", "0 5 1 * *": "on day 1 of each month at 05:00", "0 22 * * 0": "Sundays at 22:00",
		"*/5 * * * *": "", "0 5 1 1 *": "", "0 5 1 * 1": "", "0 24 * * *": "", "nonsense": "", "@every soon": "",
	} {
		if got := whenWords(spec); got != want {
			t.Errorf("%s reads %q, want %q", spec, got, want)
		}
	}
}

func TestContextOfAnAcknowledgmentHoldsNoValue(t *testing.T) {
	t.Parallel()
	got := contextsOf([]string{"CTX*SUBSCRIBER NAME NM109:SECRET", "CTX*SITUATIONAL TRIGGER*NM1*8*2100C*8", "CTX*SECRET"})
	if want := []string{"SUBSCRIBER NAME NM109", "SITUATIONAL TRIGGER NM1 8 2100C 8"}; !slices.Equal(got, want) {
		t.Errorf("the context reads %q, want %q", got, want)
	}
}

func TestNamesOfUploadsAreTheirLastPart(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		`C:\inbox\a.x12`: "a.x12", "../../etc/passwd": "passwd", "": "upload", "..": "upload", "a\x00\nb": "ab", "/": "upload", "Überweisung 1.835": "Überweisung 1.835",
	} {
		if got := uploadName(given); got != want {
			t.Errorf("%q becomes %q, want %q", given, got, want)
		}
	}
}
