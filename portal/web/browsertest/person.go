package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/chromedp/chromedp"
)

// here is where the part of the page is that was found by what people read.
const here = chromedp.CSS(`[data-found="here"]`)

// finder marks the field with a label, or the button, link or fold with a text, as people see them, or what fits a selector.
const finder = `((kind, text) => {
  for (const e of document.querySelectorAll("[data-found]")) e.removeAttribute("data-found");
  const said = (e) => e.innerText.trim().replace(/\s+/g, " ");
  const fits = (e) => e.checkVisibility() && said(e) === text;
  const found = kind === "field"
    ? [...document.querySelectorAll("label")].find(fits)?.control
    : kind === "css" ? [...document.querySelectorAll(text)].find((e) => e.checkVisibility())
    : [...document.querySelectorAll("a, button, summary")].find(fits);
  found?.setAttribute("data-found", "here");
  return Boolean(found);
})`

// look is how long the page itself looks for something before it is asked anew.
const look = 5 * time.Second

// Await waits until a JavaScript expression is true, also over a change of pages.
func (b *Browser) Await(what, expression string) {
	b.t.Helper()
	promise := fmt.Sprintf(`new Promise((done) => {
  const end = performance.now() + %d;
  const look = () => { if (%s) done(true); else if (performance.now() > end) done(false); else setTimeout(look, 20); };
  look();
})`, look.Milliseconds(), expression)
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	for {
		once, end := context.WithTimeout(ctx, 6*look)
		ok, err := chromedp.Run(once, chromedp.Evaluate[bool](promise, chromedp.EvalAwaitPromise))
		end()
		if err == nil && ok {
			return
		}
		if !pause(ctx) {
			b.fail(what+": not there", err)
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
	b.click("press", text)
}

// Click clicks on the first part of the page that fits a CSS selector and shows.
func (b *Browser) Click(selector string) {
	b.t.Helper()
	b.click("css", selector)
}

// Tick ticks the box with the label.
func (b *Browser) Tick(label string) {
	b.t.Helper()
	b.click("field", label)
}

// Enter types a text into the field with the label, in place of what stands in it.
func (b *Browser) Enter(label, text string) {
	b.t.Helper()
	empty := chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := chromedp.Evaluate[string](`document.querySelector('[data-found="here"]').value = ""`)(ctx, t)
		return err
	})
	for end := time.Now().Add(patience); ; {
		b.find("field", label)
		err := b.attempt(empty, chromedp.SendKeys(here, text))
		if err == nil && b.marked() {
			return // else the page was replaced meanwhile, and what was typed is gone
		}
		if time.Now().After(end) || err != nil && !replaced(err) {
			b.fail("field “"+label+"”", err)
		}
	}
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
