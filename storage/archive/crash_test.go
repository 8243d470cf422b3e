package archive

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ediport/ediport/storage/keys"
)

const (
	envChild = "ARCHIVE_TEST_CHILD" // what the child does
	envDir   = "ARCHIVE_TEST_DIR"   // archive and key file below it
)

func TestMain(m *testing.M) {
	if what := os.Getenv(envChild); what != "" {
		if err := child(what, os.Getenv(envDir)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child is another process that uses the archive in dir; it tells its parent on stdout how far it is.
func child(what, dir string) error {
	a, err := openDir(dir)
	if err != nil {
		return err
	}
	switch what {
	case "no space":
		return writeBeyondLimit(a)
	case "write once":
		w, err := a.Create(context.Background())
		if err == nil {
			_, err = w.Commit()
		}
		return err
	}
	for { // "write for ever": blobs of 3 MB, one after the other, until it is killed
		w, err := a.Create(context.Background())
		if err != nil {
			return err
		}
		for range 3 {
			if _, err := w.Write(make([]byte, 1<<20)); err != nil {
				return err
			}
			fmt.Println("written", w.name)
		}
		if _, err := w.Commit(); err != nil {
			return err
		}
		fmt.Println("committed", w.name)
	}
}

func openDir(dir string) (*Archive, error) {
	ring, _, err := keys.LoadOrCreate(filepath.Join(dir, "master.key"), slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	return Open(filepath.Join(dir, "archive"), ring)
}

// writeBeyondLimit writes until the system refuses, as it does on a full disk, and reports what became of it.
func writeBeyondLimit(a *Archive) error {
	const limit = 1 << 20
	signal.Ignore(syscall.SIGXFSZ) // else the refused write ends the process
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
		return err
	}
	w, err := a.Create(context.Background())
	if err != nil {
		return err
	}
	var werr error
	for werr == nil && w.Size() < 4*limit {
		_, werr = w.Write(make([]byte, 100_000))
	}
	if !errors.Is(werr, syscall.EFBIG) {
		return fmt.Errorf("writing beyond the limit: %w, want EFBIG", werr)
	}
	if _, again := w.Write([]byte("more")); !errors.Is(again, syscall.EFBIG) {
		return fmt.Errorf("writing after the error: %w, want EFBIG again", again)
	}
	if _, err := w.Commit(); !errors.Is(err, syscall.EFBIG) {
		return fmt.Errorf("Commit after the error: %w, want EFBIG", err)
	}
	// The same when only the last package, written by Commit, doesn't fit.
	if w, err = a.Create(context.Background()); err != nil {
		return err
	}
	if _, err := w.Write(make([]byte, limit)); err != nil { // 15 packages stored, the 16th in hand
		return fmt.Errorf("writing up to the limit: %w", err)
	}
	if _, err := w.Commit(); !errors.Is(err, syscall.EFBIG) {
		return fmt.Errorf("Commit that must write beyond the limit: %w, want EFBIG", err)
	}
	return nil
}

func startChild(t *testing.T, what, dir string) (cmd *exec.Cmd, stdout io.Reader, stderr *bytes.Buffer) {
	t.Helper()
	cmd = exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), envChild+"="+what, envDir+"="+dir)
	stderr = new(bytes.Buffer)
	cmd.Stderr = stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, stdout, stderr
}

// A disk that is full leaves no blob, no temporary file, and an error that says so.
func TestNoSpaceLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd, stdout, stderr := startChild(t, "no space", dir)
	_, _ = io.Copy(io.Discard, stdout)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, stderr)
	}
	if got := files(t, filepath.Join(dir, "archive")); len(got) != 0 {
		t.Errorf("left: %v", got)
	}
}

// A process killed at any moment leaves at most one temporary file. What it committed is whole,
// what others committed is untouched, and a sweep cleans up.
func TestKillWhileWriting(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, err := openDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	mine := put(t, a, randomBytes(1, 200_000))
	for _, killAfter := range []int{1, 2, 3, 4, 6, 9} { // lines of the child; 4 is the first commit
		cmd, stdout, stderr := startChild(t, "write for ever", dir)
		committed, lines := 0, 0
		for scanner := bufio.NewScanner(stdout); scanner.Scan(); {
			lines++
			if strings.HasPrefix(scanner.Text(), "committed ") {
				committed++
			}
			if lines == killAfter {
				_ = cmd.Process.Kill() // the rest of its lines is still read
			}
		}
		var exit *exec.ExitError
		if err := cmd.Wait(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("the child was not killed: %v: %s", err, stderr)
		}
		assertAfterKill(t, a, dir, mine, committed)
	}
}

