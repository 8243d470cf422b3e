// Package browsertest drives a real Chromium in tests of the pages.
//
//	b := browsertest.Open(t)
//	b.Do(chromedp.Navigate(site.URL+"/sign-in"), chromedp.WaitVisible(chromedp.CSS("h1")))
//	b.Screenshot("sign-in")
//
// The browser is EDIPORT_CHROMIUM, or chromium or Google Chrome from the PATH; without one the test is
// skipped, and fails under CI=true. Screenshots go to EDIPORT_SCREENSHOTS, or to a folder that
// goes away with the test.
package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// patience is how long a test waits for its browser before it fails: generous, because a busy
// machine is no fault of the pages.
const patience = 5 * time.Minute

// Widths of the screens that pages are looked at on, in CSS pixels.
const (
	Desktop = 1280
	Phone   = 390
	Narrow  = 360 // the narrowest that must work
)

// A Browser is a private window of the test. It is for one goroutine.
type Browser struct {
	t   testing.TB
	ctx context.Context
}

// Open starts a browser for the test, and stops it when the test ends.
func Open(t testing.TB) *Browser {
	t.Helper()
	program := find(t)
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.UserDataDir(profile(t)), chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("no-proxy-server", true), chromedp.Flag("hide-scrollbars", true))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // the sandbox refuses root
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	ctx, stop := chromedp.NewExecAllocator(ctx, options...)
	tab, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(func() { closeTab(); stop(); cancel() })
	b := &Browser{t: t, ctx: tab}
	b.Size(Desktop)
	b.Dark(false)
	return b
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

// profile makes the folder of the browser's profile. t.TempDir would fail the test for files that the
// browser's last helper writes while the folder is being removed.
func profile(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ediport-browser-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// Do runs actions one after the other; the first that fails ends the test.
func (b *Browser) Do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatalf("browser: %v", err)
	}
}

// Get runs an action and returns its value; a failure ends the test.
func Get[T any](b *Browser, action chromedp.Action[T]) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, action)
	if err != nil {
		b.t.Fatalf("browser: %v", err)
	}
	return value
}

// Size makes the window that wide; up to Phone it acts as one.
func (b *Browser) Size(width int64) {
	b.t.Helper()
	if width <= Phone {
		b.Do(chromedp.EmulateViewport(width, 780, chromedp.EmulateMobile, chromedp.EmulateTouch))
		return
	}
	b.Do(chromedp.EmulateViewport(width, 800))
}

// Dark turns the dark look on or off.
func (b *Browser) Dark(on bool) {
	b.t.Helper()
	scheme := "light"
	if on {
		scheme = "dark"
	}
	b.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: scheme},
				{Name: "prefers-reduced-motion", Value: "reduce"}, // no picture of a transition under way
			},
		})
		return err
	}))
}

// Pass sets the clock of the page that is open forward, as when a computer wakes up. The server's
// clock is the test's own.
func (b *Browser) Pass(d time.Duration) {
	b.t.Helper()
	Get(b, chromedp.Evaluate[bool](fmt.Sprintf(
		`{ const now = Date.now; Date.now = () => now() + %d; } document.dispatchEvent(new Event("visibilitychange"))`, d.Milliseconds())))
}

// Screenshot writes the whole page to NAME.png.
func (b *Browser) Screenshot(name string) {
	b.t.Helper()
	dir := os.Getenv("EDIPORT_SCREENSHOTS")
	if dir == "" {
		dir = b.t.TempDir()
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.t.Fatal(err)
	}
	image := Get(b, chromedp.FullScreenshot(100))
	if err := os.WriteFile(filepath.Join(dir, name+".png"), image, 0o644); err != nil { //nolint:gosec // a picture of made-up data
		b.t.Fatal(err)
	}
}

// FitsWidth fails the test if the page is wider than its window, so that it had to be scrolled sideways.
func (b *Browser) FitsWidth(what string) {
	b.t.Helper()
	over := Get(b, chromedp.Evaluate[int](`document.documentElement.scrollWidth - document.documentElement.clientWidth`))
	if over > 0 {
		b.t.Errorf("%s: %d px wider than the window", what, over)
	}
}
