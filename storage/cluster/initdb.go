package cluster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Roles are the database roles that the OS users of the cluster may sign in as. initdb
// makes the first, the owner; the schema makes the others.
var Roles = []string{"ediport", "ediport_loader", "ediport_app"}

// superuser is the first role and the one this package itself signs in as.
const superuser = "ediport"

// createCluster runs initdb into a folder beside data and renames it: a cluster is whole or
// it is not there. What an interrupted attempt left is never mistaken for one.
func createCluster(ctx context.Context, l layout, bin Binaries, own owner, noSync bool) error {
	old, err := filepath.Glob(filepath.Join(escapeGlob(l.home), "data.tmp-*"))
	if err != nil {
		return err
	}
	for _, dir := range old { // no server ever ran there: nothing of anybody's is in it
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	tmp, err := os.MkdirTemp(l.home, "data.tmp-")
	if err != nil {
		return err
	}
	if err := own.give(tmp); err != nil {
		return err
	}
	if err := initdb(ctx, tmp, bin, own, noSync); err != nil {
		_ = os.RemoveAll(tmp)
		return err
	}
	if err := os.Rename(tmp, l.data()); err != nil {
		return err
	}
	return syncDir(l.home)
}

// initdb syncs once at its end, before the rename. Locale C makes the cluster the same
// everywhere; names are sorted with an explicit collation.
func initdb(ctx context.Context, dir string, bin Binaries, own owner, noSync bool) error {
	args := []string{"-D", dir, "-U", superuser, "-E", "UTF8", "--locale=C", "-A", "peer", "-k"}
	if noSync {
		args = append(args, "--no-sync")
	}
	out, err := runAs(ctx, own, "/", filepath.Join(bin.Dir, "initdb"), args...)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return fmt.Errorf("creating the Postgres cluster: %w: %s", err, strings.Join(strings.Fields(string(out)), " "))
	}
	return nil
}

// writeAccess lets the OS users sign in as our roles through the socket, by who they are: there is
// no password. The files stand outside the cluster's own and are written at each start.
func writeAccess(l layout, own owner) error {
	hba := "# written at each start\nlocal all all peer map=ediport\nlocal replication all peer map=ediport\n"
	if err := replaceFile(l.hba(), hba, own); err != nil {
		return err
	}
	var ident strings.Builder
	ident.WriteString("# written at each start\n")
	for _, name := range own.signers() {
		for _, role := range Roles {
			fmt.Fprintf(&ident, "ediport \"%s\" %s\n", name, role)
		}
	}
	return replaceFile(l.ident(), ident.String(), own)
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// escapeGlob makes a path match only itself.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}
