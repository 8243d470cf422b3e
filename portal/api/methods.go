package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/ediport/ediport/portal/problem"
)

// declared are the methods that routes have.
var declared = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPatch, http.MethodPut, http.MethodDelete}

// otherwise answers what no route takes: 405 with the methods that there are at an address that exists, else 404.
func otherwise(mux *http.ServeMux) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		allowed := slices.DeleteFunc(slices.Clone(declared), func(method string) bool {
			other := r.Clone(r.Context())
			other.Method = method
			_, pattern := mux.Handler(other)
			return pattern == "/" || pattern == ""
		})
		if len(allowed) == 0 {
			return &problem.NotFound
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		return &problem.MethodNotAllowed
	}
}
