package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/portal/door"
	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/storage"
)

const (
	maxUpload     = 1 << 30
	maxUploadText = 4 << 10 // of a field beside the file
)

// An uploadForm is a file to hand in, with what is to become of it.
type uploadForm struct {
	formValues
	Targets []option
	Before  string // path of the file that was sent before with the same bytes; "": none was
}

// uploadForm shows the form.
func (p *Portal) uploadForm(w http.ResponseWriter, r *http.Request) error {
	form := uploadForm{formValues: formValues{values: url.Values{"target": {r.URL.Query().Get("connection")}}}}
	return p.renderUpload(w, r, form, nil)
}

func (p *Portal) renderUpload(w http.ResponseWriter, r *http.Request, form uploadForm, wrong FieldErrors) error {
	form.Targets = []option{{"", "Load it here, as if it had been pulled"}}
	err := p.DB.InScopeRead(r.Context(), scopeOf(r), func(tx *storage.Tx) error {
		all, err := tx.Connections(r.Context())
		form.Targets = form.Targets[:1]
		for _, c := range all {
			push, err := jobs.PushOf(&c)
			if err != nil {
				return err
			}
			if push.Folder != "" {
				form.Targets = append(form.Targets, option{p.id(storage.PublicConnection, int64(c.ID)), "Send it to " + c.Name})
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	form.errors = wrong
	page := Page{Title: "Hand in a file", Crumbs: fileCrumbs, Data: form, Errors: wrong}
	if wrong != nil {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.render(w, r, "files/upload", page)
}

// upload takes a file in and loads it, or queues it to be sent. It is read as it comes: nothing of it
// stands on a disk in clear.
func (p *Portal) upload(w http.ResponseWriter, r *http.Request) error {
	if err := door.TakesFile(w); err != nil {
		return err
	}
	form, file, err := readUpload(r)
	if err != nil {
		return err
	}
	if file == nil {
		return p.renderUpload(w, r, form, FieldErrors{"file": "Choose a file."})
	}
	name := uploadName(file.FileName())
	target := form.V("target")
	if target == "" {
		id, err := p.Desk.TakeIn(r.Context(), scopeOf(r), name, file)
		return p.uploaded(w, r, form, id, err)
	}
	connection, err := p.DB.PublicIDs().Parse(storage.PublicConnection, target)
	if err != nil {
		return p.renderUpload(w, r, form, FieldErrors{"target": "Choose what becomes of the file."})
	}
	id, err := p.Desk.HandIn(r.Context(), scopeOf(r), storage.ConnectionID(connection), jobs.HandIn{
		Name: name, Content: file, Source: "upload", AsIs: form.V("as_is") != "", Again: form.V("again") != "", Template: form.V("template") != "",
	})
	return p.uploaded(w, r, form, id, err)
}

// readUpload reads the fields that stand before the file, and the file's part; nil if there is none.
func readUpload(r *http.Request) (uploadForm, *multipart.Part, error) {
	form := uploadForm{formValues: formValues{values: url.Values{}}}
	parts, err := r.MultipartReader()
	if errors.Is(err, http.ErrNotMultipart) || errors.Is(err, http.ErrMissingBoundary) {
		return form, nil, nil
	}
	for err == nil {
		var part *multipart.Part
		if part, err = parts.NextPart(); err != nil {
			break
		}
		if part.FormName() == "file" {
			if part.FileName() == "" {
				return form, nil, nil
			}
			return form, part, nil
		}
		var text []byte
		if text, err = io.ReadAll(io.LimitReader(part, maxUploadText)); err == nil {
			form.values.Set(part.FormName(), strings.TrimSpace(string(text)))
		}
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.Is(err, io.EOF):
		return form, nil, nil
	case errors.As(err, &tooLarge):
		return form, nil, err
	}
	return form, nil, problem.BadRequest.With("The upload could not be read to its end.")
}

// uploadName returns the last part of a name that a browser gave, without signs that nobody can see.
func uploadName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\ufffd' {
			return -1
		}
		return r
	}, name)
	if strings.Trim(name, "./") == "" {
		return "upload"
	}
	if runes := []rune(name); len(runes) > 200 {
		return string(runes[:200])
	}
	return name
}

// uploaded goes on to the file that was taken in, or says at the form why it wasn't.
func (p *Portal) uploaded(w http.ResponseWriter, r *http.Request, form uploadForm, id storage.FileID, err error) error {
	said, _ := jobs.Explain(jobs.Code(err))
	sentence := said.Sentence + " " + said.Next
	switch {
	case err == nil:
		return p.done(w, r, "/files/"+p.id(storage.PublicFile, int64(id)), "file-handed-in")
	case errors.Is(err, jobs.ErrEmptyFile):
		return p.renderUpload(w, r, form, FieldErrors{"file": "The file is empty."})
	case errors.Is(err, jobs.ErrSentBefore):
		if before, ok := errors.AsType[*jobs.SentBeforeError](err); ok {
			form.Before = "/files/" + p.id(storage.PublicFile, int64(before.File))
		}
		return p.renderUpload(w, r, form, FieldErrors{"again": sentence})
	case errors.Is(err, jobs.ErrNotX12):
		return p.renderUpload(w, r, form, FieldErrors{"as_is": sentence})
	case errors.Is(err, jobs.ErrHandInName), errors.Is(err, jobs.ErrTooLarge):
		return p.renderUpload(w, r, form, FieldErrors{"file": sentence})
	}
	return jobProblem(err)
}
