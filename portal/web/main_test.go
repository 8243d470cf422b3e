package web_test

import (
	"fmt"
	"os"
	"runtime/debug"
	"testing"

	"github.com/ediport/ediport/portal/web/browsertest"
	"github.com/ediport/ediport/storage/cluster/clustertest"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(200) // memory for time, most of all under the race detector
	code := browsertest.Main(m.Run)
	if err := clustertest.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stopping the tests' Postgres:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}
