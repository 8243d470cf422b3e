// Package encode is the machinery of the encoders: it composes segments of fields, checks each entity by its guide before anything of
// it is written, and makes envelopes, counts, control numbers and hierarchical levels. It is not for use outside of edi.
package encode
