package encodetest

import (
	"io"
	"io/fs"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/internal/decode"
	"github.com/ediport/ediport/edi/parts"
)

// A Suite is what every encoder is tested by: documents made of its guides, the corpus, the fixtures, and a fuzz target.
type Suite struct {
	Start  Start
	Guides []string          // their keys
	Values map[string]string // see Options
	Corpus map[string]int    // by ST01: how many sets of the corpus can be encoded, at least
	Unset  []string          // fields that the guides don't have: they are of types shared with other packages
}

// Starter returns the Start of a package: open makes its encoder, listen a handler that notes what it is told and passes it on to
// the encoder, decoder and read are those of the package.
func Starter[E interface{ Close() error }, H any, D decode.Sink](
	open func(io.Writer, parts.Envelope) E, listen func(*Log, E) H, decoder func(H) D, read func(*edi.Reader, H) error,
) Start {
	return func(out io.Writer, env parts.Envelope) Run {
		enc, log := open(out, env), new(Log)
		h := listen(log, enc)
		return Run{Log: log, Sink: decoder(h), Close: enc.Close, Read: func(r *edi.Reader) error { return read(r, h) }}
	}
}

// Test tests all but the fuzz target; files are the fixtures. Each of more gives fields values that WholeGuide does not.
func (s *Suite) Test(t *testing.T, files fs.FS, more ...func(*testing.T) *Log) {
	t.Run("guides", func(t *testing.T) {
		t.Parallel()
		var all Log
		for _, key := range s.Guides {
			t.Run(key, func(t *testing.T) { all.Merge(s.Start.WholeGuide(t, key, s.Values)) })
		}
		for _, tell := range more {
			all.Merge(tell(t))
		}
		EveryField(t, &all, s.Unset...)
	})
	t.Run("fixtures", func(t *testing.T) {
		t.Parallel()
		s.Start.Fixtures(t, files, s.sets()...)
	})
	for set, atLeast := range s.Corpus {
		t.Run("corpus/"+set, func(t *testing.T) {
			t.Parallel()
			s.Start.Corpus(t, set, atLeast)
		})
	}
}

func (s *Suite) sets() (sets []string) {
	for set := range s.Corpus {
		sets = append(sets, set)
	}
	return sets
}

// Fuzz is the fuzz target.
func (s *Suite) Fuzz(f *testing.F) { s.Start.FuzzAll(f, s.Guides, s.Values, s.sets()...) }
