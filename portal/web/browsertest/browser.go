// Package browsertest drives a real Chromium in tests of the pages.
//
//	b := browsertest.Open(t)
//	b.Do(chromedp.Navigate(site.URL+"/sign-in"), chromedp.WaitVisible(chromedp.CSS("h1")))
//	b.Screenshot("sign-in")
//
// The browser is EDIPORT_CHROMIUM, or chromium or Google Chrome from the PATH; without one the test is
// skipped, and fails under CI=true. Tests share one program and have each a private window of it. Screenshots are
// taken if EDIPORT_SCREENSHOTS names a folder for them.
package browsertest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// patience is how long a test waits for one step of its browser before it fails: generous, because a busy
// machine is no fault of the pages. Each step has it anew, so that a long test doesn't starve at its end.
const patience = 2 * time.Minute

// Widths of the screens that pages are looked at on, in CSS pixels.
const (
	Desktop = 1280
	Phone   = 390
	Narrow  = 360 // the narrowest that must work
)

// A Browser is a private window of the test. It is for one goroutine.
type Browser struct {
	t       testing.TB
	ctx     context.Context
	console *console
	hits    <-chan string // what was clicked, by the number that click gave it
	clicks  int
	axe     bool // the checker is in every page
}

// Open opens a window for the test that shares nothing with other windows, and closes it when the test ends. The
// first one starts the program; see [Main].
func Open(t testing.TB) *Browser {
	t.Helper()
	tab, closeTab := chromedp.NewContext(programOf(t), chromedp.WithNewBrowserContext())
	t.Cleanup(closeTab)
	// What opens the window must not have a deadline of its own, which would be the window's.
	late := time.AfterFunc(patience, closeTab)
	b := &Browser{t: t, ctx: tab, console: listen(tab)}
	b.hits = b.watchClicks()
	late.Stop()
	b.focused()
	b.Size(Desktop)
	b.Dark(false)
	return b
}

// focused makes the window behave like the one in front, however many there are.
func (b *Browser) focused() {
	b.t.Helper()
	b.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		return err
	}))
}

// Do runs actions one after the other; the first that fails ends the test.
func (b *Browser) Do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	for i, action := range actions {
		if _, err := persist(b, action, stale); err != nil {
			b.fail(fmt.Sprintf("step %d of %d", i+1, len(actions)), err)
		}
	}
}

// Get runs an action and returns its value; a failure ends the test.
func Get[T any](b *Browser, action chromedp.Action[T]) T {
	b.t.Helper()
	value, err := persist(b, action, replaced)
	if err != nil {
		b.fail("a question to the page", err)
	}
	return value
}

// persist runs an action within the patience for a step. It repeats one that met a page that was just being replaced.
func persist[T any](b *Browser, action chromedp.Action[T], again func(error) bool) (T, error) {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	for {
		value, err := chromedp.Run(ctx, action)
		if err == nil || !again(err) || !pause(ctx) {
			return value, err
		}
	}
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

// Screenshot writes the whole page to NAME.png, if somebody wants it: to draw pictures that nobody keeps takes most of
// a test's time.
func (b *Browser) Screenshot(name string) {
	b.t.Helper()
	dir := os.Getenv("EDIPORT_SCREENSHOTS")
	if dir == "" {
		return
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
