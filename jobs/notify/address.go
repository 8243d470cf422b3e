package notify

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

// closed are networks that are no targets for messages, besides those that netip knows by name: an
// address of them is this machine, its neighbours, or leads to them in disguise.
var closed = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"),  // carriers' own, RFC 6598
	netip.MustParsePrefix("192.0.0.0/24"),   // protocol assignments
	netip.MustParsePrefix("198.18.0.0/15"),  // benchmarks
	netip.MustParsePrefix("240.0.0.0/4"),    // reserved, broadcast
	netip.MustParsePrefix("64:ff9b::/96"),   // IPv4 by NAT64
	netip.MustParsePrefix("64:ff9b:1::/48"), // the same, local
	netip.MustParsePrefix("2002::/16"),      // IPv4 by 6to4
	netip.MustParsePrefix("2001::/32"),      // IPv4 by Teredo
	netip.MustParsePrefix("::/96"),          // IPv4, old form
}

// public tells whether an address is one of the open Internet.
func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	return !slices.ContainsFunc(closed, func(p netip.Prefix) bool { return p.Contains(a) })
}

func listed(a netip.Addr, allow []netip.Prefix) bool {
	a = a.Unmap().WithZone("")
	return slices.ContainsFunc(allow, func(p netip.Prefix) bool { return p.Contains(a) })
}

// dialer connects only to addresses that are public or listed; with onlyListed to the latter alone.
// It looks at the address that is connected to, so that no name leads elsewhere.
func dialer(allow []netip.Prefix, onlyListed bool) *net.Dialer {
	return &net.Dialer{
		Timeout: 10 * time.Second,
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(address)
			if err != nil {
				return &sendError{code: codeAddress, text: "the target is no address"}
			}
			if listed(at.Addr(), allow) || !onlyListed && public(at.Addr()) {
				return nil
			}
			return &sendError{code: codeAddress, text: "the target's address is not permitted"}
		},
	}
}
