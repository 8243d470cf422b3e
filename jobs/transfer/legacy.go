package transfer

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

// The outdated algorithms that a partner's server may still need, by use. RC4 and DSA are not among
// them: they protect nothing any more.
var (
	legacyKeyExchanges = []string{
		ssh.InsecureKeyExchangeDHGEXSHA1, ssh.InsecureKeyExchangeDH14SHA1, ssh.InsecureKeyExchangeDH1SHA1,
	}
	legacyCiphers  = []string{ssh.InsecureCipherAES128CBC, ssh.InsecureCipherTripleDESCBC}
	legacyMACs     = []string{ssh.HMACSHA1, ssh.InsecureHMACSHA196}
	legacyHostKeys = []string{ssh.KeyAlgoRSA} // RSA with SHA-1, also for keys of ours
)

// LegacyAlgorithms returns the names that Endpoint.Legacy may hold. None is accepted unless it is there.
func LegacyAlgorithms() []string {
	return slices.Concat(legacyKeyExchanges, legacyCiphers, legacyMACs, legacyHostKeys)
}

// An algorithmSet is what we offer and accept, preferred first.
type algorithmSet struct {
	keyExchanges, ciphers, macs, hostKeys []string
}

// algorithms returns the sound algorithms, and behind them the outdated ones that were chosen.
func (e Endpoint) algorithms() (algorithmSet, error) {
	sound := ssh.SupportedAlgorithms() // x/crypto's defaults still have SHA-1 key exchanges
	set := algorithmSet{
		keyExchanges: sound.KeyExchanges, ciphers: sound.Ciphers, hostKeys: hostKeyAlgorithms(),
		macs: slices.DeleteFunc(sound.MACs, func(name string) bool { return slices.Contains(legacyMACs, name) }),
	}
	for _, name := range e.Legacy {
		switch {
		case slices.Contains(legacyKeyExchanges, name):
			set.keyExchanges = append(set.keyExchanges, name)
		case slices.Contains(legacyCiphers, name):
			set.ciphers = append(set.ciphers, name)
		case slices.Contains(legacyMACs, name):
			set.macs = append(set.macs, name)
		case slices.Contains(legacyHostKeys, name):
			set.hostKeys = append(set.hostKeys, name)
		default:
			return set, errors.New("an outdated algorithm that was chosen is not known")
		}
	}
	return set, nil
}

// hint tells which outdated algorithms of a server's could be chosen for it.
func hint(offered []string) string {
	var could []string
	for _, name := range offered {
		if slices.Contains(LegacyAlgorithms(), name) {
			could = append(could, name)
		}
	}
	if len(could) == 0 {
		return ""
	}
	return fmt.Sprintf(" (could be chosen for this connection: %s)", strings.Join(could, ", "))
}
