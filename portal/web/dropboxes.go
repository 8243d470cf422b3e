package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/storage"
)

var dropBoxCrumbs = []Crumb{{"Connections", "/connections"}, {"Drop boxes", "/dropboxes"}}

// mebibyte is the unit in which the page tells and asks for sizes.
const mebibyte = 1 << 20

// A dropBoxPage is what the pages of drop boxes show.
type dropBoxPage struct {
	HostKey string // fingerprint; "": none was made yet, since no drop boxes were ever served
	All     []storage.DropBox
}

// listDropBoxes shows the places at our own SFTP server.
func (p *Portal) listDropBoxes(w http.ResponseWriter, r *http.Request) error {
	var data dropBoxPage
	err := p.DB.InScopeRead(r.Context(), scopeOf(r), func(tx *storage.Tx) (err error) {
		data.All, err = tx.DropBoxes(r.Context())
		return err
	})
	if err != nil {
		return err
	}
	if data.HostKey, err = p.Desk.DropBoxHostKey(r.Context(), scopeOf(r)); err != nil {
		return err
	}
	return p.render(w, r, "dropboxes/list", Page{Title: "Drop boxes", Crumbs: connectionCrumbs, Data: data})
}

// A dropBoxForm is a drop box as typed, with what else its page shows.
type dropBoxForm struct {
	formValues
	Action   string
	Box      *storage.DropBox // nil: a new one
	Keys     []storage.DropBoxKey
	HostKey  string
	Partners []option
	Editable bool
}

func (p *Portal) newDropBox(w http.ResponseWriter, r *http.Request) error {
	return p.renderDropBox(w, r, dropBoxForm{formValues: formValues{values: url.Values{}}}, nil)
}

// showDropBox shows a drop box, to be changed by who may.
func (p *Portal) showDropBox(w http.ResponseWriter, r *http.Request) error {
	b, err := p.dropBox(r)
	if err != nil {
		return err
	}
	return p.renderDropBox(w, r, dropBoxForm{Box: b, formValues: formValues{values: p.dropBoxValues(b)}}, nil)
}

func (p *Portal) dropBoxValues(b *storage.DropBox) url.Values {
	return url.Values{
		"name": {b.Name}, "username": {b.Username}, "partner": {p.id(storage.PublicPartner, int64(b.Partner))},
		"sources": {strings.Join(b.Sources, "\n")}, "temporary_suffixes": {strings.Join(b.TemporarySuffixes, " ")}, "repeat_names": {yesIf(b.RepeatNames)},
		"max_file_bytes": {strconv.FormatInt(b.MaxFileBytes/mebibyte, 10)}, "max_waiting_bytes": {strconv.FormatInt(b.MaxWaitingBytes/mebibyte, 10)},
		"max_waiting_files": {strconv.Itoa(b.MaxWaitingFiles)}, "version": {strconv.Itoa(b.Version)},
	}
}

func (p *Portal) dropBox(r *http.Request) (b *storage.DropBox, err error) {
	id, err := p.pathID(r, storage.PublicDropBox)
	if err != nil {
		return nil, err
	}
	err = p.DB.InScopeRead(r.Context(), scopeOf(r), func(tx *storage.Tx) error {
		b, err = tx.DropBox(r.Context(), storage.DropBoxID(id))
		return err
	})
	return b, err
}

// saveDropBox adds a drop box, or writes over one.
func (p *Portal) saveDropBox(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	form, b := dropBoxForm{formValues: formValues{values: trimmedValues(values)}}, &storage.DropBox{}
	if r.PathValue("id") != "" {
		if b, err = p.dropBox(r); err != nil {
			return err
		}
		form.Box = b
	}
	if wrong := p.applyDropBox(&form, b); wrong != nil {
		return p.renderDropBox(w, r, form, wrong)
	}
	code := "dropbox-changed"
	if form.Box != nil {
		err = p.Desk.ChangeDropBox(r.Context(), scopeOf(r), b)
	} else {
		code = "dropbox-added"
		err = p.Desk.AddDropBox(r.Context(), scopeOf(r), b, linesOf(form.V("keys")))
	}
	switch {
	case errors.Is(err, jobs.ErrDropBox):
		return p.renderDropBox(w, r, form, connectionErrors(err))
	case errors.Is(err, storage.ErrConflict) && form.Box == nil:
		return p.renderDropBox(w, r, form, FieldErrors{"name": "There is a drop box of this name or user already."})
	case err != nil:
		return err
	}
	return p.done(w, r, "/dropboxes/"+p.id(storage.PublicDropBox, int64(b.ID)), code)
}

