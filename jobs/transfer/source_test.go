package transfer_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
)

// A server whose firewall lets one address in: here sshd itself lets nobody in from another one.
func TestFromASourceAddress(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("other systems have only one loopback address")
	}
	server := sshdtest.Start(t, sshdtest.Options{Config: "AllowUsers *@127.0.0.2"})
	jump := sshdtest.Start(t, sshdtest.Options{Config: "AllowUsers *@127.0.0.2"})
	behind := sshdtest.Start(t, sshdtest.Options{})
	through, way := endpoint(behind), endpoint(jump)
	through.Jump = &way
	for name, c := range map[string]struct {
		target       transfer.Endpoint
		source, code string
	}{
		"the address that is let in":       {endpoint(server), "127.0.0.2", ""},
		"another one":                      {endpoint(server), "127.0.0.3", "transfer.auth_failed"},
		"the system's choice":              {endpoint(server), "", "transfer.auth_failed"},
		"one that this machine hasn't":     {endpoint(server), "192.0.2.1", "transfer.connect_failed"},
		"one of the other family":          {endpoint(server), "::1", "transfer.connect_failed"},
		"none":                             {endpoint(server), "here", "transfer.endpoint_invalid"},
		"through a jump host":              {through, "127.0.0.2", ""},
		"through a jump host, another one": {through, "127.0.0.3", "transfer.auth_failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := c.target
			target.Source = c.source
			client, err := transfer.Dial(t.Context(), target)
			if transfer.Code(err) != c.code {
				t.Fatalf("error %v, want code %q", err, c.code)
			}
			if err == nil {
				client.Close()
			} else if c.source == "192.0.2.1" && !strings.Contains(err.Error(), "this machine has no address 192.0.2.1") {
				t.Errorf("error %v does not say why", err)
			}
		})
	}
}
