package api

import (
	"context"
	"net/http"

	"github.com/ediport/ediport/storage"
)

// A lister reads the parameters of a list and loads a page of it.
type lister func(r *http.Request, q *params) (items any, next storage.Cursor, err error)

// items lets a lister end in the call of a store.
func items[T any](rows []T, next storage.Cursor, err error) (any, storage.Cursor, error) {
	return rows, next, err
}

// pages answers with a page of a list.
func (a *API) pages(load lister) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		q, err := a.paramsOf(r)
		if err != nil {
			return err
		}
		rows, next, err := load(r, q)
		if err != nil {
			return err
		}
		return a.json(w, r, http.StatusOK, list{Items: a.render(rows), NextCursor: next})
	}
}

// one answers with the row in the path.
func one[ID ~int64, T any](a *API, kind string, load func(context.Context, storage.Scope, ID) (T, error)) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := a.pathID(r, kind)
		if err != nil {
			return err
		}
		row, err := load(r.Context(), scopeOf(r), ID(id))
		if err != nil {
			return err
		}
		return a.json(w, r, http.StatusOK, a.render(row))
	}
}
