package wrap

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

// An opened is an entry with its content.
type opened struct {
	Entry
	content string
}

// openAll opens bytes with everything in memory.
func openAll(ctx context.Context, name string, content []byte, limits Limits, keys Keys) (all []opened, err error) {
	src := Source{Name: name, Size: int64(len(content)), Content: bytes.NewReader(content)}
	err = Open(ctx, src, limits, keys, func(e Entry) error {
		text, err := io.ReadAll(e.Content)
		all = append(all, opened{e, string(text)})
		return err
	})
	return all, err
}

// mustOpen is openAll where nothing may go wrong; each entry is shown as "path=content".
func mustOpen(t *testing.T, name string, content []byte, keys Keys) (shown []string) {
	t.Helper()
	all, err := openAll(t.Context(), name, content, Limits{}, keys)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range all {
		if e.Ordinal != i+1 {
			t.Errorf("entry %d has the ordinal %d", i+1, e.Ordinal)
		}
		shown = append(shown, e.Path+"="+e.content)
	}
	return shown
}

func gzipped(name, content string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Name = name
	_, _ = io.WriteString(w, content) // a buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

// zipped is a zip of names and contents in turn.
func zipped(files ...string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, _ := w.CreateHeader(&zip.FileHeader{Name: files[i], Method: zip.Deflate, Modified: time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)})
		_, _ = io.WriteString(f, files[i+1])
	}
	_ = w.Close()
	return b.Bytes()
}

const isa = "ISA*00*          *00*          *ZZ*SENDER         ~"

func TestOpen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, file string
		content    []byte
		want       []string
	}{
		{"not wrapped", "a.835", []byte(isa), []string{"a.835=" + isa}},
		{"nothing", "a.835", nil, []string{"a.835="}},
		{"gzip knows the name", "x.gz", gzipped("a.835", isa), []string{"x.gz/a.835=" + isa}},
		{"gzip without a name", "a.835.GZ", gzipped("", isa), []string{"a.835.GZ/a.835=" + isa}},
		{"two gzips in a row and zeros", "a.gz", slices.Concat(gzipped("", "one "), gzipped("", "two"), make([]byte, 700)), []string{"a.gz/a=one two"}},
		{"an empty gzip", "a.gz", gzipped("", ""), []string{"a.gz/a="}},
		{"zip", "x.zip", zipped("july/a.835", isa, "july/", "", "b.835", ""), []string{"x.zip/july/a.835=" + isa, "x.zip/b.835="}},
		{"an empty zip", "x.zip", zipped(), nil},
		{"the same name twice", "x.zip", zipped("a", "1", "a", "2"), []string{"x.zip/a=1", "x.zip/a=2"}},
		{"gzip in zip in gzip", "x.gz", gzipped("y.zip", string(zipped("z.gz", string(gzipped("a.835", isa)), "b", "2"))), []string{"x.gz/y.zip/z.gz/a.835=" + isa, "x.gz/y.zip/b=2"}},
		{"a sheet is a file of its own", "report.xlsx", zipped("[Content_Types].xml", "<x/>"), []string{"report.xlsx=" + string(zipped("[Content_Types].xml", "<x/>"))}},
		{"names are labels", "x.zip", zipped("../../etc/passwd", "1", "c:\\out\\b.835", "2", "a\x1b[31m\xff\n", "3", "/", "4"), []string{
			"x.zip/../../etc/passwd=1", "x.zip/c:/out/b.835=2", "x.zip/a\\u001b[31m\\u00a0\\u000a=3",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := mustOpen(t, c.file, c.content, Keys{}); !slices.Equal(got, c.want) {
				t.Errorf("opened %q, want %q", got, c.want)
			}
		})
	}
}

func TestEntryTellsWhereItComesFrom(t *testing.T) {
	t.Parallel()
	all, err := openAll(t.Context(), "x.zip", zipped("../july/a.835", isa, "..", "x", strings.Repeat("é", 300), "y"), Limits{}, Keys{})
	if err != nil || len(all) != 3 {
		t.Fatalf("%d entries, %v", len(all), err)
	}
	e := all[0]
	if e.Name != "a.835" || !slices.Equal(e.Layers, []Kind{KindZip}) || e.ModTime.Format(time.DateOnly) != "2026-07-01" || e.Signer != "" {
		t.Errorf("entry = %+v", e.Entry)
	}
	if all[1].Name != "file" || len(all[2].Name) > maxLabel || !strings.HasSuffix(all[2].Name, "é") {
		t.Errorf("names = %q, %q", all[1].Name, all[2].Name)
	}
}

