// Package mutationtest holds the mutation tests of the validator: valid documents, changed in one place, must yield exactly one
// finding, at that place. What is expected is told by tables of the test, made from the facts of the guides and not by asking the
// validator; the changes are made by package mutate, which knows nothing of guides. See docs/conformance.md.
package mutationtest
