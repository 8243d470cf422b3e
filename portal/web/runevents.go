package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/storage"
)

// Limits of a page that follows a run.
const (
	eventsEvery   = time.Second      // how often the run is looked at
	eventsBeat    = 15 * time.Second // a line without meaning, so that nobody between takes the line for dead
	eventsWrite   = 30 * time.Second // for a write, else the reader is gone
	eventsFor     = 2 * time.Minute  // then the browser asks anew, and it is checked anew who asks
	eventsReaders = 200              // at a time, of this process
	eventsOfOne   = 20               // at a time, of one person
	eventsRetry   = 30 * time.Second // after which a browser asks again for whom there was no room
	eventsRights  = 5                // looks, after which it is checked anew who asks
	eventLines    = 200              // of the log in one event
)

// mayFollow are the rights to follow a run.
var mayFollow = need(accounts.ViewSchedules).unattended()

// A follower is what the pages that follow runs share.
type follower struct {
	mu       sync.Mutex
	readers  int
	byUser   map[storage.UserID]int
	once     sync.Once
	stopping chan struct{} // closed when the server stops: open streams would hold it up
}

// runEvents sends what changes on a run's page while it is under way, as server-sent events. The name
// of an event is the id of the element that it replaces; "run-log" is appended to. The id of an event
// is the last line of the log that was sent, so that a browser that asks anew goes on there.
func (p *Portal) runEvents(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicRun)
	if err != nil {
		return err
	}
	s := &runStream{portal: p, w: w, r: r, run: storage.RunID(id), sent: map[string]string{}, after: p.lastLine(r)}
	data, err := p.loadRun(r, s.run, s.after, eventLines)
	if err != nil {
		return err // as a page, while nothing is sent yet
	}
	user := principalOf(r).UserID
	if !p.follow.enter(user) {
		// No error: a browser would take it for the end. It shows the page as it is and asks again by itself.
		w.Header().Set("Content-Type", "text/event-stream")
		_, err := fmt.Fprintf(w, "retry: %d\n\n", eventsRetry.Milliseconds())
		return err
	}
	defer p.follow.leave(user)
	p.follow.once.Do(func() { p.follow.stopWith(r.Context()) })
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // a proxy must not keep it back
	s.follow(data)
	return nil
}

// enter counts a reader in, unless there are too many.
func (f *follower) enter(user storage.UserID) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.readers >= eventsReaders || f.byUser[user] >= eventsOfOne {
		return false
	}
	if f.byUser == nil {
		f.byUser = map[storage.UserID]int{}
	}
	f.readers++
	f.byUser[user]++
	return true
}

// leave counts a reader out.
func (f *follower) leave(user storage.UserID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.readers--
	if f.byUser[user]--; f.byUser[user] == 0 {
		delete(f.byUser, user)
	}
}

// lastLine returns the line of the log behind which a stream begins: what the browser had last.
func (p *Portal) lastLine(r *http.Request) int64 {
	text := r.Header.Get("Last-Event-ID")
	if text == "" {
		text = r.URL.Query().Get("after")
	}
	n, err := p.DB.PublicIDs().Parse(publicLine, text)
	if err != nil {
		return 0
	}
	return n
}

// publicLine begins the public ids of lines of a run's log.
const publicLine = "lin"

// stopWith ends all streams when the server of the request begins to stop.
func (f *follower) stopWith(ctx context.Context) {
	if server, ok := ctx.Value(http.ServerContextKey).(*http.Server); ok {
		server.RegisterOnShutdown(func() { close(f.stopping) })
	}
}

// A runStream is one browser that follows one run.
type runStream struct {
	portal *Portal
	w      http.ResponseWriter
	r      *http.Request
	run    storage.RunID
	after  int64             // the last line of the log that was sent
	sent   map[string]string // parts of the page as they were sent
}

// follow sends changes until the run is over, the time is up or somebody leaves.
func (s *runStream) follow(data *runData) {
	look, beat, end := time.NewTicker(eventsEvery), time.NewTicker(eventsBeat), time.NewTimer(eventsFor)
	defer look.Stop()
	defer beat.Stop()
	defer end.Stop()
	for looks := 1; ; looks++ {
		over, err := s.send(data)
		if err != nil || over {
			return
		}
		select {
		case <-s.r.Context().Done():
			return
		case <-s.portal.follow.stopping:
			return
		case <-end.C:
			return
		case <-beat.C:
			if s.write(":\n\n") != nil {
				return
			}
		case <-look.C:
		}
		if looks%eventsRights == 0 {
			if s.r, err = s.portal.admit(mayFollow, s.r); err != nil {
				return // the browser asks anew, and is told
			}
		}
		if data, err = s.portal.loadRun(s.r, s.run, s.after, eventLines); err != nil {
			s.portal.Log.Warn("run can't be followed", "run_id", s.portal.id(storage.PublicRun, int64(s.run)), "error", err)
			return
		}
	}
}

// send sends what differs from what the browser has. It is true when there is nothing more to come.
func (s *runStream) send(data *runData) (over bool, err error) {
	if len(data.Log) > 0 {
		rows, err := s.portal.fragment(s.r, "runs/show", "run-log", data)
		if err != nil {
			return false, err
		}
		s.after = data.Log[len(data.Log)-1].ID
		if err := s.event("run-log", rows); err != nil {
			return false, err
		}
	}
	for _, part := range []string{"run-head", "run-status", "run-facts"} {
		text, err := s.portal.fragment(s.r, "runs/show", part, data)
		if err != nil {
			return false, err
		}
		if text == s.sent[part] {
			continue
		}
		if err := s.event(part, text); err != nil {
			return false, err
		}
		s.sent[part] = text
	}
	if data.Open() || data.LogMore {
		return false, nil
	}
	return true, s.event("over", "")
}

// event writes one event.
func (s *runStream) event(name, text string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "event: %s\nid: %s\n", name, s.portal.id(publicLine, s.after))
	for line := range strings.Lines(strings.ReplaceAll(text, "\r", "")) {
		b.WriteString("data: " + strings.TrimSuffix(line, "\n") + "\n")
	}
	if text == "" {
		b.WriteString("data: " + strconv.Itoa(0) + "\n") // without data a browser drops the event
	}
	b.WriteString("\n")
	return s.write(b.String())
}

func (s *runStream) write(text string) error {
	control := http.NewResponseController(s.w)
	if err := control.SetWriteDeadline(time.Now().Add(eventsWrite)); err != nil {
		return fmt.Errorf("portal: events: %w", err)
	}
	if _, err := s.w.Write([]byte(text)); err != nil {
		return fmt.Errorf("portal: events: %w", err)
	}
	return control.Flush()
}
