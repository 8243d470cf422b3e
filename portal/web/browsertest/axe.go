package browsertest

import (
	_ "embed" // for the checker
	"encoding/json"
	"fmt"

	"github.com/chromedp/chromedp"
)

// axe is axe-core, an accessibility checker that runs in the page (MPL-2.0, see testdata/axe-core). Only tests use it.
//
//go:embed testdata/axe-core/axe.min.js
var axe string

// axeRun checks against WCAG 2.2 at level AA, and returns what is broken as "rule: help: element: what to do".
const axeRun = `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"], preload: false }).then((found) => JSON.stringify({
  passed: found.passes.length,
  broken: found.violations.flatMap((v) => v.nodes.map((n) => v.id + ": " + v.help + ": " + n.html.slice(0, 200) + ": " + n.failureSummary.replace(/\s+/g, " ")))
}))`

// Accessible fails the test for everything on the page that an automated check against WCAG 2.2 AA finds.
func (b *Browser) Accessible(what string) {
	b.t.Helper()
	// The debugger evaluates it, so the page's policy against scripts of others stays as strict as it is.
	if !Get(b, chromedp.Evaluate[bool](`typeof axe === "object"`)) {
		Get(b, chromedp.Evaluate[bool](axe+`; true`))
	}
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
