package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// shared is the browser's program, one for all tests of the process: to start it takes longer than most of what is
// looked at in it.
var shared struct {
	once    sync.Once
	ctx     context.Context
	stop    func()
	profile string
	err     error
}

// Main runs the tests of a package by run, ends the browser if one was started, and returns the exit code:
//
//	func TestMain(m *testing.M) { os.Exit(browsertest.Main(m.Run)) }
//
// When the process is killed, the kernel ends the browser (Linux).
func Main(run func() int) int {
	code := run()
	if shared.stop != nil {
		shared.stop()
		if err := os.RemoveAll(shared.profile); err != nil {
			fmt.Fprintln(os.Stderr, "removing the browser's profile:", err)
		}
	}
	return code
}

// programOf returns the running program, started at the first call.
func programOf(t testing.TB) context.Context {
	t.Helper()
	path := find(t)
	shared.once.Do(func() { start(path) })
	if shared.err != nil {
		t.Fatalf("starting the browser: %v", shared.err)
	}
	return shared.ctx
}

func start(path string) {
	if shared.profile, shared.err = os.MkdirTemp("", "ediport-browser-"); shared.err != nil {
		return
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(shared.profile), chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("no-proxy-server", true), chromedp.Flag("hide-scrollbars", true))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // the sandbox refuses root
	}
	ctx, end := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, closeTab := chromedp.NewContext(ctx)
	shared.ctx, shared.stop = ctx, func() { closeTab(); end() }
	shared.err = chromedp.Do(ctx)
}

// find returns the browser's program.
func find(t testing.TB) string {
	t.Helper()
	if named := os.Getenv("EDIPORT_CHROMIUM"); named != "" {
		return named
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const missing = "no Chromium or Chrome on this machine; name one by EDIPORT_CHROMIUM"
	if os.Getenv("CI") == "true" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}
