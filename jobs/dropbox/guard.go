package dropbox

import (
	"net/netip"
	"sync"
	"time"
)

// maxTracked bounds the addresses of which failures are kept.
const maxTracked = 10_000

// A guard counts connections and failed sign-ins by address. It knows only its own node: an attacker who tries each of several
// nodes has as many tries as there are nodes. Nobody is banned by user name, since anybody could lock a partner out by it.
type guard struct {
	limits Limits
	now    func() time.Time

	mu       sync.Mutex
	open     map[netip.Prefix]int
	shaking  map[netip.Prefix]int
	total    int
	shakes   int
	failures map[netip.Prefix]failures
	strange  struct { // refusals of unknown users
		since           time.Time
		events, omitted int
	}
}

type failures struct {
	count  int
	since  time.Time
	banned time.Time // until then; zero: not
}

func newGuard(limits Limits, now func() time.Time) *guard {
	return &guard{
		limits: limits, now: now,
		open: map[netip.Prefix]int{}, shaking: map[netip.Prefix]int{}, failures: map[netip.Prefix]failures{},
	}
}

// neighbourhood is what counts as one address: with IPv6 anybody has a whole /64.
func neighbourhood(at netip.Addr) netip.Prefix {
	at = at.Unmap().WithZone("")
	bits := at.BitLen()
	if at.Is6() {
		bits = 64
	}
	network, _ := at.Prefix(bits) // can't fail for these lengths
	return network
}

// admit says whether a new connection may begin its handshake: "" or why not.
func (g *guard) admit(from netip.Prefix) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.failures[from].banned.After(g.now()):
		return outcomeBanned
	case g.total >= g.limits.Connections, g.open[from] >= g.limits.PerAddress,
		g.shakes >= g.limits.Handshakes, g.shaking[from] >= g.limits.PerShaking:
		return outcomeFull
	}
	g.total++
	g.shakes++
	g.open[from]++
	g.shaking[from]++
	return ""
}

// shaken ends a handshake, whatever came of it.
func (g *guard) shaken(from netip.Prefix) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shakes--
	less(g.shaking, from)
}

// gone ends a connection.
func (g *guard) gone(from netip.Prefix) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.total--
	less(g.open, from)
}

func less(counts map[netip.Prefix]int, from netip.Prefix) {
	if counts[from]--; counts[from] <= 0 {
		delete(counts, from)
	}
}

// failed counts a failed sign-in and tells whether it begins a ban.
func (g *guard) failed(from netip.Prefix) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	f, known := g.failures[from]
	if !known && len(g.failures) >= maxTracked {
		g.forget(now)
		if len(g.failures) >= maxTracked {
			return false // attackers from so many addresses are no matter of bans
		}
	}
	if now.Sub(f.since) > g.limits.Window {
		f = failures{since: now, banned: f.banned}
	}
	f.count++
	begins := f.count >= g.limits.Failures
	if begins {
		f = failures{banned: now.Add(g.limits.Ban)}
	}
	g.failures[from] = f
	return begins
}

// mostStrange is how many refusals of unknown users leave an event in a minute: scanners from ever other addresses must not
// fill the audit.
const mostStrange = 60

// stranger tells whether the refusal of an unknown user leaves an event, and how many before it left none.
func (g *guard) stranger() (event bool, omitted int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := &g.strange
	if now := g.now(); now.Sub(s.since) >= time.Minute {
		s.since, s.events = now, 0
	}
	if s.events >= mostStrange {
		s.omitted++
		return false, 0
	}
	s.events++
	omitted, s.omitted = s.omitted, 0
	return true, omitted
}

// forget drops what counts no more.
func (g *guard) forget(now time.Time) {
	for from, f := range g.failures {
		if now.Sub(f.since) > g.limits.Window && !f.banned.After(now) {
			delete(g.failures, from)
		}
	}
}
