package jobs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

// The ways to sign in, as Connection.Auth.
const (
	AuthPassword = "password"
	AuthKey      = "key" // with a password beside it, if the server asks for both
)

// Options are the settings of a connection that have no column.
type Options struct {
	Depth             int      `json:"depth,omitempty"`              // levels of folders below the pull folder
	RequestsPerFile   int      `json:"requests_per_file,omitempty"`  // 64 for servers that choke
	TemporarySuffixes []string `json:"temporary_suffixes,omitempty"` // beside the usual ones
}

func optionsOf(c *storage.Connection) (Options, error) {
	var o Options
	if len(c.Options) == 0 {
		return o, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(c.Options))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&o); err != nil {
		return o, fail(ErrConnection, fmt.Errorf("options: %w", err))
	}
	return o, nil
}

// fillDefaults gives a connection the usual values where it has none.
func fillDefaults(c *storage.Connection) {
	c.Name, c.Host, c.Username = strings.TrimSpace(c.Name), strings.TrimSpace(c.Host), strings.TrimSpace(c.Username)
	text := func(p *string, standard string) {
		if *p == "" {
			*p = standard
		}
	}
	number := func(p *int, standard int) {
		if *p == 0 {
			*p = standard
		}
	}
	text(&c.Protocol, "sftp")
	text(&c.AfterSuccess, storage.AfterLeave)
	number(&c.Port, 22)
	number(&c.MaxFiles, 10_000)
	number(&c.Concurrency, 1)
	number(&c.ConnectSeconds, 20)
	number(&c.IdleSeconds, 30)
	if c.MaxFileBytes == 0 {
		c.MaxFileBytes = 2 << 30
	}
	if len(c.PullGlobs) == 0 {
		c.PullGlobs = []string{"*"}
	}
	if c.HostKeys == nil {
		c.HostKeys = []string{}
	}
	if c.AfterSuccess != storage.AfterArchive {
		c.ArchiveFolder = ""
	}
}

// check returns everything that is wrong with a connection, by field, in one ErrConnection.
func check(c *storage.Connection, s Secrets) error {
	var wrong []error
	complain := func(bad bool, format string, values ...any) {
		if bad {
			wrong = append(wrong, fmt.Errorf(format, values...))
		}
	}
	complain(c.Name == "", "name: give the connection a name")
	complain(c.Protocol != "sftp", "protocol: only sftp is known")
	complain(c.Auth != AuthPassword && c.Auth != AuthKey, "auth: choose password or key")
	complain(c.Auth == AuthPassword && s.Password == "", "password: it is missing")
	complain(c.Auth == AuthKey && s.PrivateKey == "", "private_key: it is missing")
	complain(!slices.Contains([]string{storage.AfterLeave, storage.AfterArchive, storage.AfterDelete}, c.AfterSuccess),
		"after_success: choose leave, archive or delete")
	complain(c.AfterSuccess == storage.AfterArchive && c.ArchiveFolder == "", "archive_folder: say where files go")
	complain(c.ArchiveFolder != "" && path.Clean(c.ArchiveFolder) == path.Clean(c.PullFolder),
		"archive_folder: it must be another folder than the one files are pulled from")
	complain(strings.ContainsAny(c.DoneMarker, "/*?[]{}\\!"), "done_marker: it is a plain suffix such as .done")
	complain(c.StableSeconds < 0 || c.StableSeconds > 86_400, "stable_seconds: between 0 and a day")
	complain(c.MaxFileBytes < 1, "max_file_bytes: at least 1")
	complain(c.MaxFiles < 1, "max_files: at least 1")
	complain(c.Concurrency < 1 || c.Concurrency > 16, "concurrency: between 1 and 16")
	complain(c.ConnectSeconds < 1 || c.IdleSeconds < 1, "connect_seconds, idle_seconds: at least 1")
	if _, err := rulesOf(c); err != nil {
		wrong = append(wrong, fmt.Errorf("pull_globs: %w", err))
	}
	if _, err := optionsOf(c); err != nil {
		wrong = append(wrong, err)
	}
	if err := endpoint(c, s, nil).Validate(); err != nil && !missingSecret(c, s) {
		wrong = append(wrong, err)
	}
	if len(wrong) > 0 {
		return fail(ErrConnection, errors.Join(wrong...))
	}
	return nil
}

// missingSecret says that the endpoint's complaint would repeat ours.
func missingSecret(c *storage.Connection, s Secrets) bool {
	return (c.Auth == AuthPassword && s.Password == "") || (c.Auth == AuthKey && s.PrivateKey == transfer.Secret(""))
}
