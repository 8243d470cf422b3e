package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/chromedp/chromedp"
)

// kept is how many lines of a console, and characters of a page, a failure shows.
const (
	keptLines = 40
	keptText  = 6000
)

// A console keeps what a window's pages wrote to their consoles, and what the browser complained of.
type console struct {
	mu    sync.Mutex
	lines []string
}

// listen opens the window of the context and keeps what its pages write.
func listen(ctx context.Context) *console {
	c := &console{}
	messages := chromedp.Console(ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			c.add(m)
		}
	}()
	return c
}

func (c *console) add(m chromedp.ConsoleMessage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	line := m.String()
	if m.URL != "" {
		line += fmt.Sprintf(" (%s:%d)", m.URL, m.Line+1)
	}
	if c.lines = append(c.lines, line); len(c.lines) > keptLines {
		c.lines = c.lines[1:]
	}
}

func (c *console) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.lines) == 0 {
		return "(nothing)"
	}
	return strings.Join(c.lines, "\n")
}

// fail ends the test with what its window shows: the failure may never come again.
func (b *Browser) fail(what string, err error) {
	b.t.Helper()
	b.t.Fatalf("browser: %s: %v\n%s\nThe console holds:\n%s", what, err, b.page(), b.console)
}

// describe is what there is to know of a page.
const describe = `JSON.stringify({
  at: location.href, state: document.readyState, title: document.title, size: innerWidth + " x " + innerHeight,
  status: performance.getEntriesByType("navigation")[0]?.responseStatus ?? 0,
  focus: document.activeElement?.outerHTML.slice(0, 200) ?? "", text: document.body?.innerText ?? ""
})`

// page says which page is open and what it reads.
func (b *Browser) page() string {
	ctx, cancel := context.WithTimeout(b.ctx, 2*look)
	defer cancel()
	raw, err := chromedp.Run(ctx, chromedp.Evaluate[string](describe))
	if err != nil {
		return fmt.Sprintf("The page answers nothing: %v", err)
	}
	var page struct {
		At, State, Title, Size, Focus, Text string
		Status                              int
	}
	if err := json.Unmarshal([]byte(raw), &page); err != nil {
		return fmt.Sprintf("The page answers %.200q: %v", raw, err)
	}
	return fmt.Sprintf("The page is %s (%q, status %d, %s, %s), with the focus on %s. It reads:\n%.*s",
		page.At, page.Title, page.Status, page.State, page.Size, page.Focus, keptText, page.Text)
}
