// Package faults holds the fault suite: real nodes, in processes of their own, exchange files with a
// real SSH server over a real database, and one thing goes wrong, at a moment that the seed chooses. Then
// everything must come out as if nothing had happened. It has tests only.
//
//	go test ./jobs/faults                        # what each build runs
//	make test-faults                             # all seeds, and the suite without its guards (tag faultguards)
//	FAULT_SEEDS=17 go test -v ./jobs/faults      # one, with what its nodes say
//
// A run is: a world (world_test.go) of inbound and outbound files, a due schedule and two or four nodes
// (node_test.go); one fault (plan_test.go, deed_test.go); recovery until nothing is left to do
// (settle_test.go); and the promises (check_test.go). A run whose fault did not happen has failed, too. With
// guards taken away the same runs must fail: guards_test.go.
package faults