// TestRefused is what must not be opened, and why.
func TestRefused(t *testing.T) {
	t.Parallel()
	zeros := func(n int) string { return strings.Repeat("\x00", n) }
	deep := []byte(isa)
	for range 5 {
		deep = gzipped("", string(deep))
	}
	inside := zipped("a.zip", string(zipped("b", zeros(4<<20))), "c.zip", string(zipped("d", zeros(4<<20))))
	for _, c := range []struct {
		name    string
		content []byte
		limits  Limits
		want    error
	}{
		{"a bomb", gzipped("", zeros(18<<20)), Limits{}, ErrRatio},
		{"a bomb in a zip", zipped("a", zeros(18<<20)), Limits{}, ErrRatio},
		{"more than the limit", gzipped("", zeros(3<<20)), Limits{TotalBytes: 2 << 20}, ErrTooLarge},
		{"more than the limit by its directory", zipped("a", zeros(3<<20)), Limits{TotalBytes: 2 << 20}, ErrTooLarge},
		{"more than the limit in all layers together", inside, Limits{TotalBytes: 6 << 20}, ErrTooLarge},
		{"a directory that promises less", lyingZip(zipped("a", zeros(3<<20)), 100), Limits{TotalBytes: 2 << 20}, ErrDamaged},
		{"too many entries", zipped(slices.Repeat([]string{"a", ""}, 21)...), Limits{Entries: 20}, ErrTooMany},
		{"too many entries in all zips together", zipped("a", string(zipped("1", "", "2", "")), "b", string(zipped("3", "", "4", ""))), Limits{Entries: 3}, ErrTooMany},
		{"a directory that is too large", zipped(slices.Repeat([]string{strings.Repeat("long", 10_000), ""}, 60)...), Limits{Entries: 100}, ErrTooMany},
		{"too deep", deep, Limits{}, ErrTooDeep},
		{"the same bytes twice", overlappingZip(t), Limits{}, ErrOverlap},
		{"a password", flaggedZip(zipped("a", isa), 6, 1), Limits{}, ErrPassword},
		{"an unknown method", flaggedZip(zipped("a", isa), 8, 12), Limits{}, ErrUnsupported},
		{"a large zip in a gzip without a place for it", gzipped("", string(inside)), Limits{MemoryBytes: 1 << 10}, ErrTooLarge},
		{"garbage after a gzip", append(gzipped("", isa), "garbage"...), Limits{}, ErrDamaged},
		{"a clear text with a signature", []byte("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nISA\n"), Limits{}, ErrUnsupported},
		{"a text that only begins like a message", []byte("-----BEGIN PGP MESSAGE-----\n\nhello\n"), Limits{}, ErrDamaged},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := openAll(t.Context(), "x", c.content, c.limits, Keys{})
			if !errors.Is(err, c.want) {
				t.Fatalf("error = %v, want %v", err, c.want)
			}
			coded, ok := errors.AsType[*Error](err)
			if !ok || !strings.HasPrefix(coded.Code(), "wrap.") || !coded.Permanent() {
				t.Errorf("%v has the code %q", err, coded.Code())
			}
		})
	}
}

// TestIncomplete: a wrapped file that ends early is never taken for a whole one, wherever it ends.
func TestIncomplete(t *testing.T) {
	t.Parallel()
	keys := testKeys(t)
	text := strings.Repeat(isa, 20)
	for name, content := range map[string][]byte{
		"gzip": gzipped("a.835", text), "zip": zipped("a.835", text, "b.835", text),
		"openpgp":           sealed(t, text, Sealing{Name: "a.835", Recipients: keys.public, SignKey: keys.private, Passphrase: keys.passphrase}),
		"openpgp, armored":  sealed(t, text, Sealing{Name: "a.835", Recipients: keys.public, Armor: true}),
		"openpgp, signed":   sealed(t, text, Sealing{Name: "a.835", SignKey: keys.private, Passphrase: keys.passphrase}),
		"gzip in openpgp":   sealed(t, text, Sealing{Name: "a.835", Gzip: true, Recipients: keys.public}),
		"openpgp in a gzip": gzipped("", string(sealed(t, text, Sealing{Name: "a.835", Recipients: keys.public}))),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := len(bytes.TrimRight(content, "\n"))
			if strings.Contains(name, "armored") {
				whole = bytes.LastIndex(content, []byte("-----END")) // all that it says is in front of that
				whole = bytes.LastIndexByte(bytes.TrimRight(content[:whole], "\n"), '\n')
			}
			for n := 0; n < whole; n += step(name, n, whole) {
				all, err := openAll(t.Context(), "x", content[:n], Limits{}, keys.open())
				if err == nil && (len(all) != 1 || len(all[0].Layers) > 0) {
					t.Fatalf("%d of %d bytes opened to %d entries", n, len(content), len(all))
				}
			}
		})
	}
}

