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
	Problem  string // why the file could not be read to its end; "" if it could
	Back     string // the page that the X12 belongs to
	Whole    bool   // nothing is left out
}

type segmentRow struct {
	original.Segment
	No int // in what is shown, from 1; 0: not counted
}

// segmentsShown is how many segments stand on one page.
const segmentsShown = 500

// originalTargets say by kind of public id what X12 is wanted, and which page it belongs to.
var originalTargets = map[string]struct {
	target func(id int64) storage.OriginalTarget
	back   string // path of the row's page, before its id; "" for none
}{
	storage.PublicFile:          {func(id int64) storage.OriginalTarget { return storage.OriginalTarget{File: storage.FileID(id)} }, "/files/"},
	storage.PublicSet:           {func(id int64) storage.OriginalTarget { return storage.OriginalTarget{Set: id} }, "/sets/"},
	storage.PublicUnit:          {func(id int64) storage.OriginalTarget { return storage.OriginalTarget{Unit: id} }, ""},
	storage.PublicPayment:       {func(id int64) storage.OriginalTarget { return storage.OriginalTarget{Payment: id} }, "/remittances/"},
	storage.PublicClaim:         {func(id int64) storage.OriginalTarget { return storage.OriginalTarget{Claim: id} }, "/claims/"},
	storage.PublicEligibility:   {func(id int64) storage.OriginalTarget { return storage.OriginalTarget{Eligibility: id} }, "/eligibility/"},
	storage.PublicStatus:        {func(id int64) storage.OriginalTarget { return storage.OriginalTarget{Status: id} }, "/claim-status/"},
	storage.PublicAuthorization: {func(id int64) storage.OriginalTarget { return storage.OriginalTarget{Authorization: id} }, "/authorizations/"},
}

// originalOf returns the handler for the X12 of one kind of row.
func (p *Portal) originalOf(kind string) handler {
	of := originalTargets[kind]
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := p.pathID(r, kind)
		if err != nil {
			return err
		}
		o, err := p.DB.Original(r.Context(), scopeOf(r), of.target(id))
		if err != nil {
			return err
		}
		data := originalData{Original: o}
		if of.back != "" {
			data.Back = of.back + r.PathValue("id")
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
	data.Whole, data.Problem = true, view.Problem
	for i, s := range view.Segments {
		row := segmentRow{Segment: s, No: int(no) + i + 1}
		if from > 0 && no == 0 { // a link led into the middle: nobody counted what comes before
			row.No = 0
		}
		data.Segments = append(data.Segments, row)
		data.Whole = data.Whole && !s.Gap && !s.Context
	}
	if view.Next > 0 {
		data.More = r.URL.Path + "?from=" + strconv.FormatInt(view.Next, 10)
		if no > 0 || from == 0 {
			data.More += "&no=" + strconv.Itoa(int(no)+len(view.Segments))
		}
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
