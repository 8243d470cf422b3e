package jobs

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

const (
	// UsualDays is for how many days a name with a date is looked for: a partner in the United States names a file by today or yesterday, in UTC.
	UsualDays = 3
	maxDays   = 366

	// maxKnownNames is how many names one look may ask for.
	maxKnownNames = 2000
)

// checkNames complains about names that are looked for.
func (f PullFolder) checkNames(complain complaint) {
	complain.about(len(f.Names) == 0 && f.Days != 0, "days", "it is for names with a date")
	if len(f.Names) == 0 {
		return
	}
	complain.between("days", f.Days, 1, maxDays)
	complain.about(!slices.Equal(f.Globs, []string{"*"}), "globs", "either patterns of a listing, or names to look for")
	complain.about(f.Depth != 0, "depth", "nothing is listed where names are looked for")
	for i, name := range f.Names {
		field := fmt.Sprintf("names[%d]", i)
		dated, err := datedFolder(name, time.Time{})
		if err == nil {
			err = transfer.CheckKnownName(dated)
		}
		switch {
		case err != nil:
			complain.about(true, field, "%v", err)
		case strings.ContainsAny(name, `*?[]`):
			complain.about(true, field, "it is a whole name, not a pattern")
		case strings.Contains(name, `\`):
			complain.about(true, field, "write / between folders, also for servers on Windows")
		}
	}
	complain.about(len(f.knownNames(time.Time{})) > maxKnownNames, "names", "with their days they are more than %d", maxKnownNames)
}

// knownNames are the names to look for at a time, today's first.
func (f PullFolder) knownNames(now time.Time) (names []string) {
	seen := map[string]bool{}
	for back := range max(f.Days, 1) {
		for _, name := range f.Names {
			dated, err := datedFolder(name, now.UTC().AddDate(0, 0, -back))
			if err == nil && !seen[dated] {
				seen[dated] = true
				names = append(names, dated)
			}
		}
	}
	return names
}

// pattern matches what any day makes of a name.
func pattern(name string) string {
	quoted := regexp.QuoteMeta(name)
	for token, layout := range dateTokens {
		quoted = strings.ReplaceAll(quoted, regexp.QuoteMeta("{"+token+"}"), fmt.Sprintf("[0-9]{%d}", len(layout)))
	}
	return quoted
}

// namesPattern matches, whole, what any day makes of the folder's names.
func (f PullFolder) namesPattern() (*regexp.Regexp, error) {
	all := make([]string, len(f.Names))
	for i, name := range f.Names {
		all[i] = pattern(name)
	}
	return regexp.Compile("^(?:" + strings.Join(all, "|") + ")$")
}

// named tells whether a sighting's path is, on some day, one of the names that the folder looks for.
func (f *folder) named(key string) (name string, ok bool) {
	whole, err := transfer.Unescape(key)
	if err != nil || f.names == nil {
		return "", false
	}
	root := path.Clean(cmp.Or(f.Path, "."))
	if name = whole; root != "." {
		if name, ok = strings.CutPrefix(whole, strings.TrimSuffix(root, "/")+"/"); !ok {
			return "", false
		}
	}
	return name, f.names.MatchString(strings.TrimSuffix(name, f.DoneMarker))
}

// lookFor says by which names to look: those of the last days, their done markers, and what was seen before and is
// not done with, however long ago its day was.
func (f *folder) lookFor(earlier []storage.Sighting, now time.Time) {
	if f.names == nil {
		return
	}
	f.list.Names = nil
	add := func(name string) {
		f.list.Names = append(f.list.Names, name)
		if f.DoneMarker != "" {
			f.list.Names = append(f.list.Names, name+f.DoneMarker)
		}
	}
	known := map[string]bool{}
	for _, name := range f.knownNames(now) {
		known[name] = true
		add(name)
	}
	for _, s := range earlier {
		name, ok := f.named(s.Path)
		name = strings.TrimSuffix(name, f.DoneMarker)
		if ok && !known[name] && (s.File == 0 || f.After != storage.AfterLeave) {
			known[name] = true
			add(name)
		}
	}
}
