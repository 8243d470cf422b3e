package guide

import (
	"strings"
	"sync"
)

// segmentIDs are the ids of X12. In a transaction set those that it does not have make a segment that does not belong there;
// anything else is no segment.
var segmentIDs = sync.OnceValue(func() map[string]bool {
	m := make(map[string]bool)
	for line := range strings.Lines(definitionText("segments.guide")) {
		if line[0] == '#' {
			continue
		}
		for _, id := range strings.Fields(line) {
			m[id] = true
		}
	}
	return m
})

func isSegmentID(tag string) bool { return segmentIDs()[tag] }

// shownTag returns tag if it has the form of a segment id, and "" for anything else: it may be data.
func shownTag(tag string) string {
	if len(tag) != 2 && len(tag) != 3 || tag[0] < 'A' || tag[0] > 'Z' {
		return ""
	}
	for i := range len(tag) {
		if c := tag[i]; (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return ""
		}
	}
	return tag
}
