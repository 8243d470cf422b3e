package accounts

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/ediport/ediport/storage"
)

// ErrTokenAddress: the token may not be used from this address.
var ErrTokenAddress = errors.New("accounts: token used from elsewhere")

const mostNetworks = 50

// parseNetworks returns addresses and networks in one spelling, each as a network.
func parseNetworks(texts []string) ([]string, error) {
	networks := []string{}
	for _, text := range texts {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		prefix, err := netip.ParsePrefix(text)
		if address, errAddress := netip.ParseAddr(text); errAddress == nil {
			prefix, err = netip.PrefixFrom(address.Unmap().WithZone(""), address.Unmap().BitLen()), nil
		}
		if err != nil {
			return nil, &InputError{"networks", fmt.Sprintf("“%s” is neither an address like 192.0.2.7 nor a network like 192.0.2.0/24.", shorten(text, 50))}
		}
		if network := prefix.Masked().String(); !slices.Contains(networks, network) {
			networks = append(networks, network)
		}
	}
	if len(networks) > mostNetworks {
		return nil, &InputError{"networks", fmt.Sprintf("Give at most %d networks.", mostNetworks)}
	}
	return networks, nil
}

// fromNetworks says whether a token may be used from the address; ErrTokenAddress if not. Who can't be
// placed is outside.
func fromNetworks(address string) func(storage.APIToken) error {
	return func(token storage.APIToken) error {
		if len(token.Addresses) == 0 {
			return nil
		}
		from, err := netip.ParseAddr(address)
		if err != nil {
			return ErrTokenAddress
		}
		for _, network := range token.Addresses {
			if prefix, err := netip.ParsePrefix(network); err == nil && prefix.Contains(from.Unmap().WithZone("")) {
				return nil
			}
		}
		return ErrTokenAddress
	}
}
