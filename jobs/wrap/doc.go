// Package wrap opens what partners put their files into, zip, gzip and OpenPGP, one inside the other
// if need be, and makes the same for them.
//
// What arrives is somebody else's: each layer is told by its first bytes, never by its name; what it
// opens to is counted against [Limits] while it streams; the directory of a zip is checked before an
// entry is read; names are labels and nothing is ever created by them. Nothing is written to a disk: a
// zip is read where it lies, and one that stands inside another layer goes to memory or to the
// caller's [Spool].
//
// Streams are believed only at their end: check sums and signatures stand there. So what [Open] handed
// out counts only once it has returned nil.
package wrap
