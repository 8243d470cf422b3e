package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/storage"
)

// A connectionForm is a new or changed connection as typed, by the names of its settings. Secrets are
// never shown again.
type connectionForm struct {
	formValues
	Action     string               // where it is sent
	ID         storage.ConnectionID // 0: a new one
	Folders    []folderForm
	Blank      folderForm // what is added by the page itself
	Partners   []option
	Steps      []transfer.Step // of the test just made; nil: none was
	StepsOK    bool
	OfferedKey string // that the server showed in the test, and isn't approved

	secrets jobs.Secrets
}

// A folderForm is one folder of the form; its fields begin with "folders[0]." and so on.
type folderForm struct {
	formValues
	No     int // from 1
	Prefix string
}

// formValues are what stands in a form's fields.
type formValues struct {
	values url.Values
	errors FieldErrors
}

// V returns what stands in a field.
func (f formValues) V(name string) string { return f.values.Get(name) }

// Field returns what the templates of fields want, with more of it in pairs.
func (f formValues) Field(name, label string, more ...any) (map[string]any, error) {
	m, err := dict(more...)
	if err != nil {
		return nil, err
	}
	m["name"], m["label"], m["value"], m["errors"] = name, label, f.values.Get(name), f.errors
	if m["autocomplete"] == nil {
		m["autocomplete"] = "off"
	}
	return m, nil
}

// Open tells whether a part of the form that is folded should stand open: something is set or wrong in it.
func (f formValues) Open(prefix string, names ...string) bool {
	for _, name := range names {
		if f.values.Get(prefix+name) != "" || f.errors[prefix+name] != "" {
			return true
		}
	}
	return false
}

