package transfer_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"testing/fstest"
	"time"

	"github.com/ediport/ediport/fixtures/simulator"
	"github.com/ediport/ediport/jobs/transfer"
)

// A pull fetches what stands still and archives it at the partner's.
func Example() {
	ctx := context.Background()
	partner, err := simulator.Serve(ctx, simulator.Options{
		User: "clinic", Password: "only an example",
		Files: fstest.MapFS{
			"outbound/payments.835":   {Data: []byte("ISA*…~"), ModTime: time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)},
			"outbound/upload.835.tmp": {Data: []byte("ISA"), ModTime: time.Date(2026, 3, 1, 6, 30, 0, 0, time.UTC)},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer partner.Close()

	client, err := transfer.Dial(ctx, transfer.Endpoint{
		Host: partner.Host, Port: partner.Port, User: "clinic",
		HostKeys: []string{partner.Fingerprint()},
		Auth:     transfer.Auth{Password: "only an example"},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	look, err := client.Await(ctx, transfer.ListOptions{Folder: "/outbound"},
		transfer.SettleOptions{Quiet: 10 * time.Millisecond, MaxWait: time.Minute})
	if err != nil {
		log.Fatal(err)
	}
	for _, file := range look.Ready {
		var content bytes.Buffer
		if _, err := client.Download(ctx, file, &content); err != nil {
			log.Fatal(err)
		}
		archived, err := client.Archive(ctx, file, "/outbound/archive")
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(transfer.SafeName(file.Name), content.String(), archived)
	}
	fmt.Println("unfinished:", look.Listing.Unfinished)
	// Output:
	// payments.835 ISA*…~ /outbound/archive/payments.835
	// unfinished: 1
}

// Test tells a person where a connection fails.
func ExampleTest() {
	steps := transfer.Test(context.Background(), transfer.Endpoint{Host: "sftp.example", User: "clinic"})
	for _, step := range steps[:2] {
		fmt.Printf("%s %s: %s\n%s\n", step.Name, step.State, step.Sentence, step.Remedy)
	}
	// Output:
	// settings failed: checking the settings: the connection's settings are incomplete or wrong: neither a password nor a private key is given
	// Correct the settings named above.
	// dns skipped:
}
