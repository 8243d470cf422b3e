package api

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/storage"
)

// An act changes something. It returns the row that it made or changed, which is also the row that
// stands in the act's event of the audit: a repeated request is answered by it.
type act func(r *http.Request, scope storage.Scope) (id int64, err error)

// A view loads what an act is answered with; nil: nothing, the status says all.
type view func(ctx context.Context, scope storage.Scope, id int64) (any, error)

// KeyHeader names a request, so that it is carried out once however often it is sent.
const KeyHeader = "Idempotency-Key"

const maxKey = 200

// acting answers with the status and view of an act. A request that carries a key and was carried out
// before is answered alike without doing it again.
func (a *API) acting(status int, do act, show view) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := a.perform(w, r, status, do)
		if err != nil {
			return err
		}
		return a.shown(w, r, status, id, show)
	}
}

// perform does an act, unless it was done before, and returns its row.
func (a *API) perform(w http.ResponseWriter, r *http.Request, status int, do act) (int64, error) {
	scope := scopeOf(r)
	did, err := a.once(w, r, status, scope.Actor, func(once *storage.Once) (made, error) {
		scope.Actor.Once = once
		id, err := do(r, scope)
		return made{id: id}, err
	})
	return did.id, err
}

// made is what an act made or changed.
type made struct {
	kind string // as the audit calls it; "" where the act makes only one kind
	id   int64
}

// once does an actor's act, which puts the key into its event, unless it was done before; it returns what was made.
func (a *API) once(w http.ResponseWriter, r *http.Request, status int, actor storage.Actor, do func(*storage.Once) (made, error)) (made, error) {
	key, err := onceOf(r, status)
	if err != nil {
		return made{}, err
	}
	actor.Once = key
	did, found, err := a.before(r.Context(), actor)
	if err != nil {
		return made{}, err
	}
	if !found {
		if did, err = do(key); err == nil {
			return did, nil
		}
		// The same request may have come at the same time, and been carried out: then this one met its
		// key, or what it made, such as a name that is taken by now.
		repeated, found, lookup := a.before(r.Context(), actor)
		if lookup != nil || !found {
			return made{}, err
		}
		did = repeated
	}
	w.Header().Set("Idempotency-Replayed", "true")
	return did, nil
}

// askOnce does an act that leaves a request for a second person, or changes one, and answers with it as it stands.
func (a *API) askOnce(w http.ResponseWriter, r *http.Request, status int, ask func(*accounts.Principal) (int64, error)) error {
	did, err := a.once(w, r, status, principalOf(r).Actor(), func(once *storage.Once) (made, error) {
		id, err := ask(principalOf(r).Doing(once))
		return made{id: id}, err
	})
	if err != nil {
		return err
	}
	return a.sendApproval(w, r, status, did.id)
}

func (a *API) shown(w http.ResponseWriter, r *http.Request, status int, id int64, show view) error {
	if show == nil {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	value, err := show(r.Context(), scopeOf(r), id)
	if err != nil {
		return err
	}
	return a.json(w, r, status, a.render(value))
}

// onceOf reads the request's key, nil if it has none. What was asked for is known by its hash; a body
// that is a file is not part of it.
func onceOf(r *http.Request, status int) (*storage.Once, error) {
	key := r.Header.Get(KeyHeader)
	if key == "" {
		return nil, nil //nolint:nilnil // a request without a key is the normal case
	}
	if len(key) > maxKey {
		return nil, problem.BadRequest.With(fmt.Sprintf("The header %s has more than %d bytes.", KeyHeader, maxKey))
	}
	hash := sha256.New()
	fmt.Fprintf(hash, "%s\x00%s\x00%s\x00", r.Method, r.URL.RequestURI(), r.Header.Get(nameHeader))
	if operator := r.Header.Get(OperatorHeader); operator != "" { // the same in another exchange is another request
		fmt.Fprintf(hash, "%s\x00", operator)
	}
	if r.Header.Get("Content-Type") != octets {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, fmt.Errorf("portal: API: %w", err)
		}
		hash.Write(body)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
	}
	return &storage.Once{Key: key, Hash: hash.Sum(nil), Status: status}, nil
}

