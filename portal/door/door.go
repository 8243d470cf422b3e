// Package door is what stands before the portal's pages and its API alike: every request gets an
// incident id, the address it comes from and its limits, every answer its security headers, and a
// panic becomes a logged incident instead of a broken connection.
//
//	d, err := door.New(door.Options{Log: log, Hosts: []string{"edi.example.org"}, TLS: true})
//	server.Handler = d.Wrap(mux)
//
// Handlers read what the door knows about their request by [FromContext].
package door

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"time"
)

// Options configure a Door.
type Options struct {
	Log     *slog.Logger
	Hosts   []string         // names under which the portal may be called, without port; at least one
	TLS     bool             // people reach it by https, here or at a trusted proxy
	Proxies []netip.Prefix   // whose X-Forwarded-For is believed
	Now     func() time.Time // nil means time.Now
}

// A Door wraps the handlers of the portal. Safe for several goroutines.
type Door struct {
	log     *slog.Logger
	hosts   map[string]bool
	tls     bool
	proxies []netip.Prefix
	now     func() time.Time
}

// New returns a Door, or an error if no host is named.
func New(o Options) (*Door, error) {
	d := &Door{log: o.Log, hosts: map[string]bool{}, tls: o.TLS, proxies: o.Proxies, now: o.Now}
	for _, host := range o.Hosts {
		name := hostName(host)
		if name == "" {
			return nil, fmt.Errorf("portal: %q is not a host name", host)
		}
		d.hosts[name] = true
	}
	if len(d.hosts) == 0 {
		return nil, errors.New("portal: no host name is allowed; name at least one")
	}
	if d.log == nil {
		return nil, errors.New("portal: no logger")
	}
	if d.now == nil {
		d.now = time.Now
	}
	return d, nil
}

// Info is what the door knows about a request.
type Info struct {
	Incident string    // names the request in the log, on error pages and in the audit
	Address  string    // where it comes from, without port
	Start    time.Time // when it arrived
	TLS      bool      // the person's end is https
}

type infoKey struct{}

// FromContext returns what the door knows about the request of ctx; zero outside of one.
func FromContext(ctx context.Context) Info {
	info, _ := ctx.Value(infoKey{}).(Info)
	return info
}

// Wrap returns h behind the door.
func (d *Door) Wrap(h http.Handler) http.Handler {
	checked := d.checkHost(h)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		info := Info{Incident: newIncident(), Address: d.address(r), Start: d.now(), TLS: d.tls}
		r = r.WithContext(context.WithValue(r.Context(), infoKey{}, info))
		setHeaders(w.Header(), d.tls)
		rec := &recorder{ResponseWriter: w}
		defer d.finish(rec, r, info)
		checked.ServeHTTP(rec, r)
	})
}

// finish logs the request, and turns a panic that reached it into an answer.
func (d *Door) finish(w *recorder, r *http.Request, info Info) {
	if err := caught(recover()); err != nil {
		LogPanic(d.log, r, err)
		if w.status == 0 {
			http.Error(w, "Something broke on our side. Incident "+info.Incident, http.StatusInternalServerError)
		}
	}
	level := slog.LevelDebug
	if w.status >= http.StatusInternalServerError {
		level = slog.LevelWarn
	}
	d.log.Log(r.Context(), level, "request", "incident", info.Incident, "method", r.Method, "route", r.Pattern,
		"status", w.status, "bytes", w.bytes, "duration", d.now().Sub(info.Start))
}
