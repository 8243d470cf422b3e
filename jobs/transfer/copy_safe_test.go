package transfer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
)

// oldFile puts a file of April into the folder out and returns it as listed.
func oldFile(t *testing.T, server *sshdtest.Server, client *transfer.Client, content []byte) transfer.RemoteFile {
	t.Helper()
	server.WriteFile("out/a.835", content)
	if err := os.Chtimes(server.Path("out", "a.835"), april, april); err != nil {
		t.Fatal(err)
	}
	return only(t, client, server.Path("out"))
}

func isThere(t *testing.T, path string, want []byte) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s: %d bytes, %v, want it whole", filepath.Base(path), len(got), err)
	}
}

// TestAFileIsNotItsOwnCopy: an archive folder that leads to where the file is, or a link that has the copy's name, is no copy.
func TestAFileIsNotItsOwnCopy(t *testing.T) {
	t.Parallel()
	content := randomBytes(5000)
	t.Run("the folder", func(t *testing.T) {
		t.Parallel()
		server := sshdtest.Start(t, sshdtest.Options{Config: noRename})
		client := dial(t, endpoint(server))
		file := oldFile(t, server, client, content)
		if err := os.Symlink(server.Path("out"), server.Path("old")); err != nil {
			t.Fatal(err)
		}
		if _, err := client.ArchiveCopy(t.Context(), file, server.Path("old"), copyOf(content)); err == nil {
			t.Error("no error")
		}
		isThere(t, server.Path("out", "a.835"), content)
	})
	t.Run("the name", func(t *testing.T) {
		t.Parallel()
		server := sshdtest.Start(t, sshdtest.Options{Config: noRename})
		client := dial(t, endpoint(server))
		file := oldFile(t, server, client, content)
		server.WriteFile("old/before.835", nil)
		if err := os.Symlink(server.Path("out", "a.835"), server.Path("old", "a.835")); err != nil {
			t.Fatal(err)
		}
		where, err := client.ArchiveCopy(t.Context(), file, server.Path("old"), copyOf(content))
		if err != nil {
			t.Fatal(err)
		}
		isThere(t, where, content)
	})
}

// TestCopyThatVanishes: that the copy is gone does not mean that the file is: it stays, and nobody is told that it was not there.
func TestCopyThatVanishes(t *testing.T) {
	t.Parallel()
	content := randomBytes(5000)
	for name, c := range map[string]struct{ config, gone string }{"before it is named": {"", "*.tmp"}, "in place": {noRename, "*.835"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := sshdtest.Start(t, sshdtest.Options{Config: c.config})
			client := dial(t, endpoint(server))
			file := oldFile(t, server, client, content)
			_, err := client.ArchiveCopy(t.Context(), file, server.Path("old"), copyOf(content, func(from *transfer.Copy) {
				from.Copied = func() error {
					all, err := filepath.Glob(server.Path("old", c.gone))
					for _, one := range all {
						err = errors.Join(err, os.Remove(one))
					}
					return err
				}
			}))
			if err == nil || errors.Is(err, transfer.ErrNotFound) || errors.Is(err, transfer.ErrChanged) {
				t.Errorf("ArchiveCopy = %v, want a failure of the copy", err)
			}
			isThere(t, server.Path("out", "a.835"), content)
		})
	}
}

// TestWholeCopyIsNotWrittenAgain: where nothing is renamed and times can't be set, a whole copy of an attempt that ended is left as it is:
// another attempt at it that is cut off would spoil it when the file is gone.
func TestWholeCopyIsNotWrittenAgain(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{Config: noRename + ",setstat,fsetstat"})
	client := dial(t, endpoint(server))
	content := randomBytes(5000)
	file := oldFile(t, server, client, content)
	stopped := copyOf(content, func(c *transfer.Copy) { c.Named = func() error { return errors.New("stopped") } })
	if _, err := client.ArchiveCopy(t.Context(), file, server.Path("old"), stopped); err == nil {
		t.Fatal("no error")
	}
	again := copyOf(content, func(c *transfer.Copy) {
		c.Attempt, c.Open = "17-3", func() (io.ReadCloser, error) { return nil, errors.New("it is read once more") }
	})
	where, err := dial(t, endpoint(server)).ArchiveCopy(t.Context(), file, server.Path("old"), again)
	if err != nil || where != server.Path("old", "a.835") {
		t.Fatalf("the next attempt: %q, %v", where, err)
	}
	isThere(t, where, content)
	if names, _ := filepath.Glob(server.Path("old", "*")); len(names) != 1 {
		t.Errorf("in the archive: %v", names)
	}
}

