// Package decode has what the decoders of typed documents share: memory that is used again for each entity, readers
// of the segments that many documents have, the chain of hierarchical levels, and tables from guide data to fields.
package decode
