package browsertest

import (
	"context"

	"github.com/chromedp/chromedp"
)

// longest is how long one navigation may take before the page is asked for anew.
const longest = patience / 3

// Navigate opens a page. Where the page before is still on its way, chromedp may wait for that one's end, which never
// comes: then the page is asked for anew.
func Navigate(url string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for {
			once, cancel := context.WithTimeout(ctx, longest)
			_, err := chromedp.Navigate(url)(once, t)
			cancel()
			if err == nil || !replaced(err) && !said(err, "ERR_ABORTED") || !pause(ctx) {
				return err
			}
		}
	})
}
