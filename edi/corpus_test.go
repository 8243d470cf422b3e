package edi_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/ediport/ediport/edi"
)

// corpus returns the folder of published sample files, or skips.
func corpus(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("EDIPORT_CORPUS")
	if dir == "" {
		t.Skip("EDIPORT_CORPUS is not set: the published sample files are not there")
	}
	return dir
}

// table reads a tab-separated file with a header line.
func table(t testing.TB, path string) []map[string]string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimRight(string(b), "\n"), "\n")
	head := strings.Split(lines[0], "\t")
	rows := make([]map[string]string, 0, len(lines))
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, v := range strings.Split(line, "\t") {
			row[head[i]] = v
		}
		rows = append(rows, row)
	}
	return rows
}

type counts struct{ interchanges, groups, transactions, segments int }

// rewrite reads b and writes it again from its elements.
func rewrite(src io.Reader) (out []byte, c counts, findings []edi.Finding, err error) {
	var buf bytes.Buffer
	r := edi.NewReader(src)
	r.Report = func(f edi.Finding) { findings = append(findings, f) }
	w := edi.NewWriter(&buf, edi.StandardDelimiters)
	var rec edi.Record
	for {
		s, err := r.Next()
		if err == io.EOF {
			_ = w.Bytes(r.Trailer())
			return buf.Bytes(), c, findings, nil
		}
		if err != nil {
			return buf.Bytes(), c, findings, err
		}
		c.segments++
		switch s.Tag() {
		case "ISA":
			c.interchanges++
		case "GS":
			c.groups++
		case "ST":
			c.transactions++
		}
		rec.Reset()
		if err := w.Copy(rec.Append(s)); err != nil {
			return nil, c, findings, err
		}
	}
}

func TestCorpusReadsAndRewrites(t *testing.T) {
	dir := corpus(t)
	for _, row := range table(t, filepath.Join(dir, "MANIFEST.tsv")) {
		t.Run(row["path"], func(t *testing.T) {
			in, err := os.ReadFile(filepath.Join(dir, row["path"]))
			if err != nil {
				t.Fatal(err)
			}
			out, c, findings, err := rewrite(bytes.NewReader(in))
			if row["n_interchanges"] == "0" {
				if !errors.Is(err, edi.ErrNotX12) {
					t.Fatalf("no interchange: got %v, want ErrNotX12", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(in, out) {
				t.Errorf("read and written again, the file differs")
			}
			want := counts{}
			for p, k := range map[*int]string{
				&want.interchanges: "n_interchanges", &want.groups: "n_groups",
				&want.transactions: "n_transactions", &want.segments: "n_segments",
			} {
				*p, _ = strconv.Atoi(row[k])
			}
			if c != want {
				t.Errorf("counts %+v, want %+v", c, want)
			}
			bad := 0
			for _, f := range findings {
				// The manifest judges widths, pairs, numbers and counts, not whether ISA09 to ISA11, a GS or a TA1 make sense, nor whether
				// ST01 fits GS01.
				code := f.Code.Kind + " " + f.Code.Value
				sense := slices.Contains([]string{"TA105 014", "TA105 015", "TA105 016", "TA105 024", "IK502 18"}, code) && row["well_formed"] == "yes"
				if f.Severity == edi.Error && !sense {
					bad++
				}
				if f.Pos.Offset < 0 || f.Pos.Offset > int64(len(in)) {
					t.Errorf("finding outside of the file: %v", f)
				}
			}
			if well := row["well_formed"] == "yes"; well != (bad == 0) {
				t.Errorf("well formed: %v (%s), but %d errors: %v", well, row["well_formed"], bad, findings)
			}
			again, c2, _, err := rewrite(iotest.OneByteReader(bytes.NewReader(in)))
			if err != nil || c2 != c || !bytes.Equal(out, again) {
				t.Errorf("read byte by byte, the file differs: %v %+v", err, c2)
			}
		})
	}
}
