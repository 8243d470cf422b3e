package web

import (
	"net/http"

	"github.com/ediport/ediport/storage"
)

// setData is the page of a transaction set.
type setData struct {
	storage.SetDetail
	Why      *reason
	Findings []findingRow
	More     bool
	Summary  []fact
	Operator bool
}

// showSet shows what a guide says of a set, what we did with it, what its sender was told, and who got what of it.
func (p *Portal) showSet(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicSet)
	if err != nil {
		return err
	}
	scope := scopeOf(r)
	d, err := p.DB.SetDetail(r.Context(), scope, id)
	if err != nil {
		return err
	}
	data := setData{SetDetail: d, Why: reasonOf(d.DispositionReason), Operator: scope.Operator != 0, Summary: factsOf(d.Summary)}
	if data.Findings, data.More, err = p.someFindings(r, scope, storage.FindingFilter{File: d.FileID, Set: id}); err != nil {
		return err
	}
	crumbs := append(fileCrumbs[:1:1], Crumb{d.File.Name, "/files/" + p.id(storage.PublicFile, int64(d.FileID))})
	return p.render(w, r, "files/set", Page{Title: "Set " + d.SetCode + " " + d.ControlNumber, Crumbs: crumbs, Data: data})
}
