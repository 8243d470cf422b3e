package api

// routes is every URL of the API with what it needs. A route without access is a fault that stops
// the start.
func (a *API) routes() []route {
	return []route{
		{"GET /api/v1/me", anyToken(), a.me},
	}
}
