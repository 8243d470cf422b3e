package view_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/view"
)

const (
	isa     = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261121*0830*^*00501*000000001*0*P*:~"
	gs      = "GS*HP*SENDER*RECEIVER*20261121*0830*1*X*005010X221A1~"
	payment = "ST*835*%04d~BPR*I*80*C*CHK************20260105~CLP*A1*1*100.25*80*10*12*ICN1*11~CAS*CO*45*20.25~SE*5*%04d~"
)

func inspect(t *testing.T, in string) view.File {
	t.Helper()
	f, err := view.Inspect("x", strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestInspectSumsFoldedLines(t *testing.T) {
	plain := isa + gs + fmt.Sprintf(payment, 1, 1) + "GE*1*1~IEA*1*000000001~"
	want, _ := json.Marshal(inspect(t, plain).Interchanges)
	for width := 1; width < 100; width++ {
		var in strings.Builder
		in.WriteString(isa) // a break at the delimiters would hide them
		for rest := plain[len(isa):]; rest != ""; {
			n := min(width, len(rest))
			in.WriteString("\n" + rest[:n])
			rest = rest[n:]
		}
		if got, _ := json.Marshal(inspect(t, in.String()).Interchanges); !bytes.Equal(got, want) {
			t.Fatalf("at %d columns\n%s\nwant\n%s", width, got, want)
		}
		var asJSON, back bytes.Buffer
		if err := errors.Join(view.WriteJSON(&asJSON, strings.NewReader(in.String())), view.ReadJSON(&back, &asJSON)); err != nil || back.String() != in.String() {
			t.Fatalf("at %d columns JSON is not lossless: %v", width, err)
		}
	}
}

func TestInspectPutsSetsWithoutGroupTogether(t *testing.T) {
	f := inspect(t, isa+fmt.Sprintf(payment, 1, 1)+fmt.Sprintf(payment, 2, 2)+gs+fmt.Sprintf(payment, 3, 3)+"GE*1*1~IEA*1*000000001~")
	var got []int
	for _, g := range f.Interchanges[0].Groups {
		got = append(got, len(g.Transactions))
	}
	if fmt.Sprint(got) != "[2 1]" {
		t.Errorf("sets per group %v, want [2 1]", got)
	}
}

func TestInspectListsSoManyErrors(t *testing.T) {
	f := inspect(t, isa+gs+strings.Repeat("SE*1*1~", 20_000)+"GE*0*1~IEA*1*000000001~")
	last := f.Errors[len(f.Errors)-1]
	if len(f.Errors) != 10_001 || last.Severity != edi.Error || last.Message != "10000 more findings of this kind were left out" {
		t.Errorf("%d errors, the last: %+v", len(f.Errors), last)
	}
}

func TestSurveyCountsWhatItDoesNotList(t *testing.T) {
	in := isa + gs + "ST*835*0001~" + strings.Repeat("Q7*1~", guide.DefaultMaxFindings+500) + "SE*1502*0001~GE*1*1~IEA*1*000000001~"
	unlisted := 0
	s := view.Survey{Set: func(s *view.Set) { unlisted += s.Unlisted }}
	if err := s.Run(strings.NewReader(in)); err != nil || unlisted < 500 {
		t.Errorf("%d findings not listed, error %v", unlisted, err)
	}
}

func TestWriteJSONRefusesToLose(t *testing.T) {
	junk := strings.Repeat(" ", 2<<20)
	whole := isa + "IEA*0*000000001~"
	for name, in := range map[string]string{"between": whole + junk + whole, "behind": whole + junk} {
		if err := view.WriteJSON(io.Discard, strings.NewReader(in)); !errors.Is(err, view.ErrLost) {
			t.Errorf("%s: %v, want %v", name, err, view.ErrLost)
		}
	}
}
