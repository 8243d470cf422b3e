// Package parts holds the pieces that several kinds of documents share: names, addresses, contacts, references,
// dates, traces, levels. The documents themselves are in edi/remittance, edi/eligibility, edi/claimstatus and
// edi/authorization.
//
// # What is lent
//
// Decoders fill the same memory again and again, so that a file of any size needs no more of it than its largest
// entity. What they hand out (an entity, its texts, lists and segments) is lent: it is valid until the handler returns, or
// until the next step of the loop over an iterator. Clone keeps an entity; Text.String keeps a text.
package parts