// linesOf are the lines that hold something.
func linesOf(text string) (lines []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

func (p *Portal) applyDropBox(f *dropBoxForm, b *storage.DropBox) FieldErrors {
	read := &formReader{values: f.values, wrong: FieldErrors{}}
	b.Name, b.Username, b.RepeatNames = f.V("name"), f.V("username"), f.V("repeat_names") != ""
	b.Sources, b.TemporarySuffixes = linesOf(f.V("sources")), strings.Fields(f.V("temporary_suffixes"))
	b.MaxFileBytes = bytesTyped(read.number("max_file_bytes", "The largest file"), b.MaxFileBytes)
	b.MaxWaitingBytes = bytesTyped(read.number("max_waiting_bytes", "What may wait"), b.MaxWaitingBytes)
	b.MaxWaitingFiles = read.number("max_waiting_files", "The number of files")
	b.Partner = 0
	if text := f.V("partner"); text != "" {
		id, err := p.DB.PublicIDs().Parse(storage.PublicPartner, text)
		if err != nil {
			read.wrong["partner"] = "Choose a partner."
		}
		b.Partner = storage.PartnerID(id)
	}
	if f.Box != nil {
		b.Version = read.number("version", "The version")
	}
	if len(read.wrong) == 0 {
		return nil
	}
	return read.wrong
}

// bytesTyped is what a number of mebibytes means: one that was not changed leaves the size as it was set elsewhere, to the byte.
func bytesTyped(typed int, before int64) int64 {
	if before != 0 && int64(typed) == before/mebibyte {
		return before
	}
	return mebibyte * int64(typed)
}

func (p *Portal) renderDropBox(w http.ResponseWriter, r *http.Request, form dropBoxForm, wrong FieldErrors) error {
	partners, err := p.DB.Partners(r.Context(), scopeOf(r))
	if err != nil {
		return err
	}
	form.Partners = []option{{"", "The files tell"}}
	for _, partner := range partners {
		form.Partners = append(form.Partners, option{p.id(storage.PublicPartner, int64(partner.ID)), partner.Name})
	}
	form.Editable = principalOf(r).Can(accounts.ManageConnections)
	form.errors, form.Action = wrong, "/dropboxes"
	page := Page{Title: "New drop box", Crumbs: dropBoxCrumbs, Errors: wrong}
	if form.Box != nil {
		page.Title = form.Box.Name
		form.Action += "/" + p.id(storage.PublicDropBox, int64(form.Box.ID))
		if err := p.dropBoxKeys(r.Context(), scopeOf(r), &form); err != nil {
			return err
		}
	}
	page.Data = form
	if wrong != nil {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.render(w, r, "dropboxes/form", page)
}

// dropBoxKeys adds the keys of both sides to the page.
func (p *Portal) dropBoxKeys(ctx context.Context, scope storage.Scope, form *dropBoxForm) error {
	err := p.DB.InScopeRead(ctx, scope, func(tx *storage.Tx) (err error) {
		form.Keys, err = tx.DropBoxKeys(ctx, form.Box.ID)
		return err
	})
	if err == nil {
		form.HostKey, err = p.Desk.DropBoxHostKey(ctx, scope)
	}
	return err
}

// dropBoxAct is a handler that does one thing to a drop box.
func (p *Portal) dropBoxAct(code string, act func(r *http.Request, id storage.DropBoxID) error) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		b, err := p.dropBox(r)
		if err != nil {
			return err
		}
		if _, err := formOf(r); err != nil {
			return err
		}
		err = act(r, b.ID)
		if errors.Is(err, jobs.ErrDropBox) || errors.Is(err, storage.ErrConflict) && code == "dropbox-key-added" {
			wrong := FieldErrors{"key": "This key may sign in already."}
			if errors.Is(err, jobs.ErrDropBox) {
				wrong["key"] = connectionErrors(err)["keys"]
			}
			values := p.dropBoxValues(b)
			return p.renderDropBox(w, r, dropBoxForm{Box: b, formValues: formValues{values: values}}, wrong)
		}
		if err != nil {
			return err
		}
		path := "/dropboxes/" + r.PathValue("id")
		if code == "dropbox-deleted" {
			path = "/dropboxes"
		}
		return p.done(w, r, path, code)
	}
}

func (p *Portal) pauseDropBox(r *http.Request, id storage.DropBoxID) error {
	why := strings.TrimSpace(r.PostForm.Get("reason"))
	if why == "" {
		why = "Paused by " + principalOf(r).Name
	}
	return p.Desk.PauseDropBox(r.Context(), scopeOf(r), id, why)
}

func (p *Portal) resumeDropBox(r *http.Request, id storage.DropBoxID) error {
	return p.Desk.ResumeDropBox(r.Context(), scopeOf(r), id)
}

func (p *Portal) deleteDropBox(r *http.Request, id storage.DropBoxID) error {
	return p.Desk.DeleteDropBox(r.Context(), scopeOf(r), id)
}

func (p *Portal) addDropBoxKey(r *http.Request, id storage.DropBoxID) error {
	return p.Desk.AddDropBoxKey(r.Context(), scopeOf(r), id, r.PostForm.Get("key"))
}

func (p *Portal) removeDropBoxKey(r *http.Request, id storage.DropBoxID) error {
	return p.Desk.RemoveDropBoxKey(r.Context(), scopeOf(r), id, r.PostForm.Get("fingerprint"))
}
