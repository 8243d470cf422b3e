package jobs

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

// A PullFolder is one remote folder that a connection pulls from, and how. The zero value of a field
// means its default.
type PullFolder struct {
	Path  string   `json:"path"`            // "." is where the session starts
	Globs []string `json:"globs,omitempty"` // in order, the first that matches decides; a leading ! leaves out; *
	Names []string `json:"names,omitempty"` // looked for one by one, where listing is denied; may hold {yyyy} {mm} {dd} {yyyymmdd}
	Days  int      `json:"days,omitempty"`  // of names with a date: the last days, today in UTC among them, 1 to 366; 3
	Depth int      `json:"depth,omitempty"` // levels of folders below to enter; 0: none
	Order string   `json:"order,omitempty"` // in which files are taken: name, oldest, newest, largest, smallest

	MaxFiles      int `json:"max_files,omitempty"`       // that one run takes, 10,000
	MinAgeSeconds int `json:"min_age_seconds,omitempty"` // since the server last changed it, by the server's clock
	StableSeconds int `json:"stable_seconds,omitempty"`  // that size and time must stand still, 30; AtOnce: not at all

	DoneMarker         string   `json:"done_marker,omitempty"`          // suffix of the file that says that another is whole
	MarkerAlarmMinutes int      `json:"marker_alarm_minutes,omitempty"` // how long data without marker, or the reverse, is normal; 60
	ClaimSuffix        string   `json:"claim_suffix,omitempty"`         // a file is renamed to end in it before it is read
	TemporarySuffixes  []string `json:"temporary_suffixes,omitempty"`   // of files still being written, beside the usual ones

	After           string `json:"after,omitempty"`             // what becomes of a file that was taken: leave, archive, delete
	DeleteAfterDays int    `json:"delete_after_days,omitempty"` // that it stays before it is deleted, 0: none; days of 24 hours since it was taken
	ArchiveFolder   string `json:"archive_folder,omitempty"`    // may hold {yyyy} {mm} {dd} {yyyymmdd}
	ArchiveBy       string `json:"archive_by,omitempty"`        // auto: where the server can't rename, by a copy, then deleting; rename: not so
	AfterFailure    string `json:"after_failure,omitempty"`     // of one that can't be taken as it is: leave, move
	ErrorFolder     string `json:"error_folder,omitempty"`      // may hold the same

	Unwrap string `json:"unwrap,omitempty"` // auto: what is in zip, gzip and OpenPGP files becomes files of their own; "": no
}

// AtOnce as StableSeconds takes a file without waiting for it to stand still.
const AtOnce = -1

// The orders in which a folder's files are taken.
const (
	OrderName     = "name"
	OrderOldest   = "oldest"
	OrderNewest   = "newest"
	OrderLargest  = "largest"
	OrderSmallest = "smallest"
)

// The ways to archive, as PullFolder.ArchiveBy.
const (
	ArchiveByAny    = "auto"
	ArchiveByRename = "rename"
)

// maxDeleteDays is how long a file that is to be deleted may stay.
const maxDeleteDays = 3660

// The values of PullFolder.AfterFailure, beside storage.AfterLeave, and of PullFolder.Unwrap.
const (
	AfterFailureMove = "move"
	UnwrapAuto       = "auto"
)

// FoldersOf returns the folders that a connection pulls from, with defaults filled in; none is an empty slice.
func FoldersOf(c *storage.Connection) ([]PullFolder, error) {
	var folders []PullFolder
	if err := decodeSettings("folders", c.Folders, &folders); err != nil {
		return nil, err
	}
	for i := range folders {
		folders[i] = folders[i].withDefaults()
	}
	return folders, nil
}

// SetFolders makes a connection pull from folders, in this order.
func SetFolders(c *storage.Connection, folders ...PullFolder) {
	if folders == nil {
		folders = []PullFolder{}
	}
	c.Folders = encodeSettings(folders)
}

func (f PullFolder) withDefaults() PullFolder {
	if len(f.Globs) == 0 {
		f.Globs = []string{"*"}
	}
	if len(f.Names) > 0 {
		f.Days = cmp.Or(f.Days, UsualDays)
	}
	f.Order = cmp.Or(f.Order, OrderName)
	f.MaxFiles = cmp.Or(f.MaxFiles, 10_000)
	f.StableSeconds = cmp.Or(f.StableSeconds, 30)
	f.MarkerAlarmMinutes = cmp.Or(f.MarkerAlarmMinutes, 60)
	f.After = cmp.Or(f.After, storage.AfterLeave)
	f.ArchiveBy = cmp.Or(f.ArchiveBy, ArchiveByAny)
	f.AfterFailure = cmp.Or(f.AfterFailure, storage.AfterLeave)
	return f
}

