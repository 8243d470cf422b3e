package jobs

import (
	"cmp"
	"strconv"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/wrap"
	"github.com/ediport/ediport/storage"
)

// Push says how a connection delivers files. The zero value of a field means its default.
type Push struct {
	Folder               string `json:"folder,omitempty"`                // "": nothing is delivered
	AcknowledgmentFolder string `json:"acknowledgment_folder,omitempty"` // "": acknowledgments stay here
	NameTemplate         string `json:"name_template,omitempty"`         // {partner}_{set}_{yyyymmdd}_{seq}.x12

	TemporaryPrefix string `json:"temporary_prefix,omitempty"` // of a file's name while it is written
	TemporarySuffix string `json:"temporary_suffix,omitempty"` // .tmp unless there is a prefix
	Rename          string `json:"rename,omitempty"`           // auto, posix, plain, none (written under its name at once)

	Checksum bool   `json:"checksum,omitempty"` // a file NAME.sha256 goes with each
	Mode     string `json:"mode,omitempty"`     // permissions to set, octal, such as 0640; "": the server's

	KeepTime    bool   `json:"keep_time,omitempty"`    // its time at the server is when it was made here or handed in
	MakeFolders bool   `json:"make_folders,omitempty"` // a folder that is missing is made, and those above
	FolderMode  string `json:"folder_mode,omitempty"`  // permissions to set on folders that are made, such as 0750; "": the server's

	Gzip          bool   `json:"gzip,omitempty"`
	PGPRecipients string `json:"pgp_recipients,omitempty"` // armored public keys; "": not encrypted
	PGPSign       bool   `json:"pgp_sign,omitempty"`       // with the connection's OpenPGP key

	Uncertain string `json:"uncertain,omitempty"` // when nobody knows whether a file arrived: resend, ask
}

// The values of Push.Uncertain.
const (
	UncertainResend = "resend"
	UncertainAsk    = "ask"
)

// DefaultNameTemplate names outbound files of connections that say nothing else.
const DefaultNameTemplate = "{partner}_{set}_{yyyymmdd}_{seq}.x12"

// PushOf returns how a connection delivers files, with defaults filled in.
func PushOf(c *storage.Connection) (Push, error) {
	var p Push
	err := decodeSettings("push", c.Push, &p)
	return p.withDefaults(), err
}

// SetPush says how a connection delivers files.
func SetPush(c *storage.Connection, p Push) { c.Push = encodeSettings(p) }

func (p Push) withDefaults() Push {
	p.NameTemplate = cmp.Or(p.NameTemplate, DefaultNameTemplate)
	if p.TemporaryPrefix == "" {
		p.TemporarySuffix = cmp.Or(p.TemporarySuffix, ".tmp")
	}
	p.Rename = cmp.Or(p.Rename, transfer.RenameAuto)
	p.Uncertain = cmp.Or(p.Uncertain, UncertainResend)
	return p
}

func (p Push) folders() (folders []string) {
	for _, f := range []string{p.Folder, p.AcknowledgmentFolder} {
		if f != "" && (len(folders) == 0 || folders[0] != f) {
			folders = append(folders, f)
		}
	}
	return folders
}

func (p Push) check(complain complaint, s Secrets) {
	if err := checkTemplate(p.NameTemplate); err != nil {
		complain.about(true, "name_template", "%v", err)
	}
	complain.suffix("temporary_prefix", p.TemporaryPrefix)
	complain.suffix("temporary_suffix", p.TemporarySuffix)
	complain.oneOf("rename", p.Rename, transfer.RenameAuto, transfer.RenamePosix, transfer.RenamePlain, transfer.RenameNone)
	complain.mode("mode", p.Mode, "0640")
	complain.mode("folder_mode", p.FolderMode, "0750")
	complain.about(p.FolderMode != "" && !p.MakeFolders, "folder_mode", "it is for folders that are made here")
	if p.PGPRecipients != "" {
		_, err := wrap.PublicKeys(p.PGPRecipients)
		complain.about(err != nil, "pgp_recipients", "%v", err)
	}
	complain.about(p.PGPSign && s.PGPPrivateKey == "", "pgp_sign", "the connection needs an OpenPGP private key to sign with")
	complain.oneOf("uncertain", p.Uncertain, UncertainResend, UncertainAsk)
}

// mode wants permissions as an octal number, or none.
func (c complaint) mode(field, text, example string) {
	mode, err := strconv.ParseUint(text, 8, 32)
	c.about(text != "" && (err != nil || mode > 0o777), field, "an octal number such as %s", example)
}
