package edi

import (
	"bytes"
	"testing"
)

func TestAppendTexts(t *testing.T) {
	t.Parallel()
	const isa = "ISA*00*          *00*          *ZZ*S              *ZZ*R              *260101*0000*^*00501*000000001*0*P*:~"
	for _, x12 := range []string{"CLP*A*1**2~", "CLP~", "N3* 1 ELM * ~", "SVC*HC:99213: 25 ::X*1*^2^3:4~", "SVC*:*A:~", "HI*ABK:I10*ABF:~"} {
		r := NewReader(bytes.NewReader([]byte(isa + x12)))
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
		s, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		texts := s.AppendTexts(nil)
		if len(texts) != s.Len()+1 {
			t.Fatalf("%s: %d texts, want %d", x12, len(texts), s.Len()+1)
		}
		for n := 1; n <= s.Len(); n++ {
			if !bytes.Equal(texts[n], s.Text(n)) || (texts[n] == nil) != (s.Text(n) == nil) {
				t.Errorf("%s: text %d is %q, want %q", x12, n, texts[n], s.Text(n))
			}
			c := s.Composite(n)
			components := c.AppendComponents(nil)
			if len(components) != c.Len() {
				t.Errorf("%s: element %d has %d components, want %d", x12, n, len(components), c.Len())
				continue
			}
			for k := range components {
				if !bytes.Equal(components[k], c.Component(k+1)) {
					t.Errorf("%s: component %d of element %d is %q, want %q", x12, k+1, n, components[k], c.Component(k+1))
				}
			}
		}
	}
}
