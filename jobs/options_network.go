package jobs

import (
	"cmp"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

// Network holds a connection's limits and what its server needs to be met halfway. The zero value of
// a field means its default.
type Network struct {
	ConnectSeconds   int `json:"connect_seconds,omitempty"`    // 20
	HandshakeSeconds int `json:"handshake_seconds,omitempty"`  // 30
	IdleSeconds      int `json:"idle_seconds,omitempty"`       // of silence, 30
	TransferSeconds  int `json:"transfer_seconds,omitempty"`   // for one file; ten minutes, and ten more for each gigabyte
	KeepAliveSeconds int `json:"keep_alive_seconds,omitempty"` // a third of IdleSeconds

	Concurrency     int   `json:"concurrency,omitempty"`       // files at once, 1 to 64; 4
	RequestsPerFile int   `json:"requests_per_file,omitempty"` // 256; 64 or fewer for servers that choke
	BytesPerSecond  int64 `json:"bytes_per_second,omitempty"`  // in each direction; no limit
	MaxFileBytes    int64 `json:"max_file_bytes,omitempty"`    // larger files are not taken, 2 GiB
	OneFileAtATime  bool  `json:"one_file_at_a_time,omitempty"`

	LegacyAlgorithms []string `json:"legacy_algorithms,omitempty"` // outdated ones to accept beside the sound ones
	LegacyUntil      string   `json:"legacy_until,omitempty"`      // their last day, 2027-06-30; "": no end

	Jump  *Jump  `json:"jump,omitempty"`  // a server to go through
	Proxy string `json:"proxy,omitempty"` // socks5://user@host:1080 or http://host:3128; its password is a secret

	SourceAddress string `json:"source_address,omitempty"` // of ours, 192.0.2.10, which each machine that works must have; "": the system chooses
}

// A Jump is an SSH server through which a connection's server is reached. It signs in with the
// password or the key of its own among the connection's secrets.
type Jump struct {
	Host     string   `json:"host"`
	Port     int      `json:"port,omitempty"` // 22
	User     string   `json:"user"`
	HostKeys []string `json:"host_keys"` // pinned, as the connection's
}

// NetworkOf returns a connection's limits, with defaults filled in.
func NetworkOf(c *storage.Connection) (Network, error) {
	var n Network
	err := decodeSettings("network", c.Network, &n)
	return n.withDefaults(), err
}

// SetNetwork sets a connection's limits.
func SetNetwork(c *storage.Connection, n Network) { c.Network = encodeSettings(n) }

func (n Network) withDefaults() Network {
	n.ConnectSeconds = cmp.Or(n.ConnectSeconds, 20)
	n.HandshakeSeconds = cmp.Or(n.HandshakeSeconds, 30)
	n.IdleSeconds = cmp.Or(n.IdleSeconds, 30)
	n.KeepAliveSeconds = cmp.Or(n.KeepAliveSeconds, max(n.IdleSeconds/3, 1))
	n.Concurrency = cmp.Or(n.Concurrency, 4)
	n.RequestsPerFile = cmp.Or(n.RequestsPerFile, 256)
	n.MaxFileBytes = cmp.Or(n.MaxFileBytes, 2<<30)
	if n.Jump != nil && n.Jump.Port == 0 {
		jump := *n.Jump
		jump.Port = 22
		n.Jump = &jump
	}
	return n
}

// fileTime is how long one file may take.
func (n Network) fileTime(size int64) time.Duration {
	if n.TransferSeconds > 0 {
		return seconds(n.TransferSeconds)
	}
	allowed := fileTime(size)
	if n.BytesPerSecond > 0 { // our own brake is not the server's fault
		allowed += time.Duration(float64(size) / float64(n.BytesPerSecond) * float64(time.Second))
	}
	return allowed
}

// fileTime is the usual limit to the work on one file: ten minutes, and ten more for each gigabyte.
func fileTime(size int64) time.Duration {
	return 10*time.Minute + time.Duration(float64(size)/(1<<30)*float64(10*time.Minute))
}

// filesAtOnce is how many files may be under way.
func (n Network) filesAtOnce() int {
	if n.OneFileAtATime {
		return 1
	}
	return n.Concurrency
}

// legacyDate is how LegacyUntil is written.
const legacyDate = "2006-01-02"

// legacy returns the outdated algorithms to accept at a time.
func (n Network) legacy(now time.Time) []string {
	until, err := time.Parse(legacyDate, n.LegacyUntil)
	if err == nil && !now.Before(until.AddDate(0, 0, 1)) {
		return nil
	}
	return n.LegacyAlgorithms
}

func (n Network) check(complain complaint, s Secrets) {
	complain.between("connect_seconds", n.ConnectSeconds, 1, 600)
	complain.between("handshake_seconds", n.HandshakeSeconds, 1, 600)
	complain.between("idle_seconds", n.IdleSeconds, 1, 3600)
	complain.between("transfer_seconds", n.TransferSeconds, 0, day)
	complain.between("keep_alive_seconds", n.KeepAliveSeconds, 1, 3600)
	complain.about(n.KeepAliveSeconds > n.IdleSeconds, "keep_alive_seconds", "not more than the seconds of silence")
	complain.between("concurrency", n.Concurrency, 1, 64)
	complain.between("requests_per_file", n.RequestsPerFile, 1, 1024)
	complain.about(n.BytesPerSecond < 0 || (n.BytesPerSecond > 0 && n.BytesPerSecond < 1024), "bytes_per_second", "at least 1,024, or 0 for no limit")
	complain.about(n.MaxFileBytes < 1, "max_file_bytes", "at least 1")
	known := transfer.LegacyAlgorithms()
	for _, name := range n.LegacyAlgorithms {
		complain.about(!slices.Contains(known, name), "legacy_algorithms", "%s is not one of %s", strings.ToValidUTF8(name, "?"), strings.Join(known, ", "))
	}
	if n.LegacyUntil != "" {
		_, err := time.Parse(legacyDate, n.LegacyUntil)
		complain.about(err != nil, "legacy_until", "a day such as 2027-06-30")
	}
	if n.SourceAddress != "" {
		address, err := netip.ParseAddr(n.SourceAddress)
		complain.about(err != nil || address.Zone() != "", "source_address", "an address of this machine such as 192.0.2.10")
	}
	n.checkProxy(complain)
	if n.Jump != nil {
		n.checkJump(complain.in("jump"), s)
	}
}

func (n Network) checkProxy(complain complaint) {
	if n.Proxy == "" {
		return
	}
	proxy, err := url.Parse(n.Proxy)
	complain.about(err != nil || proxy.Host == "" || (proxy.Scheme != "socks5" && proxy.Scheme != "http"), "proxy", "socks5://host:port or http://host:port")
	if err == nil {
		_, set := proxy.User.Password()
		complain.about(set, "proxy", "the password goes into its own field, it is a secret")
	}
	complain.about(n.Jump != nil, "proxy", "either a proxy or a jump host")
}

func (n Network) checkJump(complain complaint, s Secrets) {
	complain.about(n.Jump.Host == "", "host", "enter the jump host")
	complain.about(n.Jump.User == "", "user", "enter the user at the jump host")
	complain.about(s.JumpPassword == "" && s.JumpPrivateKey == "", "host", "the jump host needs a password or a private key of its own")
	for _, key := range n.Jump.HostKeys {
		if err := transfer.CheckHostKey(key); err != nil {
			complain.about(true, "host_keys", "%v", err)
		}
	}
}
