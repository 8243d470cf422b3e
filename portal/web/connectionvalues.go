package web

import (
	"maps"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

const (
	bytesPerMegabyte = 1_000_000
	bytesPerKilobyte = 1_000

	maxConnectionForm = 512 << 10 // public keys of several people are long
)

// secretFields are the fields of the form that never come back.
var secretFields = []string{
	"password", "private_key", "passphrase", "certificate", "pgp_private_key", "pgp_passphrase", "jump_password", "jump_private_key", "jump_passphrase", "proxy_password",
}

// parseConnection reads the form: secrets are taken out, folders numbered anew, and one added or
// removed if that was asked for.
func parseConnection(values url.Values) connectionForm {
	secret := func(name string) transfer.Secret { return transfer.Secret(strings.TrimRight(values.Get(name), "\r\n")) }
	form := connectionForm{secrets: jobs.Secrets{
		Password: secret("password"), PrivateKey: secret("private_key"), Passphrase: secret("passphrase"), Certificate: secret("certificate"),
		PGPPrivateKey: secret("pgp_private_key"), PGPPassphrase: secret("pgp_passphrase"),
		JumpPassword: secret("jump_password"), JumpPrivateKey: secret("jump_private_key"), JumpPassphrase: secret("jump_passphrase"), ProxyPassword: secret("proxy_password"),
	}}
	if values.Get("key_source") != keyPaste && values.Get("auth") != jobs.AuthCertificate {
		form.secrets.PrivateKey, form.secrets.Passphrase = "", ""
	}
	form.values = url.Values{}
	for name, all := range values {
		if !slices.Contains(secretFields, name) && !strings.HasPrefix(name, "folders[") {
			form.values[name] = trimmed(all)
		}
	}
	next := 0
	for _, index := range folderIndexes(values) {
		if strconv.Itoa(index) == values.Get("remove_folder") {
			continue
		}
		from := folderPrefix(index)
		for name, all := range values {
			if field, ok := strings.CutPrefix(name, from); ok {
				form.values[folderPrefix(next)+field] = trimmed(all)
			}
		}
		next++
	}
	if values.Has("add_folder") {
		form.values.Set(folderPrefix(next)+"path", "")
	}
	return form
}

func trimmed(all []string) []string {
	out := make([]string, len(all))
	for i, text := range all {
		out[i] = strings.TrimSpace(text)
	}
	return out
}

// folderIndexes returns the numbers of the folders in the form, ascending; a few may be missing.
func folderIndexes(values url.Values) []int {
	seen := map[int]bool{}
	for name := range values {
		rest, ok := strings.CutPrefix(name, "folders[")
		number, _, found := strings.Cut(rest, "]")
		if n, err := strconv.Atoi(number); ok && found && err == nil && n >= 0 {
			seen[n] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// newKey tells whether the connection gets a new key pair.
func (f *connectionForm) newKey() bool {
	auth := f.V("auth")
	return f.V("key_source") == keyNew && (auth == jobs.AuthKey || auth == jobs.AuthKeyPassword)
}

// makeKey makes the new key pair that was asked for. Its private half never leaves the server.
func (f *connectionForm) makeKey() error {
	if !f.newKey() {
		return nil
	}
	private, _, err := transfer.GenerateKey()
	f.secrets.PrivateKey = private
	return err
}

// apply writes what is typed over c and says what can't be read.
func (f *connectionForm) apply(p *Portal, c *storage.Connection) FieldErrors {
	read := &formReader{values: f.values, wrong: FieldErrors{}}
	c.Name, c.Protocol, c.Host, c.Username, c.Auth = f.V("name"), "sftp", f.V("host"), f.V("username"), f.V("auth")
	if c.Name == "" {
		read.wrong["name"] = "Give the connection a name."
	}
	c.Port = read.number("port", "The port")
	c.HostKeys = lines(f.V("host_keys"))
	c.ExpectedBy, c.ExpectedZone = f.V("expected_by"), f.V("expected_zone")
	c.Partner = 0
	if text := f.V("partner"); text != "" {
		id, err := p.DB.PublicIDs().Parse(storage.PublicPartner, text)
		if err != nil {
			read.wrong["partner"] = "Choose a partner."
		}
		c.Partner = storage.PartnerID(id)
	}
	if f.V("version") != "" {
		c.Version = read.number("version", "The version")
	}
	jobs.SetFolders(c, f.readFolders(read)...)
	jobs.SetPush(c, f.readPush())
	jobs.SetNetwork(c, f.readNetwork(read))
	if len(read.wrong) == 0 {
		return nil
	}
	return read.wrong
}

// A formReader reads numbers and remembers those that are none.
type formReader struct {
	values url.Values
	wrong  FieldErrors
}

// number reads a whole number; nothing is 0.
func (r *formReader) number(name, what string) int {
	text := strings.ReplaceAll(r.values.Get(name), ",", "")
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 1<<31-1 {
		r.wrong[name] = what + " is a whole number."
	}
	return n
}

// size reads a number of units as bytes, to the byte: a program may have set one that is no whole unit.
func (r *formReader) size(name, what string, unit float64) int64 {
	text := strings.ReplaceAll(r.values.Get(name), ",", "")
	if text == "" {
		return 0
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n >= 0 && n <= 1<<31-1) {
		r.wrong[name] = what + " is a number."
		return 0
	}
	return int64(math.Round(n * unit))
}

func (f *connectionForm) readFolders(read *formReader) []jobs.PullFolder {
	var folders []jobs.PullFolder
	for i := 0; f.values.Has(folderPrefix(i) + "path"); i++ {
		at := folderPrefix(i)
		text := func(name string) string { return f.V(at + name) }
		folder := jobs.PullFolder{
			Path: text("path"), Globs: lines(text("globs")), Names: lines(text("names")), Days: read.number(at+"days", "The number of days"), Order: text("order"), DoneMarker: text("done_marker"), ClaimSuffix: text("claim_suffix"),
			TemporarySuffixes: strings.Fields(text("temporary_suffixes")), After: text("after"), AfterFailure: text("after_failure"), Unwrap: text("unwrap"),
			Depth: read.number(at+"depth", "The depth"), MaxFiles: read.number(at+"max_files", "The number of files"),
			MinAgeSeconds: read.number(at+"min_age_seconds", "The age"), StableSeconds: read.number(at+"stable_seconds", "The time"),
			MarkerAlarmMinutes: read.number(at+"marker_alarm_minutes", "The time"),
		}
		if text("stable_seconds") == "0" {
			folder.StableSeconds = jobs.AtOnce
		}
		switch folder.After {
		case storage.AfterArchive:
			folder.ArchiveFolder, folder.ArchiveBy = text("archive_folder"), text("archive_by")
		case storage.AfterDelete:
			folder.DeleteAfterDays = read.number(at+"delete_after_days", "The number of days")
		}
		if folder.AfterFailure == jobs.AfterFailureMove {
			folder.ErrorFolder = text("error_folder")
		}
		folders = append(folders, folder)
	}
	return folders
}

func (f *connectionForm) readPush() jobs.Push {
	text := func(name string) string { return f.V("push." + name) }
	return jobs.Push{
		Folder: text("folder"), AcknowledgmentFolder: text("acknowledgment_folder"), NameTemplate: text("name_template"),
		TemporaryPrefix: text("temporary_prefix"), TemporarySuffix: text("temporary_suffix"), Rename: text("rename"), Mode: text("mode"),
		KeepTime: text("keep_time") != "", MakeFolders: text("make_folders") != "", FolderMode: text("folder_mode"),
		Checksum: text("checksum") != "", Gzip: text("gzip") != "", PGPRecipients: text("pgp_recipients"), PGPSign: text("pgp_sign") != "", Uncertain: text("uncertain"),
	}
}

func (f *connectionForm) readNetwork(read *formReader) jobs.Network {
	text := func(name string) string { return f.V("network." + name) }
	number := func(name, what string) int { return read.number("network."+name, what) }
	n := jobs.Network{
		ConnectSeconds: number("connect_seconds", "The time"), HandshakeSeconds: number("handshake_seconds", "The time"), IdleSeconds: number("idle_seconds", "The time"),
		TransferSeconds: number("transfer_seconds", "The time"), KeepAliveSeconds: number("keep_alive_seconds", "The time"),
		Concurrency: number("concurrency", "The number of files"), RequestsPerFile: number("requests_per_file", "The number of requests"),
		BytesPerSecond: read.size("network.bytes_per_second", "The speed", bytesPerKilobyte), MaxFileBytes: read.size("network.max_file_bytes", "The size", bytesPerMegabyte),
		OneFileAtATime: text("one_file_at_a_time") != "", LegacyAlgorithms: f.values["network.legacy_algorithms"], LegacyUntil: text("legacy_until"), Proxy: text("proxy"), SourceAddress: text("source_address"),
	}
	if host := text("jump.host"); host != "" {
		n.Jump = &jobs.Jump{Host: host, Port: number("jump.port", "The port"), User: text("jump.user"), HostKeys: lines(text("jump.host_keys"))}
	}
	return n
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

// valuesOf returns a connection as the form shows it. What has its usual value is shown empty: the
// field tells it.
func (p *Portal) valuesOf(c *storage.Connection) (url.Values, error) {
	v := url.Values{
		"version": {strconv.Itoa(c.Version)}, "name": {c.Name}, "host": {c.Host}, "port": {strconv.Itoa(c.Port)}, "username": {c.Username}, "auth": {c.Auth},
		"key_source": {keyKeep}, "host_keys": {strings.Join(c.HostKeys, "\n")}, "expected_by": {c.ExpectedBy}, "expected_zone": {c.ExpectedZone},
	}
	if c.Partner != 0 {
		v.Set("partner", p.id(storage.PublicPartner, int64(c.Partner)))
	}
	folders, err := jobs.FoldersOf(c)
	if err != nil {
		return nil, err
	}
	for i, folder := range folders {
		folderValues(v, folderPrefix(i), folder)
	}
	push, err := jobs.PushOf(c)
	if err != nil {
		return nil, err
	}
	pushValues(v, push)
	network, err := jobs.NetworkOf(c)
	if err != nil {
		return nil, err
	}
	networkValues(v, network)
	return v, nil
}

// usual returns a text, or nothing if it is the usual one.
func usual(text, standard string) string {
	if text == standard {
		return ""
	}
	return text
}

// usualNumber returns a number, or nothing if it is the usual one.
func usualNumber[N int | int64](n, standard N) string {
	if n == standard {
		return ""
	}
	return strconv.FormatInt(int64(n), 10)
}

// usualSize returns bytes in a unit, or nothing if they are the usual ones.
func usualSize(n int64, unit float64, standard int64) string {
	if n == standard {
		return ""
	}
	return strconv.FormatFloat(float64(n)/unit, 'f', -1, 64)
}

func folderValues(v url.Values, at string, f jobs.PullFolder) {
	stable := usualNumber(f.StableSeconds, 30)
	if f.StableSeconds == jobs.AtOnce {
		stable = "0"
	}
	for name, value := range map[string]string{
		"path": f.Path, "globs": usual(strings.Join(f.Globs, "\n"), "*"), "depth": usualNumber(f.Depth, 0), "order": usual(f.Order, jobs.OrderName),
		"max_files": usualNumber(f.MaxFiles, 10_000), "min_age_seconds": usualNumber(f.MinAgeSeconds, 0), "stable_seconds": stable,
		"done_marker": f.DoneMarker, "marker_alarm_minutes": usualNumber(f.MarkerAlarmMinutes, 60), "claim_suffix": f.ClaimSuffix,
		"temporary_suffixes": strings.Join(f.TemporarySuffixes, " "), "after": f.After, "archive_folder": f.ArchiveFolder,
		"names": strings.Join(f.Names, "\n"), "days": usualNumber(f.Days, usualDays(f)),
		"delete_after_days": usualNumber(f.DeleteAfterDays, 0), "archive_by": usual(f.ArchiveBy, jobs.ArchiveByAny),
		"after_failure": usual(f.AfterFailure, storage.AfterLeave), "error_folder": f.ErrorFolder, "unwrap": f.Unwrap,
	} {
		v.Set(at+name, value)
	}
}

// usualDays is for how many days names are looked for.
func usualDays(f jobs.PullFolder) int {
	if len(f.Names) == 0 {
		return 0
	}
	return jobs.UsualDays
}

func pushValues(v url.Values, p jobs.Push) {
	suffix := p.TemporarySuffix
	if p.TemporaryPrefix == "" {
		suffix = usual(suffix, ".tmp")
	}
	for name, value := range map[string]string{
		"folder": p.Folder, "acknowledgment_folder": p.AcknowledgmentFolder, "name_template": usual(p.NameTemplate, jobs.DefaultNameTemplate),
		"temporary_prefix": p.TemporaryPrefix, "temporary_suffix": suffix, "rename": usual(p.Rename, transfer.RenameAuto), "mode": p.Mode,
		"keep_time": yesIf(p.KeepTime), "make_folders": yesIf(p.MakeFolders), "folder_mode": p.FolderMode,
		"checksum": yesIf(p.Checksum), "gzip": yesIf(p.Gzip), "pgp_recipients": p.PGPRecipients, "pgp_sign": yesIf(p.PGPSign), "uncertain": usual(p.Uncertain, jobs.UncertainResend),
	} {
		v.Set("push."+name, value)
	}
}

func yesIf(on bool) string {
	if on {
		return "yes"
	}
	return ""
}

func networkValues(v url.Values, n jobs.Network) {
	for name, value := range map[string]string{
		"connect_seconds": usualNumber(n.ConnectSeconds, 20), "handshake_seconds": usualNumber(n.HandshakeSeconds, 30), "idle_seconds": usualNumber(n.IdleSeconds, 30),
		"transfer_seconds": usualNumber(n.TransferSeconds, 0), "keep_alive_seconds": usualNumber(n.KeepAliveSeconds, max(n.IdleSeconds/3, 1)),
		"concurrency": usualNumber(n.Concurrency, 4), "requests_per_file": usualNumber(n.RequestsPerFile, 256),
		"bytes_per_second": usualSize(n.BytesPerSecond, bytesPerKilobyte, 0), "max_file_bytes": usualSize(n.MaxFileBytes, bytesPerMegabyte, usualFileBytes),
		"one_file_at_a_time": yesIf(n.OneFileAtATime), "legacy_until": n.LegacyUntil, "proxy": n.Proxy, "source_address": n.SourceAddress,
	} {
		v.Set("network."+name, value)
	}
	v["network.legacy_algorithms"] = n.LegacyAlgorithms
	if n.Jump != nil {
		v.Set("network.jump.host", n.Jump.Host)
		v.Set("network.jump.port", usualNumber(n.Jump.Port, 22))
		v.Set("network.jump.user", n.Jump.User)
		v.Set("network.jump.host_keys", strings.Join(n.Jump.HostKeys, "\n"))
	}
}

// usualFileBytes is the largest file that connections take which say nothing else.
const usualFileBytes = 2 << 30
