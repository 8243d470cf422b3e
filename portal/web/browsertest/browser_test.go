package browsertest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/ediport/ediport/portal/web/browsertest"
)

func TestMain(m *testing.M) { os.Exit(browsertest.Main(m.Run)) }

// serve shows pages that handle writes, by how often one was asked for.
func serve(t *testing.T, page func(w io.Writer, load int64)) string {
	t.Helper()
	var loads atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if r.URL.Path == "/" {
			page(w, loads.Add(1))
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// A page that goes between the mouse's way down and up swallows the press, and one that goes while somebody types what was typed.
// The person presses, and types, again.
func TestActsOnAPageThatIsReplaced(t *testing.T) {
	url := serve(t, func(w io.Writer, load int64) {
		_, _ = fmt.Fprint(w, `<!doctype html><title>x</title><label for="n">Name</label><input id="n"><button>Go</button><p id="p"></p><script>`)
		if load <= 2 {
			_, _ = fmt.Fprint(w, `document.querySelector("button").onmousedown = (e) => { e.target.remove(); location.reload() }`)
		} else {
			_, _ = fmt.Fprint(w, `document.querySelector("button").onclick = () => { document.querySelector("p").textContent += "pressed" }`)
		}
		if load == 3 {
			_, _ = fmt.Fprint(w, `; document.querySelector("input").oninput = (e) => { if (e.target.value.length === 2) { e.target.remove(); location.reload() } }`)
		}
		_, _ = fmt.Fprint(w, `</script>`)
	})
	b := browsertest.Open(t)
	b.Do(browsertest.Navigate(url))
	b.Press("Go")
	b.Sees("pressed")
	b.Enter("Name", "Lindqvist")
	b.Press("Go")
	if got := browsertest.Get(b, chromedp.Evaluate[string](`document.querySelector("input").value + " " + document.querySelector("p").textContent`)); got != "Lindqvist pressed" {
		t.Errorf("the page holds %q, want the whole name, and one press", got)
	}
}

// A failing records what a test would say at its end.
type failing struct {
	testing.TB

	said   string
	errors []string
}

func (f *failing) Helper() {}

func (f *failing) Errorf(format string, args ...any) {
	f.errors = append(f.errors, fmt.Sprintf(format, args...))
}

func (f *failing) Fatalf(format string, args ...any) {
	f.said = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// What a failure says has to do for understanding it: it may never come again.
func TestAFailureShowsThePage(t *testing.T) {
	url := serve(t, func(w io.Writer, _ int64) {
		_, _ = fmt.Fprint(w, `<!doctype html><title>Sorry</title><p>The roof leaks.</p><script>console.error("a pipe is broken")</script><script>undefined.x</script>`)
	})
	f := &failing{TB: t}
	b := browsertest.Open(f)
	b.Do(browsertest.Navigate(url))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		b.Do(chromedp.Func(func(context.Context, *chromedp.Target) error { return errors.New("no such lever") }))
	}()
	<-ended
	for _, want := range []string{"no such lever", url, "Sorry", "The roof leaks.", "a pipe is broken", "TypeError"} {
		if !strings.Contains(f.said, want) {
			t.Errorf("the failure doesn't say %q:\n%s", want, f.said)
		}
	}
}

// On the narrow screen the check looks anew at the contrast of what comes to show there, and of what gets other colours, by
// itself or by what it stands in.
func TestTheContrastOfWhatIsOtherwiseOnAPhone(t *testing.T) {
	url := serve(t, func(w io.Writer, _ int64) {
		_, _ = fmt.Fprint(w, `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Colours</title><style>
body { color: #000; background: #fff }
.phone { display: none }
@media (max-width: 400px) { .pale { color: #eee } .ground { background: #111 } .phone { display: block; color: #ddd } }
</style><main><h1>Colours</h1><p>good</p><p class="pale">pale</p><div class="ground"><p><b>dark</b></p></div><p class="phone">narrow</p>
<details><summary>more</summary><p style="color: #ccc">folded</p></details></main>`)
	})
	f := &failing{TB: t}
	b := browsertest.Open(f)
	b.Do(browsertest.Navigate(url))
	b.Accessible("wide")
	if len(f.errors) > 0 {
		t.Fatalf("on the desktop: %q", f.errors)
	}
	b.Size(browsertest.Narrow)
	browsertest.Get(b, chromedp.Evaluate[bool](`document.querySelector("details").open = true`))
	b.Accessible("narrow")
	all := strings.Join(f.errors, "\n")
	for _, text := range []string{"pale</p>", "dark</b>", "narrow</p>", "folded</p>"} {
		if strings.Count(all, text) != 1 {
			t.Errorf("the contrast of %q is complained of %d times, want once:\n%s", text, strings.Count(all, text), all)
		}
	}
	if len(f.errors) != 4 {
		t.Errorf("%d complaints, want 4:\n%s", len(f.errors), all)
	}
}
