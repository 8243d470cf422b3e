package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"

	"golang.org/x/term"
)

// A pager passes what is written on to a program that shows it page by page, but only once it is more than the terminal has
// lines for. It is not safe for several goroutines.
type pager struct {
	ctx     context.Context
	out     io.Writer
	lines   int    // of the terminal
	command string // "" pages nothing
	getenv  func(string) string

	first   bytes.Buffer // what was written so far, while it may still fit
	process *exec.Cmd
	pipe    io.WriteCloser
}

// maxFirst bounds what is held back for lines that are long.
const maxFirst = 64 << 10

// newPager returns a pager of standard output: mode is auto, always or never. Output that is no terminal is not paged.
func (p *program) newPager(ctx context.Context, mode string) (*pager, error) {
	g := &pager{ctx: ctx, out: p.stdout, getenv: p.getenv}
	switch mode {
	case "never":
		return g, nil
	case "always":
		g.command = pagerCommand(p.getenv)
		return g, nil
	case "auto":
		if f, ok := p.stdout.(*os.File); ok && isTerminal(f) && p.getenv("TERM") != "dumb" {
			g.command = pagerCommand(p.getenv)
			if _, height, err := term.GetSize(int(f.Fd())); err == nil {
				g.lines = height - 1
			}
		}
		return g, nil
	}
	return nil, fmt.Errorf("--pager %s is not known: auto, always or never", mode)
}

// pagerCommand is the pager that the user wants, or one that is there.
func pagerCommand(getenv func(string) string) string {
	if command := getenv("PAGER"); command != "" {
		return command
	}
	for _, name := range []string{"less", "more"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// Write passes b on.
func (g *pager) Write(b []byte) (int, error) {
	switch {
	case g.pipe != nil:
		return g.pipe.Write(b)
	case g.command == "":
		return g.out.Write(b)
	}
	g.first.Write(b)
	if g.first.Len() <= maxFirst && bytes.Count(g.first.Bytes(), []byte{'\n'}) <= g.lines {
		return len(b), nil
	}
	if err := g.start(); err != nil {
		g.command = "" // no such pager: what was to be read counts more
		_, err := g.first.WriteTo(g.out)
		return len(b), err
	}
	_, err := g.first.WriteTo(g.pipe)
	return len(b), err
}

func (g *pager) start() error {
	c := exec.CommandContext(g.ctx, "/bin/sh", "-c", g.command)
	c.Cancel = func() error { return nil } // ^C is for the pager to judge
	c.Stdout, c.Stderr = g.out, os.Stderr
	c.Env = os.Environ()
	if g.getenv("LESS") == "" {
		c.Env = append(c.Env, "LESS=FRX") // short output stays on the screen, colors are shown
	}
	pipe, err := c.StdinPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return err
	}
	g.process, g.pipe = c, pipe
	return nil
}

// Close shows what was held back, or waits until the user has left the pager.
func (g *pager) Close() error {
	if g.pipe == nil {
		_, err := g.first.WriteTo(g.out)
		return err
	}
	_ = g.pipe.Close() // the user may have left before the end
	_ = g.process.Wait()
	return nil
}

// left tells whether err means that the user left the pager.
func (g *pager) left() bool { return g.pipe != nil }