// before looks whether the request was carried out before, and returns what it made.
func (a *API) before(ctx context.Context, actor storage.Actor) (did made, found bool, err error) {
	if actor.Once == nil {
		return made{}, false, nil
	}
	repeat, err := a.DB.Repeated(ctx, actor, actor.Once)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return made{}, false, nil
	case errors.Is(err, storage.ErrKeyReused):
		return made{}, false, problem.Conflict.With("The Idempotency-Key was used before for another request.")
	case err != nil:
		return made{}, false, err
	}
	return made{repeat.ObjectKind, repeat.ObjectID}, true, nil
}

// readJSON reads the request's body, one JSON object, into a struct, over what stands there. What it
// doesn't know, and what has the wrong type, is named in the problem.
func readJSON(r *http.Request, into any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	err := d.Decode(into)
	var kind *json.UnmarshalTypeError
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil && !d.More():
		return nil
	case errors.As(err, &tooLarge):
		return fmt.Errorf("portal: API: %w", err)
	case errors.As(err, &kind) && kind.Field != "":
		return wrong(kind.Field, "must be "+typeWords(kind.Type.String()))
	case err != nil && strings.HasPrefix(err.Error(), "json: unknown field "):
		return wrong(strings.Trim(strings.TrimPrefix(err.Error(), "json: unknown field "), `"`), "is not known here")
	case errors.Is(err, io.EOF):
		return nil // no body: everything as it stands
	default:
		return problem.BadRequest.With("The body is not one JSON object.")
	}
}

func typeWords(of string) string {
	switch {
	case strings.HasPrefix(of, "int"):
		return "a whole number"
	case of == "bool":
		return "true or false"
	case strings.HasPrefix(of, "[]"):
		return "a list"
	case of == "string":
		return "a text"
	default:
		return "an object"
	}
}

// wrong is the problem of one field.
func wrong(field, why string) error {
	p := problem.BadRequest.With("Some of the input can't be used as it stands.")
	p.Fields = map[string]string{field: why}
	return p
}

// A publicID is a row's id in a body: a text in JSON, of the kind its field asks for.
type publicID string

// bodyID returns the row id of a field; a nil or empty one is 0.
func (a *API) bodyID(field, kind string, v *publicID, old int64) (int64, error) {
	switch {
	case v == nil:
		return old, nil
	case *v == "":
		return 0, nil
	}
	id, err := a.DB.PublicIDs().Parse(kind, string(*v))
	if err != nil {
		return 0, wrong(field, "is not an id of this kind")
	}
	return id, nil
}

// A reason is the body of acts that want a person's words.
type reason struct {
	Reason string `json:"reason"`
}

// simple is an act on the row in the path without input.
func simple[ID ~int64](a *API, kind string, do func(context.Context, storage.Scope, ID) error) act {
	return func(r *http.Request, scope storage.Scope) (int64, error) {
		id, err := a.pathID(r, kind)
		if err != nil {
			return 0, err
		}
		return id, do(r.Context(), scope, ID(id))
	}
}

// withReason is simple with a person's words.
func withReason[ID ~int64](a *API, kind string, do func(context.Context, storage.Scope, ID, string) error) act {
	return func(r *http.Request, scope storage.Scope) (int64, error) {
		id, err := a.pathID(r, kind)
		if err != nil {
			return 0, err
		}
		var words reason
		if err := readJSON(r, &words); err != nil {
			return 0, err
		}
		return id, do(r.Context(), scope, ID(id), words.Reason)
	}
}

// viewOf makes a view of a function that loads one row.
func viewOf[ID ~int64, T any](load func(context.Context, storage.Scope, ID) (T, error)) view {
	return func(ctx context.Context, scope storage.Scope, id int64) (any, error) { return load(ctx, scope, ID(id)) }
}

// inScope reads one row.
func inScope[T any](ctx context.Context, a *API, scope storage.Scope, read func(*storage.Tx) (T, error)) (out T, err error) {
	err = a.DB.InScopeRead(ctx, scope, func(tx *storage.Tx) (err error) {
		out, err = read(tx)
		return err
	})
	return out, err
}

// A change is the body of a change to a row that has versions.
type change interface {
	seen() int // the version that its sender read; 0: he doesn't say
}

// readChange reads the change of the row in the path, and returns its id.
func (a *API) readChange(r *http.Request, kind string, into change) (int64, error) {
	id, err := a.pathID(r, kind)
	if err != nil {
		return 0, err
	}
	if err := readJSON(r, into); err != nil {
		return 0, err
	}
	if into.seen() == 0 {
		return 0, wrong("version", "is needed: the one that you read")
	}
	return id, nil
}
