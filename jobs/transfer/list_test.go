package transfer_test

import (
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
)

func TestListSelects(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{})
	for _, name := range []string{
		"a.835", "b.835", "test b.835", "c.271", "notes.txt", ".hidden.835", "d.835.tmp", "e.835.FILEPART", "f.835.upload",
		"daily/g.835", "daily/deep/h.835", "archive/i.835",
	} {
		server.WriteFile("out/"+name, []byte("x"))
	}
	if err := os.Symlink(server.Path("out", "a.835"), server.Path("out", "link.835")); err != nil {
		t.Fatal(err)
	}
	client := dial(t, endpoint(server))
	for name, c := range map[string]struct {
		patterns []string
		options  transfer.ListOptions
		want     string
	}{
		"no rules: all but unfinished": {nil, transfer.ListOptions{}, "a.835 b.835 c.271 f.835.upload notes.txt test b.835"},
		"including rules only":         {[]string{"*.835", "*.271"}, transfer.ListOptions{}, "a.835 b.835 c.271 test b.835"},
		"excluding rules only":         {[]string{"!*.txt", "!*.upload"}, transfer.ListOptions{}, "a.835 b.835 c.271 test b.835"},
		"the first match decides":      {[]string{"!test*", "*.835"}, transfer.ListOptions{}, "a.835 b.835"},
		"and in the other order":       {[]string{"*.835", "!test*"}, transfer.ListOptions{}, "a.835 b.835 test b.835"},
		"alternatives":                 {[]string{"[ab].{835,271}"}, transfer.ListOptions{}, "a.835 b.835"},
		"one level":                    {[]string{"*.835"}, transfer.ListOptions{Depth: 1}, "a.835 archive/i.835 b.835 daily/g.835 test b.835"},
		"all levels, archive skipped": {
			[]string{"*.835"},
			transfer.ListOptions{Depth: 5, Skip: []string{server.Path("out", "archive") + "/"}},
			"a.835 b.835 daily/deep/h.835 daily/g.835 test b.835",
		},
		"pattern with a path":   {[]string{"daily/**/*.835"}, transfer.ListOptions{Depth: 5}, "daily/deep/h.835 daily/g.835"},
		"own temporary suffix":  {[]string{"f*"}, transfer.ListOptions{TemporarySuffixes: []string{".UPLOAD"}}, ""},
		"unfinished on request": {[]string{"*.835", "*.tmp"}, transfer.ListOptions{Temporary: true}, ".hidden.835 a.835 b.835 d.835.tmp test b.835"},
	} {
		t.Run(name, func(t *testing.T) {
			rules, err := transfer.ParseRules(c.patterns...)
			if err != nil {
				t.Fatal(err)
			}
			c.options.Folder, c.options.Rules = server.Path("out"), rules
			var got []string
			for _, file := range list(t, client, c.options).Files {
				got = append(got, file.Rel)
			}
			slices.Sort(got)
			if strings.Join(got, " ") != c.want {
				t.Fatalf("listed %q, want %q", strings.Join(got, " "), c.want)
			}
		})
	}
}

func TestListCountsWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{})
	for _, name := range []string{"a.835", "b.txt", "c.tmp", "folder/d.835"} {
		server.WriteFile(name, []byte("x"))
	}
	if err := os.Symlink("a.835", server.Path("link")); err != nil {
		t.Fatal(err)
	}
	rules, err := transfer.ParseRules("*.835")
	if err != nil {
		t.Fatal(err)
	}
	got := list(t, dial(t, endpoint(server)), transfer.ListOptions{Rules: rules}) // where the session starts
	if len(got.Files) != 1 || got.Excluded != 1 || got.Unfinished != 1 || got.Special != 1 || got.Deeper != 1 {
		t.Fatalf("listing %+v", got)
	}
}

func TestListOldestFirst(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{})
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for i, name := range []string{"c", "a", "b"} {
		server.WriteFile(name, nil)
		if err := os.Chtimes(server.Path(name), day, day.AddDate(0, 0, i/2)); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, file := range list(t, dial(t, endpoint(server)), transfer.ListOptions{}).Files {
		got = append(got, file.Name)
	}
	if !slices.Equal(got, []string{"a", "c", "b"}) {
		t.Fatalf("order %v", got)
	}
}

