package guide_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
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

func TestCorpusPlaces(t *testing.T) {
	dir := corpus(t)
	files, _ := filepath.Glob(filepath.Join(dir, "*", "*"))
	sets, placed := 0, 0
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		name := strings.TrimPrefix(f, dir+"/")
		sc := guide.NewScanner(edi.NewReader(bytes.NewReader(b)))
		bad := false
		for sc.Next() {
			s, st := sc.Segment(), sc.Step()
			if s.Is("ST") && sc.Guide() != nil {
				sets++
				if !bad {
					placed++
				}
				bad = false
			}
			if sc.Guide() == nil {
				continue
			}
			if st.Def == nil || st.OutOfOrder || st.Mismatch {
				bad = true
				near := ""
				if st.Near != nil {
					near = st.Near.Name
				}
				t.Logf("%s %d %s: %s in %s def=%v ooo=%v mis=%v near=%s", name, s.Pos().Segment, sc.Guide().Key, s.Raw(), st.Loop.Path(), st.Def != nil, st.OutOfOrder, st.Mismatch, near)
			}
		}
		if sc.Err() != nil {
			t.Logf("%s: %v", name, sc.Err())
		}
	}
	t.Log(sets, placed)
}
