package main

import (
	"context"

	"github.com/ediport/ediport/accounts"
)

// keepSealing seals the audit for as long as the process stays. The function returned ends it and waits.
func (e *environment) keepSealing(ctx context.Context) func() {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		e.sealer().Run(ctx, accounts.SealEvery)
	}()
	return func() {
		cancel()
		<-done
	}
}