// quiet is how long a file must stand still.
func (f PullFolder) quiet() time.Duration { return seconds(max(f.StableSeconds, 0)) }

// rules are the folder's patterns, and done markers, which are looked at but never taken.
func (f PullFolder) rules() ([]transfer.Rule, error) {
	if f.DoneMarker == "" {
		return transfer.ParseRules(f.Globs...)
	}
	excluding := !slices.ContainsFunc(f.Globs, func(p string) bool { return !strings.HasPrefix(p, "!") })
	patterns := append([]string{"**/*" + f.DoneMarker}, f.Globs...)
	if excluding {
		patterns = append(patterns, "**") // patterns that only leave out take the rest
	}
	return transfer.ParseRules(patterns...)
}

// check complains about a folder's settings by field.
func (f PullFolder) check(complain complaint) {
	complain.about(f.Path == "", "path", "enter the folder; a dot is where the session starts")
	complain.about(strings.Contains(f.Path, "\x00"), "path", "it holds a zero byte")
	if _, err := f.rules(); err != nil {
		complain.about(true, "globs", "%v", err)
	}
	f.checkNames(complain)
	complain.about(f.Depth < 0 || f.Depth > 20, "depth", "between 0 and 20")
	complain.oneOf("order", f.Order, OrderName, OrderOldest, OrderNewest, OrderLargest, OrderSmallest)
	complain.between("max_files", f.MaxFiles, 1, 1_000_000)
	complain.between("min_age_seconds", f.MinAgeSeconds, 0, 30*day)
	complain.between("stable_seconds", f.StableSeconds, AtOnce, day)
	complain.suffix("done_marker", f.DoneMarker)
	complain.suffix("claim_suffix", f.ClaimSuffix)
	complain.about(f.DoneMarker != "" && f.DoneMarker == f.ClaimSuffix, "claim_suffix", "it must differ from the marker's")
	complain.between("marker_alarm_minutes", f.MarkerAlarmMinutes, 1, 30*24*60)
	for i, s := range f.TemporarySuffixes {
		complain.about(s == "", fmt.Sprintf("temporary_suffixes[%d]", i), "it is empty")
	}
	complain.oneOf("after", f.After, storage.AfterLeave, storage.AfterArchive, storage.AfterDelete)
	complain.between("delete_after_days", f.DeleteAfterDays, 0, maxDeleteDays)
	complain.about(f.DeleteAfterDays > 0 && f.After != storage.AfterDelete, "delete_after_days", "it is for folders whose files are deleted")
	complain.oneOf("archive_by", f.ArchiveBy, ArchiveByAny, ArchiveByRename)
	complain.oneOf("after_failure", f.AfterFailure, storage.AfterLeave, AfterFailureMove)
	f.checkTarget(complain, "archive_folder", f.ArchiveFolder, f.After == storage.AfterArchive)
	f.checkTarget(complain, "error_folder", f.ErrorFolder, f.AfterFailure == AfterFailureMove)
	complain.oneOf("unwrap", f.Unwrap, "", UnwrapAuto)
}

func (f PullFolder) checkTarget(complain complaint, field, folder string, needed bool) {
	complain.about(needed && folder == "", field, "say where files go")
	complain.about(folder != "" && path.Clean(folder) == path.Clean(f.Path), field, "it must be another folder than the one files are pulled from")
	if _, err := datedFolder(folder, time.Time{}); err != nil {
		complain.about(true, field, "%v", err)
	}
}

// dateTokens are what a folder's name may hold, as layouts of package time.
var dateTokens = map[string]string{"yyyy": "2006", "mm": "01", "dd": "02", "yyyymmdd": "20060102"}

// datedFolder puts a day, in UTC, into a folder's name.
func datedFolder(folder string, at time.Time) (string, error) {
	var out strings.Builder
	for rest := folder; rest != ""; {
		before, after, found := strings.Cut(rest, "{")
		out.WriteString(before)
		if !found {
			break
		}
		token, remaining, closed := strings.Cut(after, "}")
		layout, known := dateTokens[token]
		if !closed || !known {
			return "", fmt.Errorf("in braces it may hold yyyy, mm, dd or yyyymmdd")
		}
		out.WriteString(at.UTC().Format(layout))
		rest = remaining
	}
	return out.String(), nil
}

// fixedPart is the part of a folder's name before its first token, as a folder: everything that dates
// make of it is below.
func fixedPart(folder string) string {
	fixed, _, dated := strings.Cut(folder, "{")
	if !dated {
		return folder
	}
	if strings.HasSuffix(fixed, "/") {
		return path.Clean(fixed)
	}
	return path.Dir(fixed)
}
