// Package guide knows the implementation guides: what may stand where in a transaction set, what it is called, and what is
// wrong with it.
package guide
