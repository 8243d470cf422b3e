package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// OldestMajor is the oldest major version of Postgres that ediport works with.
const OldestMajor = 15

// Binaries is a folder of Postgres programs; it holds at least postgres and initdb.
type Binaries struct {
	Dir   string
	Major int
}

// knownFolders are where distributions, Homebrew, Postgres.app and we put Postgres.
var knownFolders = []string{
	"/usr/lib/postgresql/*/bin", // Debian, Ubuntu
	"/usr/pgsql-*/bin",          // postgresql.org for Red Hat
	"/usr/lib/postgresql*/bin",  // SUSE
	"/usr/libexec/postgresql*",  // Alpine
	"/opt/homebrew/opt/postgresql@*/bin",
	"/usr/local/opt/postgresql@*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
}

// Find returns the Postgres programs on this machine, newest major version first: those in
// opts.BinDir alone if it is set, else those in the known folders, on PATH and in the cache of
// fetched ones. Versions before [OldestMajor] are left out. It never fetches.
func Find(ctx context.Context, opts Options) ([]Binaries, error) {
	return find(ctx, opts.withDefaults())
}

func find(ctx context.Context, opts Options) ([]Binaries, error) {
	if opts.BinDir != "" {
		b, err := inspectBinaries(ctx, opts.BinDir)
		if err != nil {
			return nil, fmt.Errorf("EDIPORT_PG_BIN: %w", err)
		}
		if b.Major < OldestMajor {
			return nil, fmt.Errorf("EDIPORT_PG_BIN: %s holds PostgreSQL %d; %d or newer is needed", b.Dir, b.Major, OldestMajor)
		}
		return []Binaries{b}, nil
	}
	var found []Binaries
	for _, dir := range candidates(opts) {
		b, err := inspectBinaries(ctx, dir)
		if err == nil && b.Major >= OldestMajor {
			found = append(found, b)
		}
	}
	// Stable: of the same version, the first place wins.
	slices.SortStableFunc(found, func(a, b Binaries) int { return cmp.Compare(b.Major, a.Major) })
	return found, nil
}

// candidates returns the folders that hold both programs, in the order of trust, each once.
func candidates(opts Options) []string {
	var dirs []string
	add := func(dir string) {
		program, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres"))
		if err != nil {
			return
		}
		dir = filepath.Dir(program)
		if _, err := os.Stat(filepath.Join(dir, "initdb")); err == nil && !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	for _, pattern := range knownFolders {
		matches, _ := filepath.Glob(pattern) // the patterns are well formed
		for _, dir := range matches {
			add(dir)
		}
	}
	if program, err := exec.LookPath("postgres"); err == nil {
		add(filepath.Dir(program))
	}
	if opts.CacheDir != "" {
		add(npmBinDir(opts.CacheDir))
	}
	return dirs
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// inspectBinaries asks the programs in dir for their version, which also shows that they run here.
func inspectBinaries(ctx context.Context, dir string) (Binaries, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Binaries{}, err
	}
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return Binaries{}, fmt.Errorf("%s does not hold initdb: %w", dir, err)
	}
	out, err := runAs(ctx, owner{}, "/", filepath.Join(dir, "postgres"), "--version")
	if err != nil {
		return Binaries{}, fmt.Errorf("%s: postgres does not run: %w", dir, err)
	}
	m := versionLine.FindSubmatch(out)
	if m == nil {
		return Binaries{}, fmt.Errorf("%s: postgres does not say its version", dir)
	}
	major, err := parseMajor(string(m[1]))
	return Binaries{Dir: dir, Major: major}, err
}

func parseMajor(s string) (int, error) {
	major, err := strconv.Atoi(s)
	if err != nil || major < 1 {
		return 0, fmt.Errorf("%q is no major version of Postgres", s)
	}
	return major, nil
}

// choose returns the programs for the cluster: of the version that made it or, for a new one
// (made is 0), the newest. It fetches them if that is allowed and needed.
func choose(ctx context.Context, l layout, opts Options, made int) (Binaries, error) {
	found, err := find(ctx, opts)
	if err != nil {
		return Binaries{}, err
	}
	if b, ok := pick(found, made); ok {
		return b, nil
	}
	var tried error
	if opts.BinDir == "" && opts.AllowFetch && ctx.Err() == nil {
		tried = fetch(ctx, opts, made)
		if found, err = find(ctx, opts); err != nil {
			return Binaries{}, err
		}
		if b, ok := pick(found, made); ok {
			return b, nil
		}
	}
	if ctx.Err() != nil { // which also makes programs look unusable
		return Binaries{}, context.Cause(ctx)
	}
	if len(found) > 0 {
		return Binaries{}, &VersionError{Dir: l.data(), Made: made, Found: found}
	}
	return Binaries{}, &MissingError{Command: installCommand(made), Tried: tried}
}

func pick(found []Binaries, made int) (Binaries, bool) {
	i := slices.IndexFunc(found, func(b Binaries) bool { return made == 0 || b.Major == made })
	if i < 0 {
		return Binaries{}, false
	}
	return found[i], true
}

// checkReach makes sure that the server's user can enter the cluster's folder and run the programs;
// the kernel's own message would name neither.
func checkReach(ctx context.Context, own owner, home string, bin Binaries) error {
	if !own.drop {
		return nil
	}
	program := filepath.Join(bin.Dir, "postgres")
	_, err := runAs(ctx, own, home, program, "--version")
	if err == nil || ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if !errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("running %s as user %s: %w", program, own.name, err)
	}
	path := home
	if _, err := runAs(ctx, own, "/", program, "--version"); err != nil {
		path = program
	}
	return &ReachError{Path: path, Parent: obstacle(own, path), User: own.name}
}
