//go:build !race

package mutationtest

// share is how many of five generated trials a run takes: all of them.
const share = 5
