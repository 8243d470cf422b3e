package web

import (
	"net/http"
	"strconv"

	"github.com/ediport/ediport/portal/original"
	"github.com/ediport/ediport/storage"
)

// originalData is the page that shows X12 as it stands in the file.
type originalData struct {
	storage.Original
	Segments []segmentRow
	More     string // leads to the segments behind these; "" at the end
	First    string // leads back to the first; "" if this is it
	Back     string // the page that the X12 belongs to
	Whole    bool   // nothing is left out
}

type segmentRow struct {
	original.Segment
	No int // in what is shown, from 1
}

// segmentsShown is how many segments stand on one page.
const segmentsShown = 500

// originalOf returns the handler for the X12 of one kind of row; back is the path of the row's page.
func (p *Portal) originalOf(kind, back string, target func(id int64) storage.OriginalTarget) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := p.pathID(r, kind)
		if err != nil {
			return err
		}
		o, err := p.DB.Original(r.Context(), scopeOf(r), target(id))
		if err != nil {
			return err
		}
		data := originalData{Original: o}
		if back != "" {
			data.Back = back + r.PathValue("id")
		}
		if err := p.readOriginal(r, &data); err != nil {
			return err
		}
		crumbs := append(fileCrumbs[:1:1], Crumb{o.File.Name, "/files/" + p.id(storage.PublicFile, int64(o.File.ID))})
		return p.render(w, r, "files/original", Page{Title: "Original X12", Crumbs: crumbs, Data: data})
	}
}

// readOriginal reads the segments of the page from the archive.
func (p *Portal) readOriginal(r *http.Request, data *originalData) error {
	if data.Purged {
		return nil
	}
	from, no := position(r, "from"), position(r, "no")
	view, err := original.Segments(r.Context(), p.Archive, data.Original, original.Window{From: from, Limit: segmentsShown})
	if err != nil {
		return err
	}
	data.Whole = true
	for i, s := range view.Segments {
		data.Segments = append(data.Segments, segmentRow{s, int(no) + i + 1})
		data.Whole = data.Whole && !s.Gap && !s.Context
	}
	if view.Next > 0 {
		data.More = r.URL.Path + "?from=" + strconv.FormatInt(view.Next, 10) + "&no=" + strconv.Itoa(int(no)+len(view.Segments))
	}
	if from > 0 {
		data.First = r.URL.Path
	}
	return nil
}

// position reads a number of the URL; 0 if it is none.
func position(r *http.Request, name string) int64 {
	n, err := strconv.ParseInt(r.URL.Query().Get(name), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
