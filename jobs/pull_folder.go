package jobs

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

// A folder is one remote folder in the course of a run.
type folder struct {
	PullFolder
	list  transfer.ListOptions
	names *regexp.Regexp // what is looked for, on any day; nil: it is listed
	tried int            // files whose turn came in this run
}

func newFolder(settings PullFolder) (*folder, error) {
	rules, err := settings.rules()
	if err != nil {
		return nil, err
	}
	f := &folder{PullFolder: settings, list: transfer.ListOptions{
		Folder: settings.Path, Rules: rules, Depth: settings.Depth,
		TemporarySuffixes: settings.TemporarySuffixes, ClaimSuffix: settings.ClaimSuffix,
	}}
	if len(settings.Names) > 0 {
		if f.names, err = settings.namesPattern(); err != nil {
			return nil, err
		}
	}
	for _, target := range []string{settings.ArchiveFolder, settings.ErrorFolder} {
		f.skip(target)
	}
	return f, nil
}

// skip leaves out where files are moved to, should that be below the folder.
func (f *folder) skip(target string) {
	if target == "" {
		return
	}
	if fixed := fixedPart(target); path.Clean(fixed) != path.Clean(f.Path) {
		f.list.Skip = append(f.list.Skip, fixed)
		return
	}
	f.list.SkipPatterns = append(f.list.SkipPatterns, datedPattern(target))
}

// datedPattern matches what dates make of a folder's name, to the end of the first part that has one.
func datedPattern(target string) string {
	fixed := fixedPart(target)
	dated, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(path.Clean(target), path.Clean(fixed)), "/"), "/")
	for token, layout := range dateTokens {
		dated = strings.ReplaceAll(dated, "{"+token+"}", strings.Repeat("[0-9]", len(layout)))
	}
	return path.Join(fixed, dated)
}

// clockTolerance is by how much a partner's clock may differ from ours without our taking a file for
// older than it is.
const clockTolerance = 5 * time.Minute

// sort tells apart what of a listing is ready. Files that have a done marker, or stood still for the
// set time, are; but none below its minimum age.
func (f *folder) sort(listing transfer.Listing, earlier map[string]transfer.Seen, now time.Time) transfer.Look {
	look := transfer.Settled(listing, earlier, f.quiet(), now)
	if f.DoneMarker != "" {
		look = byMarker(look, f.DoneMarker)
	}
	if f.MinAgeSeconds > 0 {
		look = f.oldEnough(look, now)
	}
	f.arrange(look.Ready)
	return look
}

// oldEnough holds back what is too young by every clock: the server's, which is at least as late as
// the newest file it shows, and ours, since we saw the file first.
func (f *folder) oldEnough(look transfer.Look, now time.Time) transfer.Look {
	server := now.Add(-clockTolerance)
	for _, file := range look.Listing.Files {
		if file.ModTime.After(server) {
			server = file.ModTime
		}
	}
	least := seconds(f.MinAgeSeconds)
	ready := look.Ready
	look.Ready = nil
	for _, file := range ready {
		seen := now.Sub(look.Seen[file.Key()].Since)
		if server.Sub(file.ModTime) >= least || seen >= least {
			look.Ready = append(look.Ready, file)
			continue
		}
		look.Waiting = append(look.Waiting, file)
		if missing := least - seen; look.Next == 0 || missing < look.Next {
			look.Next = missing
		}
	}
	return look
}

// arrange puts files into the order in which their turn comes.
func (f *folder) arrange(files []transfer.RemoteFile) {
	slices.SortStableFunc(files, func(a, b transfer.RemoteFile) int {
		switch f.Order {
		case OrderOldest:
			return cmp.Or(a.ModTime.Compare(b.ModTime), strings.Compare(a.Path, b.Path))
		case OrderNewest:
			return cmp.Or(b.ModTime.Compare(a.ModTime), strings.Compare(a.Path, b.Path))
		case OrderLargest:
			return cmp.Or(cmp.Compare(b.Size, a.Size), strings.Compare(a.Path, b.Path))
		case OrderSmallest:
			return cmp.Or(cmp.Compare(a.Size, b.Size), strings.Compare(a.Path, b.Path))
		default:
			return strings.Compare(a.Path, b.Path)
		}
	})
}

// byMarker makes ready what has a done marker beside it, whether it stands still or not, and nothing else.
func byMarker(look transfer.Look, suffix string) transfer.Look {
	marked := map[string]bool{}
	for _, f := range look.Listing.Files {
		if path, ok := strings.CutSuffix(f.Path, suffix); ok {
			marked[path] = true
		}
	}
	sorted := transfer.Look{Listing: look.Listing, Seen: look.Seen}
	for _, f := range look.Listing.Files {
		switch {
		case strings.HasSuffix(f.Path, suffix):
		case marked[f.Path]:
			sorted.Ready = append(sorted.Ready, f)
		default:
			sorted.Waiting = append(sorted.Waiting, f)
		}
	}
	if len(sorted.Waiting) > 0 {
		sorted.Next = maxPatience // nothing tells when; the next run looks again
	}
	return sorted
}

// unmark makes ready what was taken, should its marker be gone: that one said that it was whole when it was taken.
func (f *folder) unmark(look transfer.Look, known map[sightingKey]storage.Sighting) transfer.Look {
	if f.DoneMarker == "" {
		return look
	}
	waiting := look.Waiting
	look.Waiting = nil
	for _, file := range waiting {
		if known[keyOf(file)].File != 0 {
			look.Ready = append(look.Ready, file)
		} else {
			look.Waiting = append(look.Waiting, file)
		}
	}
	return look
}

// lonely counts data that waits for its marker, and markers that wait for their data, for longer than is normal.
func (f *folder) lonely(look transfer.Look, known map[sightingKey]storage.Sighting, now time.Time) (data, markers int) {
	if f.DoneMarker == "" {
		return 0, 0
	}
	paths := map[string]bool{}
	for _, file := range look.Listing.Files {
		paths[file.Path] = true
	}
	for _, file := range look.Listing.Files {
		if now.Sub(look.Seen[file.Key()].Since) < time.Duration(f.MarkerAlarmMinutes)*time.Minute {
			continue
		}
		of, isMarker := strings.CutSuffix(file.Path, f.DoneMarker)
		switch {
		case isMarker && !paths[of]:
			markers++
		case !isMarker && !paths[file.Path+f.DoneMarker] && known[keyOf(file)].File == 0:
			data++
		}
	}
	return data, markers
}

// holds tells whether a sighting's path is below the folder.
func (f *folder) holds(key string) bool {
	root := transfer.Escape(path.Clean(f.Path))
	if root == "." {
		return !strings.HasPrefix(key, "/")
	}
	return strings.HasPrefix(key, strings.TrimSuffix(root, "/")+"/")
}
