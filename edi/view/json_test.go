package view_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/internal/corpustest"
	"github.com/ediport/ediport/edi/view"
)

func roundTrip(t *testing.T, in []byte) {
	t.Helper()
	var j, out bytes.Buffer
	if err := view.WriteJSON(&j, bytes.NewReader(in)); err != nil {
		t.Fatal(err)
	}
	if err := view.ReadJSON(&out, &j); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(in, out.Bytes()) {
		t.Errorf("X12 to JSON to X12 differs:\n%.300q\n%.300q", in, out.Bytes())
	}
}

func TestJSONRoundTrip(t *testing.T) {
	isa := "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261121*0830*^*00501*000000001*0*P*:~"
	for name, in := range map[string]string{
		"plain":            isa + "IEA*0*000000001~",
		"line breaks":      isa + "\nIEA*0*000000001~\n",
		"mixed breaks":     isa + "\r\nTA1*1~\n IEA*0*000000001~\n\n",
		"unterminated":     isa + "\nIEA*0*000000001",
		"not UTF-8":        isa + "N3*\xd6\xff~IEA*0*000000001~",
		"quotes":           isa + "N3*\"\\<~IEA*0*000000001~",
		"two interchanges": isa + "IEA*0*000000001~\n" + strings.ReplaceAll(isa, "*", "|") + "IEA|0|000000001~",
		"junk":             "junk\n" + isa + "IEA*0*000000001~ more",
	} {
		t.Run(name, func(t *testing.T) { roundTrip(t, []byte(in)) })
	}
}

func TestJSONRoundTripCorpus(t *testing.T) {
	corpustest.Each(t, func(t *testing.T, in []byte) bool {
		if err := view.WriteJSON(&bytes.Buffer{}, bytes.NewReader(in)); errors.Is(err, edi.ErrNotX12) {
			return false
		}
		roundTrip(t, in)
		return true
	})
}

func TestReadJSONRefusesOtherDocuments(t *testing.T) {
	for _, in := range []string{``, `{}`, `[]`, `{"format": "other"}`, `{"format": "ediport-x12/1", "segments": [["ISA"]], "trailer": ""}`} {
		if err := view.ReadJSON(&bytes.Buffer{}, strings.NewReader(in)); !errors.Is(err, view.ErrJSON) {
			t.Errorf("%q: error %v, want ErrJSON", in, err)
		}
	}
}
