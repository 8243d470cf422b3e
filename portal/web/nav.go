package web

import (
	"strings"

	"github.com/ediport/ediport/accounts"
)

// A menuGroup is a headed part of the menu.
type menuGroup struct {
	Title   string // "" for none
	Entries []menuEntry
}

// A menuEntry leads to a page. It needs one of the permissions of its route, or none but being signed in.
type menuEntry struct {
	Label, Path, Icon string
	anyOf             []accounts.Permission
}

// A navGroup is a menuGroup as one person sees it.
type navGroup struct {
	Title   string
	Entries []navEntry
}

type navEntry struct {
	Label, Path, Icon string
	Here              bool // the page is this one or below it
}

// reachedFrom are pages without an entry of their own, and the entry from which they are reached.
var reachedFrom = map[string]string{"/dropboxes": "/connections", "/calendars": "/schedules"}

// serves says whether there is a route of that pattern.
func (p *Portal) serves(pattern string) bool { return p.patterns[pattern] }

// navFor returns the menu as the principal may use it, with the entry that holds path marked.
func (p *Portal) navFor(principal *accounts.Principal, path string) []navGroup {
	for page, entry := range reachedFrom {
		if isBelow(path, page) {
			path = entry
		}
	}
	var groups []navGroup
	for _, g := range menu {
		group := navGroup{Title: g.Title}
		for _, e := range g.Entries {
			if p.serves("GET "+e.Path) && (len(e.anyOf) == 0 || principal.CanAny(e.anyOf...)) {
				group.Entries = append(group.Entries, navEntry{e.Label, e.Path, e.Icon, isBelow(path, e.Path)})
			}
		}
		if len(group.Entries) > 0 {
			groups = append(groups, group)
		}
	}
	return groups
}

// isBelow says whether path is a page or below it.
func isBelow(path, page string) bool { return path == page || strings.HasPrefix(path, page+"/") }