// TestCopyOfAnOldFileIsLeftToItsAttempt: what a copy under way has written is not what an attempt of days ago left, however old the file is.
func TestCopyOfAnOldFileIsLeftToItsAttempt(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{})
	client := dial(t, endpoint(server))
	content := randomBytes(5000)
	file := oldFile(t, server, client, content)
	server.WriteFile("more/b.835", content)
	where, err := client.ArchiveCopy(t.Context(), file, server.Path("old"), copyOf(content, func(c *transfer.Copy) {
		c.Copied = func() error {
			other := dial(t, endpoint(server))
			_, err := other.ArchiveCopy(t.Context(), only(t, other, server.Path("more")), server.Path("old"), copyOf(content))
			return err
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	isThere(t, where, content)
	if info, err := os.Stat(where); err != nil || !info.ModTime().Equal(april) {
		t.Errorf("its time: %v, %v", info.ModTime(), err)
	}
}

// TestOvertakenCopyKeepsItsMark: what says that a copy in place is not whole is not removed before the copy is whole.
func TestOvertakenCopyKeepsItsMark(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{Config: noRename})
	client := dial(t, endpoint(server))
	content := randomBytes(3 << 20)
	file := oldFile(t, server, client, content)
	first := dial(t, endpoint(server))
	cut := copyOf(content, func(c *transfer.Copy) { cutWhileWritten(content, 2)(c, first, server) })
	if _, err := first.ArchiveCopy(t.Context(), file, server.Path("old"), cut); err == nil {
		t.Fatal("no error")
	}
	if _, err := client.RemoveCopy(t.Context(), file, server.Path("old"), cut.Attempt); err != nil {
		t.Fatal(err)
	}
	again := copyOf(content, func(c *transfer.Copy) { c.Attempt = "17-3" })
	where, err := client.ArchiveCopy(t.Context(), file, server.Path("old"), again)
	if err != nil || where != server.Path("old", "a.835") {
		t.Errorf("the next attempt: %q, %v", where, err)
	}
	isThere(t, server.Path("old", "a.835"), content)
	if names, _ := filepath.Glob(server.Path("old", "*")); len(names) != 1 {
		t.Errorf("in the archive: %v", names)
	}
}

// TestCopiesOfOneNameAtOnce: two files of one name, from two folders, that are archived at the same moment both arrive, also where
// renaming replaces what has the name.
func TestCopiesOfOneNameAtOnce(t *testing.T) {
	t.Parallel()
	atBoth(t, func(t *testing.T, partner partnerServer) {
		client := dial(t, partner.endpoint)
		const pairs = 20
		for i := range pairs {
			var both, copied sync.WaitGroup
			copied.Add(2)
			for _, folder := range []string{"one", "two"} {
				folder += strconv.Itoa(i)
				partner.write(t, fmt.Sprintf("%s/a%d.835", folder, i), []byte(folder))
				file := only(t, client, partner.path(folder))
				both.Go(func() {
					from, once := copyOf([]byte(folder)), sync.Once{}
					from.Copied = func() error { once.Do(func() { copied.Done(); copied.Wait() }); return nil }
					if _, err := client.ArchiveCopy(context.WithoutCancel(t.Context()), file, partner.path("old"), from); err != nil {
						once.Do(copied.Done)
						t.Error(err)
					}
				})
			}
			both.Wait()
		}
		if names := partner.names(t, "old"); len(names) != 2*pairs {
			t.Errorf("%d copies of %d files: %v", len(names), 2*pairs, names)
		}
	})
}
