package web_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ediport/ediport/portal/web/webtest"
)

func TestZZ(t *testing.T) {
	s := webtest.Loaded(t)
	_, _, run := addJobs(t, s)
	s.SignedIn(t, s.Administrator).Get(run)
	for _, who := range []string{s.Biller, s.OtherBiller, s.Administrator} {
		crawl(t, s.SignedIn(t, who), "/dashboard")
	}
	s.Server.Close()
	seen := map[string]bool{}
	for _, line := range strings.Split(s.Log.String(), "\n") {
		if i := strings.Index(line, "error="); i > 0 && !seen[line[i:]] {
			seen[line[i:]] = true
			fmt.Println(line[i:])
		}
	}
}