// step goes through all bytes; through most of a message's faster, since each try computes with keys.
func step(name string, at, size int) int {
	if strings.Contains(name, "openpgp") && at > 8 && at < size-24 {
		return 37
	}
	return 1
}

// TestDamaged: one changed byte is noticed, or changes nothing that comes out.
func TestDamaged(t *testing.T) {
	t.Parallel()
	keys := testKeys(t)
	text := strings.Repeat(isa, 20)
	for name, content := range map[string][]byte{
		"gzip": gzipped("a.835", text), "zip": zipped("a.835", text),
		"openpgp":         sealed(t, text, Sealing{Name: "a.835", Recipients: keys.public}),
		"openpgp, signed": sealed(t, text, Sealing{Name: "a.835", SignKey: keys.private, Passphrase: keys.passphrase}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			noticed, tried := 0, 0
			for i := 0; i < len(content); i += step(name, i, len(content)) {
				tried++
				changed := slices.Clone(content)
				changed[i] ^= 0x10
				all, err := openAll(t.Context(), "x", changed, Limits{}, keys.open())
				if err != nil {
					noticed++
					continue
				}
				for _, e := range all {
					if len(e.Layers) > 0 && e.content != text && (name != "openpgp, signed" || e.Signer != "") {
						t.Fatalf("byte %d changed what comes out", i)
					}
				}
			}
			if noticed < tried/3 { // names and times may change
				t.Errorf("%d of %d changes were noticed", noticed, tried)
			}
		})
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	reason := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	content := zipped("a", strings.Repeat(isa, 1000), "b", isa)
	src := Source{Name: "x", Size: int64(len(content)), Content: bytes.NewReader(content)}
	entries := 0
	err := Open(ctx, src, Limits{}, Keys{}, func(e Entry) error {
		entries++
		cancel(reason)
		_, err := io.Copy(io.Discard, e.Content)
		return err
	})
	if !errors.Is(err, reason) || entries != 1 {
		t.Errorf("%d entries, error %v; want one, and the reason", entries, err)
	}
}

// A brokenReaderAt fails from an offset on.
type brokenReaderAt struct {
	*bytes.Reader
	from int64
}

var errDisk = errors.New("the disk is broken")

func (b brokenReaderAt) ReadAt(p []byte, offset int64) (int, error) {
	if offset+int64(len(p)) > b.from {
		return 0, errDisk
	}
	return b.Reader.ReadAt(p, offset)
}

// TestBrokenSource: the archive's failure is not taken for damage of the file, which would be for good.
func TestBrokenSource(t *testing.T) {
	t.Parallel()
	random := make([]byte, 200_000)
	for i := range random {
		random[i] = byte(i * i >> 3)
	}
	for name, content := range map[string][]byte{"gzip": gzipped("", string(random)), "zip": zipped("a", string(random), "b", string(random))} {
		src := Source{Name: "x", Size: int64(len(content)), Content: brokenReaderAt{bytes.NewReader(content), int64(len(content)) / 2}}
		err := Open(t.Context(), src, Limits{}, Keys{}, func(e Entry) error {
			_, err := io.Copy(io.Discard, e.Content)
			return err
		})
		if _, ok := errors.AsType[*Error](err); !errors.Is(err, errDisk) || ok {
			t.Errorf("%s: error = %v, want the disk's own", name, err)
		}
	}
}

// A memorySpool counts how it is used.
type memorySpool struct {
	bytes.Buffer
	open *int
}

func (m *memorySpool) Content() (io.ReaderAt, error) { return bytes.NewReader(m.Bytes()), nil }
func (m *memorySpool) Close() error                  { *m.open--; return nil }

func TestSpool(t *testing.T) {
	t.Parallel()
	content := gzipped("y.zip", string(zipped("a", isa, "b", "2")))
	open, made := 0, 0
	src := Source{Name: "x.gz", Size: int64(len(content)), Content: bytes.NewReader(content), Spool: func() (Spool, error) {
		open++
		made++
		return &memorySpool{open: &open}, nil
	}}
	var paths []string
	err := Open(t.Context(), src, Limits{MemoryBytes: 16}, Keys{}, func(e Entry) error {
		paths = append(paths, e.Path)
		if open != 1 {
			t.Errorf("%d spools are open", open)
		}
		return nil
	})
	if err != nil || made != 1 || open != 0 || !slices.Equal(paths, []string{"x.gz/y.zip/a", "x.gz/y.zip/b"}) {
		t.Errorf("%v, %d spools made, %d left open, error %v", paths, made, open, err)
	}
}
