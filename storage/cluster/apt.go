package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// aptPatience is how long we wait for another package manager's lock.
const aptPatience = 5 * time.Minute

// apt installs Debian packages without asking. It updates the package lists at most once.
type apt struct {
	log     *slog.Logger
	updated bool
}

// installPostgres installs the server's programs, of one major version if made is not 0. No server
// starts: Debian would make a cluster of its own, and start it and any other, on port 5432.
func (a *apt) installPostgres(ctx context.Context, made int) error {
	pkg, err := a.serverPackage(ctx, made)
	if err != nil {
		return err
	}
	if err := a.install(ctx, "postgresql-common"); err != nil { // brings the file that is switched next
		return err
	}
	restore, err := quietPostgres()
	if err != nil {
		return fmt.Errorf("keeping Debian from starting a server: %w", err)
	}
	return errors.Join(a.install(ctx, pkg), restore())
}

var dependsOnServer = regexp.MustCompile(`Depends: (postgresql-(\d+))`)

// serverPackage returns the name of the package to install, once the lists know it.
func (a *apt) serverPackage(ctx context.Context, made int) (string, error) {
	for {
		pkg, err := a.knownPackage(ctx, made)
		if pkg != "" || err != nil {
			return pkg, err
		}
		if a.updated {
			return "", errors.New("apt-get: no package has the server")
		}
		if err := a.update(ctx); err != nil {
			return "", err
		}
	}
}

// knownPackage returns the package that the lists at hand name, or "".
func (a *apt) knownPackage(ctx context.Context, made int) (string, error) {
	if made != 0 {
		pkg := "postgresql-" + strconv.Itoa(made)
		if out, err := a.run(ctx, "apt-cache", "show", pkg); err != nil || len(out) == 0 {
			return "", ctx.Err()
		}
		return pkg, nil
	}
	out, err := a.run(ctx, "apt-cache", "depends", "postgresql")
	m := dependsOnServer.FindSubmatch(out)
	if err != nil || m == nil {
		return "", ctx.Err()
	}
	major, err := parseMajor(string(m[2]))
	if err == nil && major < OldestMajor {
		err = fmt.Errorf("apt-get: this release has PostgreSQL %d, too old for us", major)
	}
	return string(m[1]), err
}

// install downloads, then installs. Only the download can be cut short: an interrupted dpkg
// leaves work for a person.
func (a *apt) install(ctx context.Context, pkg string) error {
	args := []string{
		"apt-get", "install", "-y", "-q", "--no-install-recommends",
		"-o", fmt.Sprintf("DPkg::Lock::Timeout=%d", int(aptPatience.Seconds())),
		"-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold",
	}
	_, err := a.run(ctx, slices.Concat(args, []string{"--download-only", pkg})...)
	if err != nil && !a.updated && ctx.Err() == nil { // old lists name files that are gone
		if err = a.update(ctx); err == nil {
			_, err = a.run(ctx, slices.Concat(args, []string{"--download-only", pkg})...)
		}
	}
	if err != nil {
		return err
	}
	_, err = a.run(context.WithoutCancel(ctx), append(args, pkg)...)
	return err
}

// update fetches the package lists; their lock has no time-out of apt's own.
func (a *apt) update(ctx context.Context) error {
	a.updated = true
	ctx, cancel := context.WithTimeout(ctx, aptPatience)
	defer cancel()
	var last error
	err := poll(ctx, 2*time.Second, func() (bool, error) {
		out, err := a.run(ctx, "apt-get", "update", "-q")
		if err != nil && strings.Contains(string(out), "Could not get lock") {
			last = err
			return false, nil
		}
		return err == nil, err
	})
	if err != nil {
		return errors.Join(err, last)
	}
	return nil
}

func (a *apt) run(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return out, fmt.Errorf("%s %s: %w: %s", args[0], args[1], err, lastLine(out))
	}
	return out, nil
}

const (
	createClusterConf = "/etc/postgresql-common/createcluster.conf"
	policyFile        = "/usr/sbin/policy-rc.d"
)

// quietPostgres keeps the package's installation from making or starting a cluster, and returns
// what puts the machine's own settings back: later installations are not our business.
func quietPostgres() (restore func() error, err error) {
	old, err := os.ReadFile(createClusterConf)
	if err != nil {
		return nil, err
	}
	quiet := append(slices.Clone(old), "\n# for the moment of an installation by ediport\ncreate_main_cluster = false\n"...)
	if err := os.WriteFile(createClusterConf, quiet, 0o644); err != nil {
		return nil, err
	}
	ourPolicy, err := writePolicy()
	return func() error {
		err := os.WriteFile(createClusterConf, old, 0o644)
		if ourPolicy {
			err = errors.Join(err, os.Remove(policyFile))
		}
		return err
	}, err
}

// writePolicy tells Debian's installers not to start Postgres. A machine's own policy stays.
func writePolicy() (ours bool, err error) {
	const policy = "#!/bin/sh\n# for the moment of an installation by ediport: start no Postgres\n" +
		"case \"$1\" in postgresql*) exit 101 ;; esac\nexit 0\n"
	f, err := os.OpenFile(policyFile, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	_, err = f.WriteString(policy)
	return true, errors.Join(err, f.Chmod(0o755), f.Close())
}
