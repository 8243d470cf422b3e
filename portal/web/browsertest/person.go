package browsertest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
)

// here is where the part of the page is that was found by what people read.
const here = chromedp.CSS(`[data-found="here"]`)

// finder marks the field with a label, or the button, link or fold with a text, as people see them.
const finder = `((kind, text) => {
  for (const e of document.querySelectorAll("[data-found]")) e.removeAttribute("data-found");
  const said = (e) => e.innerText.trim().replace(/\s+/g, " ");
  const fits = (e) => e.checkVisibility() && said(e) === text;
  const found = kind === "field"
    ? [...document.querySelectorAll("label")].find(fits)?.control
    : [...document.querySelectorAll("a, button, summary")].find(fits);
  found?.setAttribute("data-found", "here");
  return Boolean(found);
})`

// Await waits until a JavaScript expression is true, also over a change of pages.
func (b *Browser) Await(what, expression string) {
	b.t.Helper()
	promise := fmt.Sprintf(`new Promise((done) => {
  let left = 100;
  const look = () => { if (%s) done(true); else if (left-- === 0) done(false); else setTimeout(look, 50); };
  look();
})`, expression)
	for end := time.Now().Add(patience / 2); ; {
		ok, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](promise, chromedp.EvalAwaitPromise))
		if err == nil && ok {
			return
		}
		if time.Now().After(end) || b.ctx.Err() != nil {
			text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.body.innerText"))
			b.t.Fatalf("browser: %s: not there (%v); the page reads:\n%s", what, err, text)
		}
	}
}

// Sees waits until the page reads a text somewhere.
func (b *Browser) Sees(text string) {
	b.t.Helper()
	b.Await(text, fmt.Sprintf(`document.body.innerText.replace(/\s+/g, " ").includes(%s)`, quoted(text)))
}

// Press clicks on the button, link or fold that reads exactly text.
func (b *Browser) Press(text string) {
	b.t.Helper()
	b.on("press", text, chromedp.Click(here))
}

// Enter types a text into the field with the label, in place of what stands in it.
func (b *Browser) Enter(label, text string) {
	b.t.Helper()
	b.on("field", label, chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector('[data-found="here"]').value = ""`))
		return err
	}), chromedp.SendKeys(here, text))
}

// Choose chooses the option that reads text in the drop-down with the label.
func (b *Browser) Choose(label, text string) {
	b.t.Helper()
	b.find("field", label)
	b.Await(label+": "+text, fmt.Sprintf(`((select, text) => {
  const option = [...select.options].find((o) => o.text === text);
  if (!option) return false;
  select.value = option.value;
  select.dispatchEvent(new Event("input", { bubbles: true }));
  select.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
})(document.querySelector('[data-found="here"]'), %s)`, quoted(text)))
}

// Tick ticks the box with the label.
func (b *Browser) Tick(label string) {
	b.t.Helper()
	b.on("field", label, chromedp.Click(here))
}

// stale is how long an action may take before what it is for is looked for anew: the page may have
// gone away between finding and doing.
const stale = 15 * time.Second

// on finds a part of the page and does something with it.
func (b *Browser) on(kind, text string, actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	for {
		b.find(kind, text)
		ctx, cancel := context.WithTimeout(b.ctx, stale)
		err := chromedp.Do(ctx, actions...)
		cancel()
		switch {
		case err == nil:
			return
		case !errors.Is(err, context.DeadlineExceeded) && !gone(err) || b.ctx.Err() != nil:
			b.t.Fatalf("browser: %s “%s”: %v", kind, text, err)
		}
	}
}

// gone says that the page was made anew between finding a part of it and doing something with it.
func gone(err error) bool {
	return strings.Contains(err.Error(), "Could not find node") || strings.Contains(err.Error(), "No node with given id")
}

func (b *Browser) find(kind, text string) {
	b.t.Helper()
	b.Await(kind+" “"+text+"”", fmt.Sprintf("%s(%s, %s)", finder, quoted(kind), quoted(text)))
}

func quoted(text string) string {
	raw, err := json.Marshal(text)
	if err != nil {
		return `""`
	}
	return string(raw)
}
