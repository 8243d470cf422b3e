package browsertest

import (
	"context"
	_ "embed" // for the checker
	"encoding/json"
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// axe is axe-core, an accessibility checker that runs in the page (MPL-2.0, see testdata/axe-core). Only tests use it.
//
//go:embed testdata/axe-core/axe.min.js
var axe string

// axeRun checks against WCAG 2.2 at level AA, and returns what is broken as "rule: help: element: what to do". Of its time,
// half goes to one rule: the contrast of each text. The same text in the same colours has the same contrast at
// every width: where a page was checked before, that rule looks at what didn't show then, and at what looks otherwise now, by
// itself or by what it stands in. All other rules look at everything again.
const axeRun = `(async () => {
  const own = ["color", "backgroundColor", "backgroundImage", "opacity", "fontSize", "fontWeight", "textShadow", "filter", "mixBlendMode", "position", "webkitTextFillColor"];
  const looks = new Map();
  const walk = (e, around) => {
    if (!e.checkVisibility({ visibilityProperty: true, opacityProperty: true })) { if (!e.checkVisibility()) return; around += "?"; }
    const style = getComputedStyle(e), all = around + " " + own.map((p) => style[p]).join(" ") + e.matches(":disabled");
    looks.set(e, all);
    for (const child of e.children) walk(child, all);
  };
  walk(document.documentElement, "");
  const before = window.__looks;
  window.__looks = looks;
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], only = { resultTypes: ["violations"], preload: false };
  const found = [];
  if (before === undefined) {
    found.push(await axe.run(document, { ...only, runOnly: tags }));
  } else {
    found.push(await axe.run(document, { ...only, runOnly: tags, rules: { "color-contrast": { enabled: false } } }));
    const other = new Set([...looks].filter(([e, look]) => before.get(e) !== look).map(([e]) => e));
    const outer = [...other].filter((e) => !other.has(e.parentElement));
    if (outer.length > 0) found.push(await axe.run({ include: outer }, { ...only, runOnly: { type: "rule", values: ["color-contrast"] } }));
  }
  return JSON.stringify({
    passed: found[0].passes.length,
    broken: found.flatMap((f) => f.violations).flatMap((v) => v.nodes.map((n) => v.id + ": " + v.help + ": " + n.html.slice(0, 200) + ": " + n.failureSummary.replace(/\s+/g, " ")))
  });
})()`

// Accessible fails the test for everything on the page that an automated check against WCAG 2.2 AA finds.
func (b *Browser) Accessible(what string) {
	b.t.Helper()
	b.check()
	var result struct {
		Passed int      `json:"passed"`
		Broken []string `json:"broken"`
	}
	text := Get(b, chromedp.Evaluate[string](axeRun, chromedp.EvalAwaitPromise))
	if err := json.Unmarshal([]byte(text), &result); err != nil {
		b.t.Fatal(fmt.Errorf("browser: the accessibility check says nothing: %w", err))
	}
	for _, broken := range result.Broken {
		b.t.Errorf("%s: %s", what, broken)
	}
	if result.Passed < 5 {
		b.t.Errorf("%s: only %d rules were met: is there a page?", what, result.Passed)
	}
}

// check has the checker be in the page, and in each that is opened in this window from now on: to send it anew to every page
// takes long. The debugger brings it, so the pages' policy against scripts of others stays as strict as it is.
func (b *Browser) check() {
	b.t.Helper()
	if !b.axe {
		yes := true
		b.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: axe, RunImmediately: &yes})
			return err
		}))
		b.axe = true
	}
	b.Await("the accessibility checker", `typeof axe === "object"`)
}
