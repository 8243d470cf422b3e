package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/storage"
)

// scopeOf returns what the request may see: the rows on which the permissions of its route are held.
// On routes that only need a signed-in person it is all that the person may see.
func scopeOf(r *http.Request) storage.Scope {
	permissions, _ := r.Context().Value(permissionsKey{}).([]accounts.Permission)
	principal := principalOf(r)
	if len(permissions) == 0 {
		return principal.ScopeOfAll()
	}
	return principal.Scope(permissions...)
}

// pathID returns the row id in the path, whose name is "id"; one of another kind is not found.
func (p *Portal) pathID(r *http.Request, kind string) (int64, error) {
	id, err := p.DB.PublicIDs().Parse(kind, r.PathValue("id"))
	if err != nil {
		return 0, fmt.Errorf("portal: %w", err)
	}
	return id, nil
}

// id returns the public form of a row id, for links.
func (p *Portal) id(kind string, id int64) string { return p.DB.PublicIDs().Format(kind, id) }

// A Pager leads to the first and the next page of a list. Its links keep the filter.
type Pager struct {
	First string // "" on the first page
	Next  string // "" on the last
}

// cursorOf returns where the list goes on.
func cursorOf(r *http.Request) storage.Cursor { return storage.Cursor(r.URL.Query().Get("cursor")) }

// pager returns the links of the list at the request's URL; next is the cursor of the next page, "" at the end.
func pager(r *http.Request, next storage.Cursor) Pager {
	link := func(cursor string) string {
		q := url.Values{}
		for name, values := range r.URL.Query() {
			if name != "cursor" && name != "done" {
				q[name] = values
			}
		}
		if cursor != "" {
			q.Set("cursor", cursor)
		}
		if len(q) == 0 {
			return r.URL.Path
		}
		return r.URL.Path + "?" + q.Encode()
	}
	var out Pager
	if r.URL.Query().Get("cursor") != "" {
		out.First = link("")
	}
	if next != "" {
		out.Next = link(string(next))
	}
	return out
}

// formOf parses the form of a POST; its error says that it is none or too large.
func formOf(r *http.Request) (url.Values, error) {
	err := r.ParseForm()
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, fmt.Errorf("portal: form: %w", err)
	case err != nil:
		return nil, problem.BadRequest.With("The form could not be read.")
	}
	return r.PostForm, nil
}
