package mutate

import (
	"strings"
	"testing"
)

const file = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260105*1200*^*00501*000000001*0*T*:~\r\n" +
	"GS*HP*A*B*20260105*1200*1*X*V~\r\nST*835*0001~\r\nN1*PR*PLAN~\r\nSVC*HC:1:2*5^6~\r\nSE*4*0001~\r\nGE*1*1~\r\nIEA*1*000000001~\r\n"

func parse(t *testing.T, text string) *Document {
	t.Helper()
	d, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestBytesAreThoseParsed(t *testing.T) {
	for _, breaks := range []string{"\r\n", "\n", ""} {
		text := strings.ReplaceAll(file, "\r\n", breaks)
		if got := string(parse(t, text).Bytes()); got != text {
			t.Errorf("with line ends %q: %q", breaks, got)
		}
	}
	if _, err := Parse([]byte("ISA*short~")); err == nil {
		t.Error("an ISA of ten bytes was parsed")
	}
}

func TestApply(t *testing.T) {
	for _, c := range []struct{ change, want string }{
		{"delete N1", "ST*835*0001~SVC*HC:1:2*5^6~SE*3*0001~"},
		{"duplicate N1", "ST*835*0001~N1*PR*PLAN~N1*PR*PLAN~SVC*HC:1:2*5^6~SE*5*0001~"},
		{"swap N1*PR SVC", "ST*835*0001~SVC*HC:1:2*5^6~N1*PR*PLAN~SE*4*0001~"},
		{"move SVC before N1", "ST*835*0001~SVC*HC:1:2*5^6~N1*PR*PLAN~SE*4*0001~"},
		{"move N1 after SVC", "ST*835*0001~SVC*HC:1:2*5^6~N1*PR*PLAN~SE*4*0001~"},
		{"insert N3*1 MAIN ST after N1", "ST*835*0001~N1*PR*PLAN~N3*1 MAIN ST~SVC*HC:1:2*5^6~SE*5*0001~"},
		{"insert LX*1 before SVC", "ST*835*0001~N1*PR*PLAN~LX*1~SVC*HC:1:2*5^6~SE*5*0001~"},
		{"set N1 4 X Y", "ST*835*0001~N1*PR*PLAN**X Y~SVC*HC:1:2*5^6~SE*4*0001~"},
		{"clear N1 2; clear N1 1", "ST*835*0001~N1~SVC*HC:1:2*5^6~SE*4*0001~"},
		{"set SVC 1-4 9", "ST*835*0001~N1*PR*PLAN~SVC*HC:1:2:9*5^6~SE*4*0001~"},
		{"clear SVC 1-3", "ST*835*0001~N1*PR*PLAN~SVC*HC:1*5^6~SE*4*0001~"},
		{"set SVC 2^3 7", "ST*835*0001~N1*PR*PLAN~SVC*HC:1:2*5^6^7~SE*4*0001~"},
		{"append N1 Z", "ST*835*0001~N1*PR*PLAN*Z~SVC*HC:1:2*5^6~SE*4*0001~"},
		{"cut N1", "ST*835*0001~SVC*HC:1:2*5^6~SE*4*0001~"},
		{"repeat N1 SVC; set SVC/2 2 8", "ST*835*0001~N1*PR*PLAN~SVC*HC:1:2*5^6~N1*PR*PLAN~SVC*HC:1:2*8~SE*6*0001~"},
	} {
		d := parse(t, strings.ReplaceAll(file, "\r\n", ""))
		if err := d.Apply(c.change); err != nil {
			t.Error(err)
			continue
		}
		got := string(d.Bytes())
		if got = got[strings.Index(got, "ST*835"):strings.Index(got, "GE*")]; got != c.want {
			t.Errorf("%s: %s, want %s", c.change, got, c.want)
		}
	}
	for _, change := range []string{"delete NM1", "break N1", "swap N1", "insert N1", "set N1", "set N1 x y", "delete"} {
		if parse(t, file).Apply(change) == nil {
			t.Errorf("%q was applied", change)
		}
	}
}

func TestPlaceCountsAsTheFileDoes(t *testing.T) {
	d := parse(t, file)
	i := d.Find("SVC")
	if p, want := d.Place(i), (Place{"SVC", 3, int64(strings.Index(file, "SVC"))}); p != want {
		t.Errorf("SVC stands at %+v, want %+v", p, want)
	}
	if p := d.Place(d.Find("GE")); p.Ordinal != 0 || p.Offset != int64(strings.Index(file, "GE*1")) {
		t.Errorf("GE stands at %+v", p)
	}
}

func TestClonesDontShareChanges(t *testing.T) {
	d := parse(t, file)
	c := d.Clone()
	c.Set(c.Find("N1"), 2, "OTHER")
	c.Delete(c.Find("SVC"))
	c.Recount()
	if string(d.Bytes()) != file {
		t.Errorf("the original is now %s", d.Bytes())
	}
}

func TestSetDelimiters(t *testing.T) {
	d := parse(t, file)
	d.SetDelimiters(Delimiters{Element: "|", Repetition: "!", Component: ">", Terminator: "'"})
	got := string(d.Bytes())
	if want := "SVC|HC>1>2|5!6'"; !strings.Contains(got, want) || !strings.HasPrefix(got, "ISA|00|") || !strings.Contains(got, "|!|00501|000000001|0|T|>'") {
		t.Errorf("%s", got)
	}
}
