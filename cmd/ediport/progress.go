package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

const (
	progressAfter = 500 * time.Millisecond // quicker work needs no bar
	progressEach  = 100 * time.Millisecond
	inputBuffer   = 64 << 10
)

// open opens a file to read; "-" is standard input. A bar on standard error shows how far reading has come, if it is a
// terminal and reading takes long. What is returned last closes the file and removes the bar.
func (p *program) open(name string) (*bufio.Reader, func(), error) {
	return p.openInput(name, p.showsProgress())
}

// openBeside is open for commands that print while they read: on a terminal the bar would stand in between.
func (p *program) openBeside(name string) (*bufio.Reader, func(), error) {
	return p.openInput(name, p.showsProgress() && !isTerminal(p.stdout))
}

// openFor is open for a command that writes to the file out, or to standard output if that is "".
func (p *program) openFor(out, name string) (*bufio.Reader, func(), error) {
	if out != "" {
		return p.open(name)
	}
	return p.openBeside(name)
}

func (p *program) showsProgress() bool { return !p.quiet && isTerminal(p.stderr) }

func (p *program) openInput(name string, shows bool) (*bufio.Reader, func(), error) {
	in, closeInput := p.stdin, func() {}
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, nil, err
		}
		in, closeInput = f, func() { f.Close() }
	}
	if !shows {
		return bufio.NewReaderSize(heeding{in, p}, inputBuffer), closeInput, nil
	}
	bar := newProgress(p.stderr, name, in)
	return bufio.NewReaderSize(heeding{bar, p}, inputBuffer), func() { bar.finish(); closeInput() }, nil
}

// errInterrupted says that the user ended the command before it was done.
var errInterrupted = errors.New("interrupted")

func (p *program) interrupted() bool { return p.ctx != nil && p.ctx.Err() != nil }

// A heeding reader fails once the command is interrupted: nothing half done is then taken for the whole.
type heeding struct {
	in io.Reader
	p  *program
}

func (h heeding) Read(b []byte) (int, error) {
	n, err := h.in.Read(b)
	if h.p.interrupted() {
		return 0, errInterrupted
	}
	return n, err
}

// isTerminal tells whether w is a terminal.
func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// A progress is a reader that shows how far it has come, once it has taken longer than progressAfter.
type progress struct {
	in    io.Reader
	out   io.Writer
	label string
	size  int64 // -1: not known
	read  int64
	since time.Time
	bar   *progressbar.ProgressBar // nil until it is shown
}

func newProgress(out io.Writer, label string, in io.Reader) *progress {
	if label == "-" {
		label = "standard input"
	}
	return &progress{in: in, out: out, label: label, size: sizeOf(in), since: time.Now()}
}

// sizeOf returns the length of a regular file, else -1.
func sizeOf(in io.Reader) int64 {
	if f, ok := in.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			return info.Size()
		}
	}
	return -1
}

// Read reads on and moves the bar.
func (b *progress) Read(p []byte) (int, error) {
	n, err := b.in.Read(p)
	b.read += int64(n)
	switch {
	case b.bar != nil:
		_ = b.bar.Set64(b.read)
	case time.Since(b.since) >= progressAfter:
		b.show()
	}
	return n, err
}

func (b *progress) show() {
	b.bar = progressbar.NewOptions64(b.size,
		progressbar.OptionSetWriter(b.out),
		progressbar.OptionSetDescription(b.label),
		progressbar.OptionShowBytes(true),
		progressbar.OptionShowTotalBytes(true),
		progressbar.OptionThrottle(progressEach),
		progressbar.OptionSetSpinnerChangeInterval(0), // no goroutine of its own: it moves as bytes are read
		progressbar.OptionSpinnerType(14),
		progressbar.OptionSetWidth(24),
		progressbar.OptionClearOnFinish(),
	)
	_ = b.bar.Set64(b.read)
}

// finish removes the bar.
func (b *progress) finish() {
	if b.bar != nil {
		_ = b.bar.Finish()
	}
}
