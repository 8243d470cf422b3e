//go:build race

package mutationtest

// share is how many of five generated trials a run takes: the race detector makes them ten times as slow.
const share = 3