// wrongIn tells whether something is wrong in a part of the form.
func (f formValues) wrongIn(prefix string) bool {
	for name := range f.errors {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// Field of a folder: its name begins with the folder's prefix.
func (f folderForm) Field(name, label string, more ...any) (map[string]any, error) {
	return f.formValues.Field(f.Prefix+name, label, more...)
}

// V returns what stands in a field of the folder.
func (f folderForm) V(name string) string { return f.values.Get(f.Prefix + name) }

// More tells whether the folder's rarer settings should stand open.
func (f folderForm) More() bool {
	return f.Open(f.Prefix, "depth", "order", "max_files", "min_age_seconds", "done_marker", "claim_suffix", "temporary_suffixes", "error_folder", "unwrap", "names", "days", "delete_after_days", "archive_by")
}

// Index returns the number of the folder in the names of its fields.
func (f folderForm) Index() string {
	return strings.TrimSuffix(strings.TrimPrefix(f.Prefix, "folders["), "].")
}

// AuthOptions are the ways to sign in.
func (connectionForm) AuthOptions() []option {
	return []option{
		{jobs.AuthPassword, "Password"},
		{jobs.AuthKey, "Private key"},
		{jobs.AuthKeyPassword, "Private key and password"},
		{jobs.AuthCertificate, "Private key with an SSH certificate"},
	}
}

// KeyOptions say where the private key comes from.
func (f connectionForm) KeyOptions() []option {
	options := []option{{keyNew, "Make a new key pair here"}, {keyPaste, "Use a key that I paste"}}
	if f.ID != 0 {
		options = append([]option{{keyKeep, "Keep the key it has"}}, options...)
	}
	return options
}

// Where a private key comes from.
const (
	keyKeep  = "keep"
	keyNew   = "new"
	keyPaste = "paste"
)

// NetworkOpen tells whether the rarest settings should stand open.
func (f connectionForm) NetworkOpen() bool { return f.wrongIn("network.") || f.wrongIn("jump_") }

// LegacyOptions are the outdated algorithms there are.
func (connectionForm) LegacyOptions() []string { return transfer.LegacyAlgorithms() }

// Legacy tells whether an outdated algorithm is chosen.
func (f connectionForm) Legacy(name string) bool {
	return slices.Contains(f.values["network.legacy_algorithms"], name)
}

func (connectionForm) AfterOptions() []option {
	return []option{{"leave", "Leave it where it is"}, {"archive", "Move it to another folder"}, {"delete", "Delete it"}}
}

// ArchiveByOptions say what happens where a server can't rename.
func (connectionForm) ArchiveByOptions() []option {
	return []option{{"", "Copy it there, compare, then delete it"}, {jobs.ArchiveByRename, "Leave it and say so"}}
}

func (connectionForm) FailureOptions() []option {
	return []option{{"", "Leave it where it is"}, {jobs.AfterFailureMove, "Move it to another folder"}}
}

func (connectionForm) OrderOptions() []option {
	return []option{{"", "By name"}, {"oldest", "Oldest first"}, {"newest", "Newest first"}, {"largest", "Largest first"}, {"smallest", "Smallest first"}}
}

func (connectionForm) UnwrapOptions() []option {
	return []option{{"", "No, take files as they are"}, {jobs.UnwrapAuto, "Yes: open zip, gzip and OpenPGP files"}}
}

func (connectionForm) RenameOptions() []option {
	return []option{
		{"", "Upload under another name, then rename"},
		{transfer.RenamePosix, "The same, always by posix-rename"},
		{transfer.RenamePlain, "The same, always by plain rename"},
		{transfer.RenameNone, "Upload under its name at once (servers without rename)"},
	}
}

func (connectionForm) UncertainOptions() []option {
	return []option{{"", "Send the same bytes again (the receiver knows them by control number)"}, {jobs.UncertainAsk, "Ask a person"}}
}

// newConnection shows an empty form, with one folder to pull from.
func (p *Portal) newConnection(w http.ResponseWriter, r *http.Request) error {
	form := connectionForm{formValues: formValues{values: url.Values{
		"port": {"22"}, "auth": {jobs.AuthPassword}, "key_source": {keyNew}, "folders[0].path": {"."}, "folders[0].after": {storage.AfterLeave},
	}}}
	return p.renderConnectionForm(w, r, form, nil)
}

// editConnection shows a connection as it is, without its secrets.
func (p *Portal) editConnection(w http.ResponseWriter, r *http.Request) error {
	c, err := p.connection(r)
	if err != nil {
		return err
	}
	values, err := p.valuesOf(c)
	if err != nil {
		return err
	}
	return p.renderConnectionForm(w, r, connectionForm{formValues: formValues{values: values}, ID: c.ID}, nil)
}

// connection returns the connection in the path.
func (p *Portal) connection(r *http.Request) (c *storage.Connection, err error) {
	id, err := p.pathID(r, storage.PublicConnection)
	if err != nil {
		return nil, err
	}
	err = p.DB.InScopeRead(r.Context(), scopeOf(r), func(tx *storage.Tx) error {
		c, err = tx.Connection(r.Context(), storage.ConnectionID(id))
		return err
	})
	return c, err
}

// saveConnection adds a connection, or writes over one; with "test" it only tries what is typed, and
// with "add_folder" and "remove_folder" it only changes the form.
func (p *Portal) saveConnection(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	form, c := parseConnection(values), &storage.Connection{}
	if r.PathValue("id") != "" {
		if c, err = p.connection(r); err != nil {
			return err
		}
		form.ID = c.ID
	}
	if values.Has("add_folder") || values.Has("remove_folder") {
		return p.renderConnectionForm(w, r, form, nil)
	}
	if wrong := form.apply(p, c); wrong != nil {
		return p.renderConnectionForm(w, r, form, wrong)
	}
	if values.Has("test") {
		return p.tryConnection(w, r, form, c)
	}
	return p.storeConnection(w, r, form, c)
}

func (p *Portal) storeConnection(w http.ResponseWriter, r *http.Request, form connectionForm, c *storage.Connection) error {
	save, code := p.Desk.AddConnection, "connection-added"
	if form.ID != 0 {
		save, code = p.Desk.ChangeConnection, "connection-changed"
	}
	if err := form.makeKey(); err != nil {
		return err
	}
	err := save(r.Context(), scopeOf(r), c, form.secrets)
	if guarded, ok := errors.AsType[*jobs.SecondPersonError](err); ok {
		return p.renderConnectionForm(w, r, form, guardedFields(guarded.Change))
	}
	switch {
	case errors.Is(err, jobs.ErrConnection):
		return p.renderConnectionForm(w, r, form, connectionErrors(err))
	case errors.Is(err, storage.ErrConflict) && form.ID == 0:
		return p.renderConnectionForm(w, r, form, FieldErrors{"name": "There is a connection of this name already."})
	case err != nil:
		return jobProblem(err)
	}
	if form.newKey() {
		code = "connection-key"
	}
	return p.done(w, r, "/connections/"+p.id(storage.PublicConnection, int64(c.ID)), code)
}

// tryConnection tests settings that are not stored yet.
func (p *Portal) tryConnection(w http.ResponseWriter, r *http.Request, form connectionForm, c *storage.Connection) error {
	switch {
	case form.newKey():
		return p.renderConnectionForm(w, r, form, FieldErrors{"key_source": "Save first: the partner has to install the new key before a test can go well."})
	case form.ID == 0 && form.secrets.Empty():
		return p.renderConnectionForm(w, r, form, FieldErrors{secretField(c.Auth): "To test before saving, enter it here; or save, then test."})
	}
	if form.ID == 0 {
		form.Steps = p.Desk.TestSettings(r.Context(), c, form.secrets)
	} else {
		var err error
		form.Steps, err = p.Desk.TestChange(r.Context(), scopeOf(r), c, form.secrets)
		if guarded, ok := errors.AsType[*jobs.SecondPersonError](err); ok {
			return p.renderConnectionForm(w, r, form, guardedFields(guarded.Change))
		}
		switch {
		case errors.Is(err, jobs.ErrConnection):
			return p.renderConnectionForm(w, r, form, connectionErrors(err))
		case err != nil:
			return jobProblem(err)
		}
	}
	form.StepsOK = wentWell(form.Steps)
	for _, s := range form.Steps {
		if s.HostKey != "" && s.State == transfer.StateFailed && !slices.Contains(c.HostKeys, s.HostKey) {
			form.OfferedKey = s.HostKey
		}
	}
	return p.renderConnectionForm(w, r, form, nil)
}

// secretField is the field of the secret by which a connection signs in.
func secretField(auth string) string {
	if auth == jobs.AuthPassword {
		return "password"
	}
	return "private_key"
}

// connectionErrors puts the desk's complaints ("field: sentence", one a line) to their fields. Those
// that name none are about the server's address or the sign-in.
func connectionErrors(err error) FieldErrors {
	detail, ok := errors.AsType[*jobs.Error](err)
	if !ok || detail.Err == nil {
		return FieldErrors{"host": problem.Invalid.Sentence}
	}
	wrong := FieldErrors{}
	for line := range strings.Lines(detail.Err.Error()) {
		if field, sentence := complaintOf(strings.TrimSpace(line)); sentence != "" {
			wrong[field] = sentence
		}
	}
	return wrong
}

// complaintOf splits "folders[0].globs: what is wrong" into the field's name and a sentence.
func complaintOf(line string) (field, sentence string) {
	field, sentence, found := strings.Cut(line, ": ")
	if !found || strings.ContainsAny(field, " ") {
		field, sentence = "host", line
	}
	if at := strings.LastIndex(field, "["); at > 0 && strings.HasSuffix(field, "]") {
		field = field[:at] // one of a list that is one field here
	}
	if sentence == "" {
		return field, ""
	}
	return field, capitalized(sentence) + "."
}

func capitalized(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

func (p *Portal) renderConnectionForm(w http.ResponseWriter, r *http.Request, form connectionForm, wrong FieldErrors) error {
	partners, err := p.DB.Partners(r.Context(), scopeOf(r))
	if err != nil {
		return err
	}
	form.Partners = []option{{"", "The files tell"}}
	for _, partner := range partners {
		form.Partners = append(form.Partners, option{p.id(storage.PublicPartner, int64(partner.ID)), partner.Name})
	}
	form.errors, form.Action = wrong, "/connections"
	if form.ID != 0 {
		form.Action += "/" + p.id(storage.PublicConnection, int64(form.ID))
	}
	form.Folders = form.folders()
	form.Blank = folderForm{formValues{url.Values{"folders[NEW].after": {storage.AfterLeave}}, nil}, 0, "folders[NEW]."}
	page := Page{Title: "New connection", Crumbs: connectionCrumbs, Data: form, Errors: wrong}
	if form.ID != 0 {
		page.Title = "Change connection"
	}
	if wrong != nil {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.render(w, r, "connections/form", page)
}

// folders returns the form's folders in order.
func (f *connectionForm) folders() []folderForm {
	var all []folderForm
	for i := 0; f.values.Has(folderPrefix(i) + "path"); i++ {
		all = append(all, folderForm{f.formValues, i + 1, folderPrefix(i)})
	}
	return all
}

func folderPrefix(i int) string { return "folders[" + strconv.Itoa(i) + "]." }
