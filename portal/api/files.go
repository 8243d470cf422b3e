package api

import (
	"net/http"

	"github.com/ediport/ediport/storage"
)

func (a *API) listFiles(r *http.Request, q *params) (any, storage.Cursor, error) {
	f := storage.FileFilter{
		Name: q.text("name"), Direction: q.choice("direction", "in", "out"), SHA256: q.matching("sha256", isHash, "is up to 64 digits and letters from a to f"),
		Connection: storage.ConnectionID(q.id("connection_id", storage.PublicConnection)), Partner: storage.PartnerID(q.id("partner_id", storage.PublicPartner)),
		Run: storage.RunID(q.id("run_id", storage.PublicRun)), States: q.words("state", storage.FileStates),
		ReceivedFrom: q.instant("received_from"), ReceivedTo: q.instant("received_to"),
	}
	page := q.page()
	if err := q.done(); err != nil {
		return nil, "", err
	}
	return items(a.DB.Files(r.Context(), scopeOf(r), f, page))
}

func (a *API) listSets(r *http.Request, q *params) (any, storage.Cursor, error) {
	id, err := a.pathID(r, storage.PublicFile)
	if err != nil {
		return nil, "", err
	}
	f := storage.SetFilter{File: storage.FileID(id), Disposition: q.choice("disposition", storage.Dispositions...), Verdict: q.choice("verdict", storage.Verdicts...)}
	page := q.page()
	if err := q.done(); err != nil {
		return nil, "", err
	}
	return items(a.DB.FileSets(r.Context(), scopeOf(r), f, page))
}

func (a *API) listFindings(r *http.Request, q *params) (any, storage.Cursor, error) {
	id, err := a.pathID(r, storage.PublicFile)
	if err != nil {
		return nil, "", err
	}
	f := storage.FindingFilter{
		File: storage.FileID(id), Set: q.id("set_id", storage.PublicSet), Unit: q.id("unit_id", storage.PublicUnit),
		Severity: q.choice("severity", "error", "warning", "info"),
	}
	page := q.page()
	if err := q.done(); err != nil {
		return nil, "", err
	}
	return items(a.DB.FileFindings(r.Context(), scopeOf(r), f, page))
}

func (a *API) listHeldSets(r *http.Request, q *params) (any, storage.Cursor, error) {
	page := q.page()
	if err := q.done(); err != nil {
		return nil, "", err
	}
	return items(a.DB.HeldSets(r.Context(), scopeOf(r), page))
}

func (a *API) listAcknowledgments(r *http.Request, q *params) (any, storage.Cursor, error) {
	f := storage.AcknowledgmentFilter{
		Kind: q.choice("kind", "TA1", "999", "997"), Code: q.choice("code", "A", "E", "M", "P", "R", "W", "X"), Usage: q.usage(),
		File: storage.FileID(q.id("file_id", storage.PublicFile)), ControlNumber: q.text("control_number"),
	}
	page := q.page()
	if err := q.done(); err != nil {
		return nil, "", err
	}
	return items(a.DB.Acknowledgments(r.Context(), scopeOf(r), f, page))
}

func (a *API) listUnrouted(r *http.Request, q *params) (any, storage.Cursor, error) {
	f := storage.UnroutedFilter{Usage: q.usage()}
	page := q.page()
	if err := q.done(); err != nil {
		return nil, "", err
	}
	return items(a.DB.UnroutedUnits(r.Context(), scopeOf(r), f, page))
}

// routeUnit gives a unit of the queue to an account.
func (a *API) routeUnit(r *http.Request, scope storage.Scope) (int64, error) {
	id, err := a.pathID(r, storage.PublicUnit)
	if err != nil {
		return 0, err
	}
	q, err := a.paramsOf(r)
	if err != nil {
		return 0, err
	}
	to := q.account()
	if to == 0 && q.fields["account_id"] == "" {
		q.fields["account_id"] = "is needed"
	}
	if err := q.done(); err != nil {
		return 0, err
	}
	return id, a.DB.RerouteUnit(r.Context(), scope, id, to)
}

// listAccounts is short: an operator's accounts come at once.
func (a *API) listAccounts(r *http.Request, q *params) (any, storage.Cursor, error) {
	if err := q.done(); err != nil {
		return nil, "", err
	}
	rows, err := a.DB.OperatorAccounts(r.Context(), scopeOf(r))
	return rows, "", err
}
