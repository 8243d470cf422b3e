package web

import "net/http"

// dashboardData is what the first page tells: what came in, and what waits for a person.
type dashboardData struct {
	Files []stateCount // by state, for those who see the exchange
}

type stateCount struct {
	Label, Path, Tone, Note string
	Count                   int64
}

// dashboard shows to each what is his.
func (p *Portal) dashboard(w http.ResponseWriter, r *http.Request) error {
	return p.render(w, r, "dashboard", Page{Title: "Dashboard", Data: dashboardData{}})
}
