package api

import (
	"errors"
	"net/http"

	"github.com/ediport/ediport/portal/original"
	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/storage"
)

// rawAnswer is a stretch of a file's segments.
type rawAnswer struct {
	FileID     storage.FileID `json:"file_id" public:"fil"`
	FileName   string         `json:"file_name"`
	Segments   []rawSegment   `json:"segments"`
	NextOffset *int64         `json:"next_offset"` // pass it as from; null at the end
	More       bool           `json:"more"`        // the file holds more parts of the account than one view shows
	Problem    string         `json:"problem"`     // why reading broke off
}

type rawSegment struct {
	Offset   int64        `json:"offset"` // of its first byte in the file: byte_offset of rows
	Tag      string       `json:"tag"`
	Name     string       `json:"name"` // what the guide calls it; null: it has no place there
	Loop     string       `json:"loop"`
	LoopName string       `json:"loop_name"`
	Text     string       `json:"text"` // as in the file, without terminator
	Context  bool         `json:"context"`
	Gap      bool         `json:"gap"` // something that isn't shown stands before it
	Elements []rawElement `json:"elements"`
}

type rawElement struct {
	Ref     string `json:"ref"` // CLP02
	Name    string `json:"name"`
	Value   string `json:"value"`
	Meaning string `json:"meaning"` // of a code
}

const maxRawSegments = 2000

// purged: rows outlive the bytes they came from.
var purged = problem.Problem{
	Code: "original.purged", Status: http.StatusGone, Title: "The original is gone",
	Sentence: "The file's bytes are not in the archive: it was empty, or its retention has passed.",
	Next:     "What was loaded from it is still there.",
}

// raw answers with the X12 of the row in the path, as far as its scope may see it.
func (a *API) raw(kind string, target func(id int64) storage.OriginalTarget) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := a.pathID(r, kind)
		if err != nil {
			return err
		}
		q, err := a.paramsOf(r)
		if err != nil {
			return err
		}
		window := original.Window{From: q.number("from", 1<<62), Limit: int(q.number("limit", maxRawSegments))}
		if err := q.done(); err != nil {
			return err
		}
		if a.Archive == nil {
			return errors.New("portal: the API has no archive")
		}
		o, err := a.DB.Original(r.Context(), scopeOf(r), target(id))
		if err != nil {
			return err
		}
		v, err := original.Segments(r.Context(), a.Archive, o, window)
		if errors.Is(err, original.ErrPurged) {
			return &purged
		}
		if err != nil {
			return err
		}
		return a.json(w, r, http.StatusOK, a.render(rawOf(o, v)))
	}
}

func rawOf(o storage.Original, v original.View) rawAnswer {
	out := rawAnswer{FileID: o.File.ID, FileName: o.File.Name, Segments: []rawSegment{}, More: o.More, Problem: v.Problem}
	if v.Next != 0 {
		out.NextOffset = &v.Next
	}
	for _, s := range v.Segments {
		segment := rawSegment{
			Offset: s.Offset, Tag: s.Tag, Name: s.Name, Loop: s.Loop, LoopName: s.LoopName, Text: s.Text,
			Context: s.Context, Gap: s.Gap, Elements: []rawElement{},
		}
		for _, e := range s.Elements {
			segment.Elements = append(segment.Elements, rawElement{Ref: e.Ref, Name: e.Name, Value: e.Value, Meaning: e.Text})
		}
		out.Segments = append(out.Segments, segment)
	}
	return out
}
