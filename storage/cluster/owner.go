package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// An owner is the OS user that the server runs as and that its files belong to.
type owner struct {
	uid, gid int
	name     string
	drop     bool // we are root and must become this user to run the server
}

// findOwner returns the user of an existing cluster, else ourselves, else (Postgres refuses
// to run as root) the user postgres or nobody.
func findOwner(l layout) (owner, error) {
	self := os.Geteuid()
	st, err := os.Stat(l.data())
	switch {
	case errors.Is(err, fs.ErrNotExist) && self == 0:
		return unprivileged()
	case errors.Is(err, fs.ErrNotExist):
		return ownerByID(self)
	case err != nil:
		return owner{}, err
	}
	uid := int(st.Sys().(*syscall.Stat_t).Uid)
	if uid == 0 {
		return owner{}, fmt.Errorf("%s belongs to root, as whom Postgres refuses to run: chown it to the user that made it", l.data())
	}
	own, err := ownerByID(uid)
	if err != nil {
		return owner{}, err
	}
	if self != 0 && self != uid {
		return owner{}, fmt.Errorf("%s belongs to user %q: run ediport as that user or as root", l.data(), own.name)
	}
	return own, nil
}

func unprivileged() (owner, error) {
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			return toOwner(u)
		}
	}
	return owner{}, errors.New("there is neither a user postgres nor nobody to run Postgres as, which refuses to run as root: create one or start ediport as a normal user")
}

func ownerByID(uid int) (owner, error) {
	u, err := user.LookupId(strconv.Itoa(uid))
	if err != nil {
		return owner{}, fmt.Errorf("user id %d has no name on this machine, and Postgres signs people in by name: add the user (%w)", uid, err)
	}
	return toOwner(u)
}

func toOwner(u *user.User) (owner, error) {
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return owner{}, fmt.Errorf("user %s: %w", u.Username, err)
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return owner{}, fmt.Errorf("user %s: %w", u.Username, err)
	}
	return owner{uid: uid, gid: gid, name: u.Username, drop: os.Geteuid() == 0}, nil
}

// give makes the owner own path.
func (o owner) give(path string) error {
	if !o.drop {
		return nil
	}
	return os.Lchown(path, o.uid, o.gid)
}

// credential returns what a child must become, nil if it stays what we are.
func (o owner) credential() *syscall.Credential {
	if !o.drop {
		return nil
	}
	return &syscall.Credential{Uid: uint32(o.uid), Gid: uint32(o.gid)}
}

// signers returns the names of the OS users that may sign in: the server's own and root, who could
// become it anyway.
func (o owner) signers() []string {
	names := []string{o.name}
	if u, err := user.LookupId("0"); err == nil && u.Username != o.name {
		names = append(names, u.Username)
	}
	return names
}

// obstacle returns the first folder on the way to path that the owner may not enter, going by the
// permission bits.
func obstacle(own owner, path string) string {
	for i := 1; i < len(path); i++ {
		if path[i] != os.PathSeparator {
			continue
		}
		if st, err := os.Stat(path[:i]); err == nil && !mayEnter(own, st) {
			return path[:i]
		}
	}
	return path
}

func mayEnter(own owner, st fs.FileInfo) bool {
	sys := st.Sys().(*syscall.Stat_t)
	bit := fs.FileMode(0o001)
	switch {
	case int(sys.Uid) == own.uid:
		bit = 0o100
	case int(sys.Gid) == own.gid:
		bit = 0o010
	}
	return st.Mode().Perm()&bit != 0
}
