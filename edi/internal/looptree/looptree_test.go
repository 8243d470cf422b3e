package looptree_test

import (
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/looptree"
)

const envelope = "ISA*00*          *00*          *ZZ*S              *ZZ*R              *261121*0830*^*00501*000000001*0*P*:~"

// paths returns for each segment of a set the loops around it.
func paths(x12 string) []string {
	var stack looptree.Stack
	var open, all []string
	sc := guide.NewScanner(edi.NewReader(strings.NewReader(x12)))
	for sc.Next() {
		if sc.Segment().Pos().Segment == 0 {
			continue
		}
		begun, level := stack.Enter(sc.Step())
		if len(begun) > 0 {
			open = open[:level-len(begun)]
		}
		for _, l := range begun {
			open = append(open, l.ID)
		}
		all = append(all, sc.Segment().Tag()+" "+strings.Join(open[:level], "/"))
	}
	return all
}

func TestLoops(t *testing.T) {
	t.Parallel()
	payment := envelope + "GS*HP*S*R*20261121*0830*1*X*005010X221A1~"
	answer := envelope + "GS*HB*S*R*20261121*0830*1*X*005010X279A1~"
	for name, c := range map[string]struct{ in, want string }{
		"claims and lines": {
			payment + "ST*835*1~N1*PR*A~N1*PE*B~LX*1~CLP*1*1*1*1~SVC*HC:1*1*1~CAS*CO*1*1~CLP*2*1*1*1~PLB*1~SE*1*1~",
			"ST |N1 1000A|N1 1000B|LX 2000|CLP 2000/2100|SVC 2000/2100/2110|CAS 2000/2100/2110|CLP 2000/2100|PLB |SE ",
		},
		"claim without header": {
			payment + "ST*835*1~N1*PE*B~CLP*1*1*1*1~SE*1*1~",
			"ST |N1 1000B|CLP 2000/2100|SE ",
		},
		"levels below each other": {
			answer + "ST*271*1~HL*1**20*1~NM1*PR*2*A~HL*2*1*21*1~HL*3*2*22*1~NM1*IL*1*B~HL*4*3*23*0~NM1*03*1*C~EB*1~HL*5*2*22*0~NM1*IL*1*D~EB*1~HL*6**20*0~SE*1*1~",
			"ST |HL 2000A|NM1 2000A/2100A|HL 2000A/2000B|HL 2000A/2000B/2000C|NM1 2000A/2000B/2000C/2100C|HL 2000A/2000B/2000C/2000D|" +
				"NM1 2000A/2000B/2000C/2000D/2100D|EB 2000A/2000B/2000C/2000D/2100D/2110D|HL 2000A/2000B/2000C|NM1 2000A/2000B/2000C/2100C|EB 2000A/2000B/2000C/2100C/2110C|HL 2000A|SE ",
		},
	} {
		if got := strings.Join(paths(c.in), "|"); got != c.want {
			t.Errorf("%s:\n%s, want\n%s", name, got, c.want)
		}
	}
}
