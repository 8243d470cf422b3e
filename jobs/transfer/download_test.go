package transfer_test

import (
	"crypto/sha256"
	"testing"

	"github.com/ediport/ediport/jobs/transfer/sshdtest"
)

func TestDownloadEqualsTheFile(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{})
	for name, size := range map[string]int{"empty": 0, "one byte": 1, "one packet": 32 << 10, "50 MB": 50<<20 + 17} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			content := randomBytes(size)
			server.WriteFile(name+"/file.835", content)
			client := dial(t, endpoint(server))
			sum := sha256.New()
			n, err := client.Download(t.Context(), only(t, client, server.Path(name)), sum)
			if err != nil || n != int64(size) {
				t.Fatalf("Download = %d, %v; want %d bytes", n, err, size)
			}
			if [32]byte(sum.Sum(nil)) != sha256.Sum256(content) {
				t.Fatal("the content differs")
			}
		})
	}
}
