package browsertest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// clicked is the function by which a page tells that something was clicked.
const clicked = "browsertestClicked"

// arm has what was found tell when it is clicked, by a number.
const arm = `(() => {
  const found = document.querySelector('[data-found="here"]');
  found?.addEventListener("click", () => { found.removeAttribute("data-found"); window.` + clicked + `(%q); }, { capture: true, once: true });
  return true;
})()`

// watchClicks has every page of the window know the function, and returns what it is called with.
func (b *Browser) watchClicks() <-chan string {
	b.t.Helper()
	events := chromedp.Events(b.ctx, runtime.BindingCalled)
	b.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, runtime.AddBinding, runtime.AddBindingParams{Name: clicked})
		return err
	}))
	hits := make(chan string, 16)
	go func() {
		for event, err := range events {
			if err != nil {
				return
			}
			if event.Name == clicked {
				select {
				case hits <- event.Payload:
				case <-b.ctx.Done():
					return
				}
			}
		}
	}()
	return hits
}

// click clicks on a part of the page until that was hit: the page may be replaced, or move, while the mouse is on its way.
func (b *Browser) click(kind, text string) {
	b.t.Helper()
	for end := time.Now().Add(patience); ; {
		b.find(kind, text)
		b.clicks++
		number := strconv.Itoa(b.clicks)
		Get(b, chromedp.Evaluate[bool](fmt.Sprintf(arm, number)))
		err := b.attempt(chromedp.Click(here))
		if err == nil && b.hit(number) {
			return
		}
		if time.Now().After(end) || err != nil && !replaced(err) {
			b.fail(kind+" “"+text+"” takes no click", err)
		}
	}
}

// hit waits until the page tells of a click. Where what was to be clicked stands there unclicked, or another page has
// long been there in its place, there was none.
func (b *Browser) hit(number string) bool {
	b.t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for without := 0; without < 20; {
		select {
		case got := <-b.hits:
			if got == number {
				return true
			}
		case <-tick.C:
			if b.marked() {
				return false
			}
			if Get(b, chromedp.Evaluate[bool](`document.readyState === "complete"`)) {
				without++
			}
		case <-b.ctx.Done():
			return false
		}
	}
	return false
}

// marked says that the page has what was found, not yet clicked.
func (b *Browser) marked() bool {
	b.t.Helper()
	return Get(b, chromedp.Evaluate[bool](`document.querySelector('[data-found="here"]') !== null`))
}

// attemptLimit is how long an act may take before what it is for is looked for anew.
const attemptLimit = 15 * time.Second

// attempt does something with what was found.
func (b *Browser) attempt(actions ...chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(b.ctx, attemptLimit)
	defer cancel()
	return chromedp.Do(ctx, actions...)
}

// stale says that a part of the page went away between being found and being used, so that nothing was done.
func stale(err error) bool {
	return said(err, "Could not find node", "No node with given id", "Node is detached", "does not belong to the document", "Cannot find context", "Execution context was destroyed")
}

// replaced says that the page went away before it could answer, or that it didn't answer for long.
func replaced(err error) bool {
	return stale(err) || errors.Is(err, context.DeadlineExceeded) || said(err, "navigated or closed", "Promise was collected", "Cannot find default execution context")
}

func said(err error, any ...string) bool {
	for _, text := range any {
		if strings.Contains(err.Error(), text) {
			return true
		}
	}
	return false
}

// pause lets a moment pass before something is tried anew; false: there is no time left for that.
func pause(ctx context.Context) bool {
	moment := time.NewTimer(50 * time.Millisecond)
	defer moment.Stop()
	select {
	case <-moment.C:
		return true
	case <-ctx.Done():
		return false
	}
}
