package view_test

import (
	"bytes"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/internal/corpustest"
	"github.com/ediport/ediport/edi/view"
	"github.com/ediport/ediport/fixtures"
)

var update = flag.Bool("update", false, "write the golden files anew")

func shown(t *testing.T, tree view.Tree, in []byte) string {
	t.Helper()
	var out bytes.Buffer
	if _, err := tree.Write(&out, bytes.NewReader(in)); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func fixture(t *testing.T, name string) []byte {
	t.Helper()
	b, err := fixtures.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTreeGolden(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file string
		tree view.Tree
	}{
		"835-wrong-count":     {"08-835-wrong-segment-count.x12", view.Tree{}},
		"271-dependent-loops": {"13-271-dependent-benefits.x12", view.Tree{Depth: view.Loops}},
		"277-raw":             {"17-277-two-providers.x12", view.Tree{Raw: true}},
		"278-segments":        {"21-278-certified-in-part.x12", view.Tree{Depth: view.Segments}},
		"999":                 {"22-999-accepted-and-rejected.x12", view.Tree{}},
		"ta1-groups":          {"24-TA1-accepted-and-rejected.x12", view.Tree{Depth: view.Groups}},
		"271-second-set":      {"14-271-not-found-two-receivers.x12", view.Tree{Set: 1, Depth: view.Sets}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := shown(t, c.tree, fixture(t, c.file))
			path := filepath.Join("testdata", name+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

var escape = regexp.MustCompile("\x1b\\[[0-9;]*m")

// Colors are all that differs.
func TestTreeColors(t *testing.T) {
	t.Parallel()
	in := fixture(t, "08-835-wrong-segment-count.x12")
	plain, colored := shown(t, view.Tree{}, in), shown(t, view.Tree{Color: true}, in)
	if !strings.Contains(colored, "\x1b[") || strings.Contains(plain, "\x1b") {
		t.Error("colors are missing, or there without being wanted")
	}
	if got := escape.ReplaceAllString(colored, ""); got != plain {
		t.Errorf("without its colors the tree is\n%s", cmp.Diff(plain, got))
	}
}

// What a file says can't command the terminal.
func TestTreeHasNoControlCharacters(t *testing.T) {
	t.Parallel()
	in := isa + gs + "ST*835*0001~N1*PR*\x1b[2J\x07\xc2\x9bEVIL\xff~\x1b]0;x\x07*1~SE*4*0001~GE*1*1~IEA*1*000000001~"
	for _, tree := range []view.Tree{{}, {Raw: true}, {Depth: view.Loops}, {Depth: view.Segments}} {
		if got := shown(t, tree, []byte(in)); strings.ContainsAny(got, "\x1b\x07\u009b") || !utf8.ValidString(got) {
			t.Errorf("depth %d, raw %v: %q", tree.Depth, tree.Raw, got)
		}
	}
}

// A set too large to be kept is shown as it comes, its findings and verdict behind it.
func TestTreeOfLargeSet(t *testing.T) {
	t.Parallel()
	const n = 60_000
	in := isa + gs + "ST*835*0001~N1*PR*X*QQ*1~" + strings.Repeat("PER*BL*X*TE*5555550100~", n) + "LX*1~CLP*A*1*1*1~SE*3*0001~GE*1*1~IEA*1*000000001~"
	got := shown(t, view.Tree{Depth: view.Segments}, []byte(in))
	if lines := strings.Count(got, "PER Payer Technical"); lines < n {
		t.Errorf("%d of %d segments are shown", lines, n)
	}
	end := got[strings.LastIndex(got, "SE Transaction Set Trailer"):]
	for _, want := range []string{"N103 in loop 1000A", "IK502 4", "rejected"} {
		if !strings.Contains(end, want) {
			t.Errorf("%s is not told behind the set: %.2000s", want, end)
		}
	}
}

// Each finding of each published file is shown once, however deep one looks.
func TestTreeShowsAllFindings(t *testing.T) {
	corpustest.Each(t, func(t *testing.T, in []byte) bool {
		want := 0
		survey := view.Survey{Report: func(edi.Finding) { want++ }}
		if err := survey.Run(bytes.NewReader(in)); errors.Is(err, edi.ErrNotX12) {
			return false
		}
		for _, tree := range []view.Tree{{}, {Depth: view.Loops}, {Depth: view.Segments, Raw: true}} {
			got := shown(t, tree, in)
			if signs := strings.Count(got, "✗ ") + strings.Count(got, "! ") + strings.Count(got, "· "); signs < want {
				t.Errorf("%d findings, %d shown", want, signs)
			}
		}
		return true
	})
}

// Once nobody reads what is shown, reading ends.
func TestTreeStops(t *testing.T) {
	t.Parallel()
	in := isa + gs + strings.Repeat("ST*835*0001~"+strings.Repeat("LX*1~", 1000)+"SE*1002*0001~", 1000)
	r := &countingReader{r: strings.NewReader(in)}
	tree := view.Tree{}
	if _, err := tree.Write(closed{}, r); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("error %v, want that of the writer", err)
	}
	if r.n > len(in)/2 {
		t.Errorf("%d of %d bytes were read", r.n, len(in))
	}
}

type closed struct{}

func (closed) Write([]byte) (int, error) { return 0, fs.ErrClosed }

type countingReader struct {
	r interface{ Read([]byte) (int, error) }
	n int
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

func TestThousands(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"0.00": "0.00", "999.50": "999.50", "1000.00": "1,000.00", "-1234567.891": "-1,234,567.891", "-100": "-100",
	} {
		if got := view.Thousands(in); got != want {
			t.Errorf("Thousands(%s) = %s, want %s", in, got, want)
		}
	}
}
