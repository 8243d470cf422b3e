package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ediport/ediport/portal/web/webtest"
)

// TestNoRoomForOneMoreFollower: who has many pages open that follow runs is told to ask again later, not that something failed:
// a browser would give the stream up and load the page anew, again and again.
func TestNoRoomForOneMoreFollower(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := s.SignedIn(t, s.Administrator)
	_, _, run := addJobs(t, s)
	const room = 20 // of one person
	streams := make(chan webtest.Answer, room+1)
	for range room + 1 {
		go func() { streams <- c.Get(run + "/events") }()
	}
	got := <-streams // the others wait for news
	if kind := got.Header.Get("Content-Type"); got.Status != http.StatusOK || kind != "text/event-stream" || got.Body != "retry: 30000\n\n" {
		t.Errorf("the stream for which there is no room: %d, %s, %q", got.Status, kind, got.Body)
	}
	path(t, s.SignedIn(t, s.Administrator).Post(run+"/cancel"), run)
	for range room {
		if got := <-streams; !strings.Contains(got.Body, "event: over") {
			t.Errorf("a stream ended without the run: %d, %.200q", got.Status, got.Body)
		}
	}
}
