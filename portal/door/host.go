package door

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// checkHost refuses requests for names that aren't ours, so that no foreign name is resolved to us
// (DNS rebinding) and none gets into a link.
func (d *Door) checkHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !d.hosts[hostName(r.Host)] {
			http.Error(w, "This server does not answer to that host name. "+
				"An administrator can allow it in the configuration. Incident "+FromContext(r.Context()).Incident,
				http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// hostName returns the name in host or host:port, in lower case, without a trailing dot.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.TrimSuffix(strings.ToLower(strings.Trim(host, "[]")), ".")
}

// address returns where the request comes from: the connection's other end, or, if that is a
// trusted proxy, the nearest address in X-Forwarded-For that is none.
func (d *Door) address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	forwarded := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(forwarded) - 1; i >= 0 && d.trusted(host); i-- {
		next, err := netip.ParseAddr(strings.TrimSpace(forwarded[i]))
		if err != nil {
			break
		}
		host = next.Unmap().String()
	}
	return host
}

func (d *Door) trusted(host string) bool {
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	for _, prefix := range d.proxies {
		if prefix.Contains(addr.Unmap()) {
			return true
		}
	}
	return false
}