func assertAfterKill(t *testing.T, a *Archive, dir string, mine Blob, committed int) {
	t.Helper()
	partial := 0
	for _, file := range files(t, filepath.Join(dir, "archive")) {
		if strings.HasSuffix(file, pendingSuffix) {
			partial++
			continue
		}
		info, err := os.Stat(filepath.Join(dir, "archive", file))
		if err != nil {
			t.Fatal(err)
		}
		if whole := int64(3<<20 + 48*packageOverhead); filepath.Base(file) != mine.Name && info.Size() != whole {
			t.Errorf("a committed blob has %d bytes, want %d", info.Size(), whole)
		}
	}
	if partial > 1 {
		t.Errorf("%d temporary files, want at most 1", partial)
	}
	known := func(_ context.Context, names []string) (map[string]bool, error) {
		return map[string]bool{mine.Name: true}, nil
	}
	report, err := a.Sweep(t.Context(), -time.Hour, known)
	if err != nil {
		t.Fatal(err)
	}
	// A last commit may have happened without the child living to say so.
	if report.StaleRemoved != partial || report.OrphanCount < committed || report.OrphanCount > committed+1 {
		t.Errorf("sweep: %+v, want %d temporary files removed and %d orphans or one more", report, partial, committed)
	}
	for _, orphan := range report.Orphans {
		if err := a.Delete(orphan.Name); err != nil {
			t.Error(err)
		}
	}
	if got := files(t, filepath.Join(dir, "archive")); len(got) != 1 {
		t.Errorf("left after the sweep: %v, want my blob alone", got)
	}
	if err := a.Verify(t.Context(), mine); err != nil {
		t.Error(err)
	}
}

// When a step of Commit fails, nothing is left and the error says why.
func TestCommitFailures(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		spoil func(t *testing.T, w *Writer, cancel context.CancelFunc)
		want  error
	}{
		{"cancelled", func(_ *testing.T, _ *Writer, cancel context.CancelFunc) { cancel() }, context.Canceled},
		{"file closed under it: write fails", func(t *testing.T, w *Writer, _ context.CancelFunc) {
			if err := w.pending.(*pendingFile).Close(); err != nil {
				t.Fatal(err)
			}
		}, os.ErrClosed},
		{"temporary file swept away: rename fails", func(t *testing.T, w *Writer, _ context.CancelFunc) {
			if err := os.Remove(w.pending.(*pendingFile).path + pendingSuffix); err != nil {
				t.Fatal(err)
			}
		}, fs.ErrNotExist},
		{"aborted", func(t *testing.T, w *Writer, _ context.CancelFunc) {
			if err := w.Abort(); err != nil {
				t.Fatal(err)
			}
		}, ErrClosed},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a, dir := newArchive(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			w, err := a.Create(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write([]byte("content")); err != nil {
				t.Fatal(err)
			}
			test.spoil(t, w, cancel)
			if blob, err := w.Commit(); !errors.Is(err, test.want) || blob.Name != "" {
				t.Errorf("Commit: %v, %v; want %v", blob.Name, err, test.want)
			}
			if _, err := w.Write([]byte("x")); err == nil {
				t.Error("Write after a failed Commit succeeded")
			}
			if err := w.Abort(); err != nil {
				t.Errorf("Abort afterwards: %v", err)
			}
			if got := files(t, dir); len(got) != 0 {
				t.Errorf("left: %v", got)
			}
		})
	}
}

func TestWriterEndsOnce(t *testing.T) {
	t.Parallel()
	a, dir := newArchive(t)
	w, err := a.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	blob, err := w.Commit()
	if err != nil || blob.SHA256 != sha256.Sum256(nil) {
		t.Fatalf("empty blob: %v", err)
	}
	if err := w.Abort(); err != nil {
		t.Errorf("Abort after Commit: %v", err)
	}
	if _, err := w.Commit(); !errors.Is(err, ErrClosed) {
		t.Errorf("second Commit: %v, want ErrClosed", err)
	}
	if _, err := w.Write([]byte("x")); !errors.Is(err, ErrClosed) {
		t.Errorf("Write after Commit: %v, want ErrClosed", err)
	}
	if got := files(t, dir); len(got) != 1 {
		t.Errorf("files: %v, want the blob", got)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.Create(cancelled); !errors.Is(err, context.Canceled) {
		t.Errorf("Create after the end: %v", err)
	}
}
