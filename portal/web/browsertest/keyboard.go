package browsertest

import (
	"context"
	"encoding/json"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// tabStart notes what can be used on the page and how it looks, and from then on what gets the focus and how it looks
// then. A Tab reaches one radio button of those with a name. It returns how many controls there are.
const tabStart = `((within) => {
  const look = (e) => { const s = getComputedStyle(e); return [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow].join(" "); };
  const shows = (e) => { const s = getComputedStyle(e); return (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== "none"; };
  const name = (e) => e.tagName.toLowerCase() + " “" + (e.name || e.id || e.textContent.trim().replace(/\s+/g, " ").slice(0, 30)) + "”";
  document.activeElement?.blur();
  const groups = new Map(), controls = [], at = new Map();
  for (const e of document.querySelector(within).querySelectorAll("a[href], button, input, select, textarea, summary, [contenteditable], [tabindex]")) {
    if (e.matches(":disabled") || e.type === "hidden" || e.tabIndex < 0 || e.closest("[inert]") || !e.checkVisibility({ visibilityProperty: true })) continue;
    if (e.type === "radio") {
      const group = [...document.getElementsByName(e.name)].filter((o) => o.form === e.form);
      if (groups.has(group[0])) { at.set(e, groups.get(group[0])); continue; }
      groups.set(group[0], controls.length);
    }
    at.set(e, controls.length);
    controls.push({ e, before: look(e), seen: false });
  }
  const tabs = window.__tabs = { controls, order: [], wrong: new Set() };
  const note = (event) => {
    const e = event.target, i = at.get(e), r = e.getBoundingClientRect();
    if (!shows(e) || (i !== undefined && controls[i].e === e && look(e) === controls[i].before)) tabs.wrong.add(name(e) + " doesn't show that it has the focus");
    if (r.width === 0 || r.height === 0) tabs.wrong.add(name(e) + " has the focus and can't be seen");
    if (i === undefined) return;
    if (!controls[i].seen && tabs.order.length > 0 && i < tabs.order.at(-1)) tabs.wrong.add(name(e) + " comes after what stands behind it");
    controls[i].seen = true;
    tabs.order.push(i);
  };
  tabs.state = () => {
    const left = controls.filter((c) => !c.seen).map((c) => name(c.e)), last = controls.at(-1);
    return JSON.stringify({ left, wrong: [...tabs.wrong], stuck: last !== undefined && document.activeElement === last.e });
  };
  const start = document.createElement("span"); // from here the Tab key goes on
  start.tabIndex = -1;
  document.querySelector(within).prepend(start);
  start.focus({ preventScroll: true });
  document.addEventListener("focusin", note);
  window.__stopTabs = () => { document.removeEventListener("focusin", note); start.remove(); document.activeElement?.blur(); scrollTo(0, 0); return true; };
  return controls.length;
})`

// skipStart has the Tab key go on from the page's very beginning.
const skipStart = `(() => {
  document.activeElement?.blur();
  const start = document.createElement("span");
  start.tabIndex = -1;
  document.body.prepend(start);
  start.focus({ preventScroll: true });
  start.remove();
  return true;
})()`

// skipShown says that the link to the content has the focus and stands in the window.
const skipShown = `(() => {
  const e = document.activeElement, r = e.getBoundingClientRect();
  return e.matches("a.skip") && r.top >= 0 && r.left >= 0 && r.height > 0;
})()`

// Skips fails the test unless the page's first Tab shows the link to the content, and Enter on it leads there.
func (b *Browser) Skips(what string) {
	b.t.Helper()
	Get(b, chromedp.Evaluate[bool](skipStart))
	b.Key("Tab", 1)
	if !Get(b, chromedp.Evaluate[bool](skipShown)) {
		b.t.Errorf("%s: the first Tab doesn't show the link to the content", what)
		return
	}
	b.Key("Enter", 1)
	b.Await(what+": the link leads to the content", `document.activeElement.matches("main")`)
}

// Tabs goes through the page, or a part of it, with the Tab key alone, and fails the test unless it reaches each
// control in the order in which they stand there, each shows that it has the focus, and the way leads out again. It returns how many controls there are.
func (b *Browser) Tabs(what, within string) int {
	b.t.Helper()
	n := Get(b, chromedp.Evaluate[int](tabStart+"("+quoted(within)+")"))
	var state struct {
		Left, Wrong []string
		Stuck       bool
	}
	for presses, done := n, 0; ; {
		b.Key("Tab", presses)
		done += presses
		text := Get(b, chromedp.Evaluate[string](`window.__tabs.state()`))
		if err := json.Unmarshal([]byte(text), &state); err != nil {
			b.t.Fatalf("browser: the way by keyboard says nothing: %v", err)
		}
		if len(state.Left) == 0 && !state.Stuck || done > 6*n+60 { // a date takes several steps
			break
		}
		if presses = 1; len(state.Left) > 0 {
			presses = 8
		}
	}
	for _, left := range state.Left {
		b.t.Errorf("%s: the Tab key doesn't reach %s", what, left)
	}
	for _, wrong := range state.Wrong {
		b.t.Errorf("%s: %s", what, wrong)
	}
	if state.Stuck {
		b.t.Errorf("%s: the Tab key doesn't lead out of it", what)
	}
	Get(b, chromedp.Evaluate[bool](`window.__stopTabs()`))
	return n
}

// keys are the keys that [Browser.Key] knows: their code, and the text that they write.
var keys = map[string]struct {
	code int64
	text string
}{"Tab": {9, ""}, "Enter": {13, "\r"}, "Escape": {27, ""}, " ": {32, " "}, "ArrowDown": {40, ""}}

// Key presses a key so often, as a person at the keyboard does.
func (b *Browser) Key(name string, times int) {
	b.t.Helper()
	key, ok := keys[name]
	if !ok {
		b.t.Fatalf("browser: no key %q", name)
	}
	press := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeRawKeyDown, Key: name, Code: name, WindowsVirtualKeyCode: key.code}
	if key.text != "" {
		press.Type, press.Text, press.UnmodifiedText = input.DispatchKeyEventTypeKeyDown, key.text, key.text
	}
	b.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for range times {
			if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, press); err != nil {
				return err
			}
			if key.text == "" {
				continue
			}
			if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, input.DispatchKeyEventParams{
				Type: input.DispatchKeyEventTypeKeyUp, Key: name, Code: name, WindowsVirtualKeyCode: key.code,
			}); err != nil {
				return err
			}
		}
		return nil
	}))
}
