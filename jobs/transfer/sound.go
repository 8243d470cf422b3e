package transfer

import (
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

// SoundAlgorithms returns what we offer and accept where nothing outdated was chosen, preferred first: for a client and for a
// server of ours alike.
func SoundAlgorithms() ssh.Algorithms {
	set, _ := Endpoint{}.algorithms() // can't fail without a choice
	return ssh.Algorithms{
		KeyExchanges: set.keyExchanges, Ciphers: set.ciphers, MACs: set.macs, HostKeys: set.hostKeys,
		PublicKeyAuths: slices.DeleteFunc(ssh.SupportedAlgorithms().PublicKeyAuths, func(name string) bool { return strings.Contains(name, "-cert-") }),
	}
}

// IsTemporary tells a name that says of itself not to be ready: a leading dot, or a suffix that clients and partners append
// while they write (.tmp, .part, .filepart and the like), or one of extra.
func IsTemporary(name string, extra []string) bool { return isTemporary(name, extra) }
