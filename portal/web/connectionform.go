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

// A connectionForm is a new or changed connection as typed. Secrets are never shown again.
type connectionForm struct {
	ID             storage.ConnectionID // 0: a new one
	Version        string
	Name           string
	Host, Port     string
	Username, Auth string
	HostKeys       string // one a line
	Folder, Globs  string // patterns, one a line
	After, Archive string
	DoneMarker     string
	StableSeconds  string
	MaxMegabytes   string
	MaxFiles       string
	Concurrency    string
	Steps          []transfer.Step // of the test just made; nil: none was
	StepsOK        bool
	OfferedKey     string // that the server showed in the test, and isn't in HostKeys

	password, privateKey, passphrase transfer.Secret
}

func (connectionForm) AuthOptions() []option {
	return []option{{"password", "Password"}, {"key", "Private key"}}
}

func (connectionForm) AfterOptions() []option {
	return []option{{"leave", "Leave it where it is"}, {"archive", "Move it to a folder"}, {"delete", "Delete it"}}
}

const bytesPerMegabyte = 1_000_000

func (p *Portal) newConnection(w http.ResponseWriter, r *http.Request) error {
	return p.renderConnectionForm(w, r, connectionForm{
		Port: "22", Auth: "password", Folder: ".", Globs: "*", After: "leave", StableSeconds: "30", MaxMegabytes: "2000", MaxFiles: "1000", Concurrency: "2",
	}, nil)
}