// oddNames are names a partner could send. Each must be listed, fetched and archived as it is.
var oddNames = []string{
	"with blanks .835", "Prüfung 検証.835", "new\nline.835", "tab\tand\x07bell", "invalid \xff\xfe utf8", `back\slash`,
	"-rf", "star*?[a]", "..almost", "% 41", "$(reboot);'\"", "\u202egnp.835", strings.Repeat("n", 250),
}

func TestOddNamesNeitherBreakNorEscape(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{})
	for i, name := range oddNames {
		server.WriteFile("out/"+name, fmt.Append(nil, "content ", i))
	}
	client := dial(t, endpoint(server))
	files := list(t, client, transfer.ListOptions{Folder: server.Path("out"), Temporary: true}).Files
	if len(files) != len(oddNames) {
		t.Fatalf("listed %d of %d", len(files), len(oddNames))
	}
	keys := map[string]bool{}
	for _, file := range files {
		i := slices.Index(oddNames, file.Name)
		var content strings.Builder
		if _, err := client.Download(t.Context(), file, &content); err != nil || content.String() != fmt.Sprint("content ", i) {
			t.Errorf("%q: content %q, %v", file.Name, content.String(), err)
		}
		keys[file.Key()] = true
		if _, err := client.Archive(t.Context(), file, server.Path("done")); err != nil {
			t.Errorf("%q: Archive: %v", file.Name, err)
		}
		for _, shown := range []string{
			file.String(), fmt.Sprintf("%v %+v %#v", file, file, []transfer.RemoteFile{file}), slog.AnyValue(file).Resolve().String(),
		} {
			if strings.Contains(shown, file.Name) {
				t.Errorf("%q shows in %q", file.Name, shown)
			}
		}
	}
	if len(keys) != len(oddNames) {
		t.Errorf("%d keys for %d files", len(keys), len(oddNames))
	}
	if left := list(t, client, transfer.ListOptions{Folder: server.Path("done"), Temporary: true}).Files; len(left) != len(oddNames) {
		t.Errorf("%d of %d reached the archive", len(left), len(oddNames))
	}
}

func TestListOf50000Files(t *testing.T) {
	t.Parallel()
	const count = 50_000
	server := sshdtest.Start(t, sshdtest.Options{})
	for i := range count {
		server.WriteFile(fmt.Sprintf("out/%05d.835", i), nil)
	}
	target := endpoint(server)
	client := dial(t, target)
	started := time.Now()
	files := list(t, client, transfer.ListOptions{Folder: server.Path("out")}).Files
	t.Logf("listed %d files in %v", len(files), time.Since(started))
	if len(files) != count {
		t.Fatalf("listed %d, want %d", len(files), count)
	}

	target.Limits.Files = 1000
	_, err := dial(t, target).List(t.Context(), transfer.ListOptions{Folder: server.Path("out")})
	wantCode(t, err, "transfer.listing_too_large", true)
}

func TestListOfFoldersThatCannotBeRead(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("patient Jane Roe.835", nil)
	client := dial(t, endpoint(server))
	for name, folder := range map[string]string{
		"missing":      "patient Jane Roe",
		"a file":       server.Path("patient Jane Roe.835"),
		"below a file": server.Path("patient Jane Roe.835", "in"),
	} {
		_, err := client.List(t.Context(), transfer.ListOptions{Folder: folder})
		wantCode(t, err, "transfer.folder_missing", true)
		if strings.Contains(err.Error(), "Roe") {
			t.Errorf("%s: error %q tells the name", name, err)
		}
	}
	if _, err := client.List(t.Context(), transfer.ListOptions{}); err != nil {
		t.Errorf("after the errors the connection no longer works: %v", err)
	}
}

func TestMalformedPatterns(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"", "!", "[a", "{a,b", "a]\\"} {
		if _, err := transfer.ParseRules("*.835", pattern); transfer.Code(err) != "transfer.pattern_invalid" ||
			!strings.Contains(err.Error(), "no. 2") {
			t.Errorf("pattern %q: %v", pattern, err)
		}
	}
}
