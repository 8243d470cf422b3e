package sshdtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// installation is where the parts of an OpenSSH server are.
type installation struct {
	sshd      string
	session   string // sshd-session: since OpenSSH 9.8 a program of its own
	auth      string // sshd-auth: since OpenSSH 10.0
	wrapper   string // libnss_wrapper.so; "" if there is none
	libraries []string
}

// environment returns what makes an unpacked sshd find the libraries unpacked beside it.
func (i installation) environment() []string {
	if len(i.libraries) == 0 {
		return nil
	}
	return []string{"LD_LIBRARY_PATH=" + strings.Join(i.libraries, ":")}
}

// find returns the installation to use: EDIPORT_SSHD, the one unpacked in the cache, the system's.
// The cache comes before the system because it has libnss_wrapper, too.
func find() (installation, bool) {
	unpacked := filepath.Join(cacheFolder(), "openssh", "root")
	for _, sshd := range []string{
		os.Getenv("EDIPORT_SSHD"), filepath.Join(unpacked, "usr/sbin/sshd"), "/usr/sbin/sshd",
	} {
		if !isFile(sshd) {
			continue
		}
		found := installation{sshd: sshd}
		if strings.HasPrefix(sshd, unpacked) {
			found.libraries = libraryFolders(unpacked)
			found.session = existing(filepath.Join(unpacked, "usr/lib/openssh/sshd-session"))
			found.auth = existing(filepath.Join(unpacked, "usr/lib/openssh/sshd-auth"))
		}
		found.wrapper = findWrapper(unpacked)
		return found, true
	}
	return installation{}, false
}

// require is find for a test that cannot go on without.
func require(t testing.TB) installation {
	t.Helper()
	found, ok := find()
	if ok {
		return found
	}
	giveUp(t, "no OpenSSH server on this machine: run .ci/deps.d/openssh, or name one in EDIPORT_SSHD")
	return found
}

// giveUp skips the test, or fails it where a skip must not pass for success.
func giveUp(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
}

func cacheFolder() string {
	if folder := os.Getenv("EDIPORT_CACHE"); folder != "" {
		return folder
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return os.DevNull // nothing is found below it
	}
	return filepath.Join(home, ".cache", "ediport")
}

func findWrapper(unpacked string) string {
	for _, pattern := range []string{
		filepath.Join(unpacked, "usr/lib/*/libnss_wrapper.so"),
		"/usr/lib/*/libnss_wrapper.so", "/usr/lib64/libnss_wrapper.so", "/usr/lib/libnss_wrapper.so",
	} {
		if found, err := filepath.Glob(pattern); err == nil && len(found) > 0 {
			return found[0]
		}
	}
	return ""
}

func libraryFolders(root string) []string {
	var folders []string
	seen := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		folder := filepath.Dir(path)
		if err == nil && strings.Contains(entry.Name(), ".so") && !seen[folder] {
			seen[folder] = true
			folders = append(folders, folder)
		}
		return err
	})
	if err != nil {
		return nil
	}
	return folders
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return path != "" && err == nil && info.Mode().IsRegular()
}

func existing(path string) string {
	if isFile(path) {
		return path
	}
	return ""
}