func (p *Portal) editConnection(w http.ResponseWriter, r *http.Request) error {
	c, err := p.connection(r)
	if err != nil {
		return err
	}
	return p.renderConnectionForm(w, r, connectionForm{
		ID: c.ID, Version: strconv.Itoa(c.Version), Name: c.Name, Host: c.Host, Port: strconv.Itoa(c.Port), Username: c.Username, Auth: c.Auth,
		HostKeys: strings.Join(c.HostKeys, "\n"), Folder: c.PullFolder, Globs: strings.Join(c.PullGlobs, "\n"),
		After: c.AfterSuccess, Archive: c.ArchiveFolder, DoneMarker: c.DoneMarker, StableSeconds: strconv.Itoa(c.StableSeconds),
		MaxMegabytes: strconv.FormatInt(c.MaxFileBytes/bytesPerMegabyte, 10), MaxFiles: strconv.Itoa(c.MaxFiles), Concurrency: strconv.Itoa(c.Concurrency),
	}, nil)
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

func parseConnection(values url.Values) connectionForm {
	text := func(name string) string { return strings.TrimSpace(values.Get(name)) }
	return connectionForm{
		Version: text("version"), Name: text("name"), Host: text("host"), Port: text("port"), Username: text("username"), Auth: text("auth"),
		HostKeys: text("host_keys"), Folder: text("pull_folder"), Globs: text("pull_globs"), After: text("after_success"), Archive: text("archive_folder"),
		DoneMarker: text("done_marker"), StableSeconds: text("stable_seconds"), MaxMegabytes: text("max_file_bytes"), MaxFiles: text("max_files"),
		Concurrency: text("concurrency"),
		password:    transfer.Secret(values.Get("password")), privateKey: transfer.Secret(values.Get("private_key")), passphrase: transfer.Secret(values.Get("passphrase")),
	}
}

func (f *connectionForm) secrets() jobs.Secrets {
	return jobs.Secrets{Password: f.password, PrivateKey: f.privateKey, Passphrase: f.passphrase}
}

// apply writes what is typed over c and says which numbers can't be read.
func (f *connectionForm) apply(c *storage.Connection) FieldErrors {
	wrong := FieldErrors{}
	if f.Name == "" {
		wrong["name"] = "Give the connection a name."
	}
	number := func(name, text, what string) int {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > 1<<31-1 {
			wrong[name] = what + " is a whole number."
		}
		return n
	}
	c.Name, c.Protocol, c.Host, c.Username, c.Auth = f.Name, "sftp", f.Host, f.Username, f.Auth
	c.HostKeys, c.PullFolder, c.PullGlobs = lines(f.HostKeys), f.Folder, lines(f.Globs)
	c.AfterSuccess, c.ArchiveFolder, c.DoneMarker = f.After, f.Archive, f.DoneMarker
	if c.AfterSuccess != storage.AfterArchive {
		c.ArchiveFolder = ""
	}
	c.Port = number("port", f.Port, "The port")
	c.StableSeconds = number("stable_seconds", f.StableSeconds, "The time")
	c.MaxFileBytes = int64(number("max_file_bytes", f.MaxMegabytes, "The size")) * bytesPerMegabyte
	c.MaxFiles = number("max_files", f.MaxFiles, "The number of files")
	c.Concurrency = number("concurrency", f.Concurrency, "The number of files")
	if f.Version != "" {
		c.Version = number("version", f.Version, "The version")
	}
	if len(wrong) == 0 {
		return nil
	}
	return wrong
}

// lines returns the lines of a text field that aren't empty.
func lines(text string) []string {
	all := []string{}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

// saveConnection adds a connection, or writes over one; with "test" it only tries what is typed.
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
	if wrong := form.apply(c); wrong != nil {
		return p.renderConnectionForm(w, r, form, wrong)
	}
	if values.Has("test") {
		return p.tryConnection(w, r, form, c)
	}
	save, code := p.Desk.AddConnection, "connection-added"
	if form.ID != 0 {
		save, code = p.Desk.ChangeConnection, "connection-changed"
	}
	err = save(r.Context(), scopeOf(r), c, form.secrets())
	switch {
	case errors.Is(err, jobs.ErrConnection):
		return p.renderConnectionForm(w, r, form, connectionErrors(err))
	case errors.Is(err, storage.ErrConflict) && form.ID == 0:
		return p.renderConnectionForm(w, r, form, FieldErrors{"name": "There is a connection of this name already."})
	case err != nil:
		return jobProblem(err)
	}
	return p.done(w, r, "/connections/"+p.id(storage.PublicConnection, int64(c.ID)), code)
}

// tryConnection tests settings that are not stored yet.
func (p *Portal) tryConnection(w http.ResponseWriter, r *http.Request, form connectionForm, c *storage.Connection) error {
	if form.ID != 0 && form.secrets().Empty() {
		return p.renderConnectionForm(w, r, form, FieldErrors{"password": "To test before saving, enter password or key again; else save, then test."})
	}
	form.Steps = p.Desk.TestSettings(r.Context(), c, form.secrets())
	form.StepsOK = true
	for _, s := range form.Steps {
		form.StepsOK = form.StepsOK && s.State == transfer.StateOK
		if s.HostKey != "" && !slices.Contains(c.HostKeys, s.HostKey) {
			form.OfferedKey = s.HostKey
		}
	}
	return p.renderConnectionForm(w, r, form, nil)
}

// connectionFields are the fields that complaints name; others are about the server's address or sign-in.
var connectionFields = []string{
	"name", "host", "port", "username", "auth", "password", "private_key", "passphrase", "host_keys", "pull_folder", "pull_globs", "after_success",
	"archive_folder", "done_marker", "stable_seconds", "max_file_bytes", "max_files", "concurrency",
}

// connectionErrors puts the desk's complaints ("field: sentence", one a line) to their fields.
func connectionErrors(err error) FieldErrors {
	wrong := FieldErrors{}
	detail, ok := errors.AsType[*jobs.Error](err)
	if !ok || detail.Err == nil {
		return FieldErrors{"host": problem.Invalid.Sentence}
	}
	for line := range strings.Lines(detail.Err.Error()) {
		line = strings.TrimSpace(line)
		if _, rest, ok := strings.Cut(line, "checking the settings: "); ok {
			line = rest
		}
		field, sentence, _ := strings.Cut(line, ": ")
		if !slices.Contains(connectionFields, field) {
			field, sentence = fieldOf(line), line
		}
		if sentence != "" {
			wrong[field] = strings.ToUpper(sentence[:1]) + sentence[1:] + "."
		}
	}
	return wrong
}

// fieldOf finds the field that an unnamed complaint is about.
func fieldOf(complaint string) string {
	for _, pair := range [][2]string{{"host key", "host_keys"}, {"key", "private_key"}, {"port", "port"}, {"user", "username"}, {"password", "password"}} {
		if strings.Contains(complaint, pair[0]) {
			return pair[1]
		}
	}
	return "host"
}

func (p *Portal) renderConnectionForm(w http.ResponseWriter, r *http.Request, form connectionForm, wrong FieldErrors) error {
	page := Page{Title: "New connection", Crumbs: connectionCrumbs, Data: form, Errors: wrong}
	if form.ID != 0 {
		page.Title = "Change connection"
	}
	if wrong != nil {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.render(w, r, "connections/form", page)
}
