package web

import (
	"maps"
	"net/url"
	"reflect"
	"slices"
	"testing"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/storage"
)

// everySetting is a connection's form with something in every field.
func everySetting() url.Values {
	v := url.Values{"network.legacy_algorithms": {"ssh-rsa", "hmac-sha1"}}
	for name, value := range map[string]string{
		"version": "3", "name": "Tamarind", "host": "sftp.example", "port": "2222", "username": "cedar", "auth": "key", "key_source": "keep",
		"host_keys": "ssh-ed25519 SHA256:a\nssh-rsa SHA256:b", "expected_by": "0 7 * * 1-5", "expected_zone": "America/Chicago",
		"push.folder": "to", "push.acknowledgment_folder": "acks", "push.name_template": "{set}_{seq}.x12", "push.temporary_prefix": "~", "push.temporary_suffix": ".part",
		"push.rename": "plain", "push.mode": "0640", "push.keep_time": "yes", "push.make_folders": "yes", "push.folder_mode": "0750", "push.checksum": "yes", "push.gzip": "yes", "push.pgp_recipients": "key", "push.pgp_sign": "yes", "push.uncertain": "ask",
		"network.connect_seconds": "5", "network.handshake_seconds": "6", "network.idle_seconds": "60", "network.transfer_seconds": "700", "network.keep_alive_seconds": "9",
		"network.concurrency": "1", "network.requests_per_file": "64", "network.bytes_per_second": "0.999", "network.max_file_bytes": "100.000001", "network.one_file_at_a_time": "yes",
		"network.legacy_until": "2027-06-30", "network.proxy": "socks5://p:1080", "network.source_address": "192.0.2.10",
		"network.jump.host": "j", "network.jump.port": "2022", "network.jump.user": "u", "network.jump.host_keys": "ssh-ed25519 SHA256:c",
	} {
		v.Set(name, value)
	}
	for _, at := range []string{"folders[0].", "folders[1]."} {
		for name, value := range map[string]string{
			"path": "out", "globs": "*.835\n!*.tmp", "depth": "2", "order": "oldest", "max_files": "7", "min_age_seconds": "8", "stable_seconds": "0", "done_marker": ".done",
			"marker_alarm_minutes": "15", "claim_suffix": ".ours", "temporary_suffixes": ".x .y", "after": "archive", "archive_folder": "old/{yyyy}", "after_failure": "move",
			"error_folder": "bad", "unwrap": "auto", "names": "a.835\n{yyyymmdd}.835", "days": "9", "archive_by": "rename",
		} {
			v.Set(at+name, value)
		}
	}
	v.Del("folders[1].archive_folder")
	v.Del("folders[1].archive_by")
	v.Set("folders[1].after", "delete")
	v.Set("folders[1].delete_after_days", "30")
	return v
}

func TestEverySettingOfAConnectionComesBackToItsField(t *testing.T) {
	t.Parallel()
	var p *Portal // which only partners need
	want := everySetting()
	form, c := parseConnection(want), &storage.Connection{}
	if wrong := form.apply(p, c); wrong != nil {
		t.Fatalf("the form is refused: %v", wrong)
	}
	got, err := p.valuesOf(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if !reflect.DeepEqual(got[name], want[name]) {
			t.Errorf("%s comes back as %q, want %q", name, got[name], want[name])
		}
	}
	for name, all := range got {
		if want[name] == nil && slices.ContainsFunc(all, func(s string) bool { return s != "" }) {
			t.Errorf("%s comes back as %q, want nothing", name, all)
		}
	}
}

func TestUsualSettingsStandEmptyInTheirFields(t *testing.T) {
	t.Parallel()
	var p *Portal
	c := &storage.Connection{}
	jobs.SetFolders(c, jobs.PullFolder{Path: "."})
	v, err := p.valuesOf(c)
	if err != nil {
		t.Fatal(err)
	}
	for name, all := range v {
		switch name {
		case "version", "port", "key_source", "folders[0].path", "folders[0].after", "network.legacy_algorithms":
		default:
			if slices.ContainsFunc(all, func(s string) bool { return s != "" }) {
				t.Errorf("%s shows %q, though it is what is usual", name, all)
			}
		}
	}
}

func TestFoldersAreAddedRemovedAndNumberedAnew(t *testing.T) {
	t.Parallel()
	v := url.Values{"folders[0].path": {"a"}, "folders[2].path": {"b"}, "folders[2].globs": {"*.x"}, "folders[5].path": {"c"}, "password": {"SECRET"}}
	paths := func(change url.Values) (all []string) {
		for name, values := range v {
			change[name] = values
		}
		form := parseConnection(change)
		if form.V("password") != "" || form.secrets.Password != "SECRET" {
			t.Error("the form keeps a secret")
		}
		for _, f := range form.folders() {
			all = append(all, f.V("path")+f.V("globs"))
		}
		return all
	}
	for what, tc := range map[string]struct {
		change url.Values
		want   []string
	}{
		"as it is": {url.Values{}, []string{"a", "b*.x", "c"}}, "one more": {url.Values{"add_folder": {"yes"}}, []string{"a", "b*.x", "c", ""}},
		"one less": {url.Values{"remove_folder": {"2"}}, []string{"a", "c"}},
	} {
		if got := paths(tc.change); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q, want %q", what, got, tc.want)
		}
	}
}
