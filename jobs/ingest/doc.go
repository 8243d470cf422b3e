// Package ingest turns a received file into rows: it reads the archived bytes twice within one transaction.
//
//	pass 1, survey   envelopes, verdicts, findings, hashes; decides per set: load, hold, duplicate, unsupported
//	pass 2, load     decodes what is to be loaded, routes it to accounts, and COPYs the rows
//
// Memory is bounded by the largest claim or person, not by the file. Whatever one attempt does is committed at
// once, with the file's state, or not at all; loading a file again finds the work done. The rules are those of
// EXCHANGE: findings don't keep money or answers out, duplicates are named per interchange and per payment, and
// what belongs to no account waits in the operator's unrouted account.
package ingest
