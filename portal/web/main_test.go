package web_test

import (
	"testing"

	"github.com/ediport/ediport/storage/cluster/clustertest"
)

func TestMain(m *testing.M) { clustertest.Main(m) }
