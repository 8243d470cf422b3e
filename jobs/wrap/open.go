package wrap

import (
	"bufio"
	"context"
	"errors"
	"io"
	"slices"
	"time"
)

// A Source is a file to be opened.
type Source struct {
	Name    string
	Size    int64
	Content io.ReaderAt

	// Spool makes a place for a zip inside another layer that is too large for memory; nil: there is
	// none, and such a file is ErrTooLarge.
	Spool func() (Spool, error)
}

// A Spool takes a stream and gives it back to be read at random. It must not keep anything in clear
// on a disk.
type Spool interface {
	io.Writer
	Content() (io.ReaderAt, error) // after the last Write
	Close() error                  // forgets everything
}

// Keys are what OpenPGP messages are opened and checked with.
type Keys struct {
	Private          string // armored, of ours; "": encrypted messages are ErrNoKey
	Passphrase       string // of Private
	Signers          string // armored public keys of those whose signatures count; may be several blocks
	RequireSignature bool   // what is not signed by one of Signers is ErrSignatureMissing
}

// An Entry is one file that came out.
type Entry struct {
	Ordinal int    // from 1, in the order of the file
	Name    string // what it is called, without folders; safe to show, never to be used as a path
	Path    string // the way to it: "batch.zip/july/a.835"; as Name
	Layers  []Kind // what was opened, from the outside
	ModTime time.Time
	Signer  string // fingerprint of the key whose signature is checked at the end; "": none
	Content io.Reader
}

// Open calls each for every file that is wrapped in src, in order, until it returns an error, which
// Open returns. Content must be read to its end, and counts only if Open returns nil. A source that is
// not wrapped is one entry without layers. Errors are of the kinds of this package, those of each, of
// the context, or of the source's reader.
func Open(ctx context.Context, src Source, limits Limits, keys Keys, each func(Entry) error) error {
	o := &opener{source: src, keys: keys, each: each, budget: &budget{ctx: ctx, limits: limits.withDefaults(), size: src.Size}}
	err := o.open(layer{name: src.Name, at: o.readable(src.Content, src.Size), size: src.Size})
	for _, r := range o.readers {
		if r.err != nil {
			return r.err // what looked like damage is the reader's failure
		}
	}
	return err
}

// readable makes a reader of the caller's one of ours, whose errors are kept apart.
func (o *opener) readable(from io.ReaderAt, size int64) io.ReaderAt {
	r := &sourceReader{from: from, size: size}
	o.readers = append(o.readers, r)
	return r
}

// An opener opens one source.
type opener struct {
	source  Source
	keys    Keys
	each    func(Entry) error
	budget  *budget
	ring    *ring // read when it is first needed
	readers []*sourceReader
}

// A layer is something that may be wrapped: in a place where it can be read at random, or a stream.
type layer struct {
	name    string
	path    []string // labels of what it came out of
	layers  []Kind
	modTime time.Time
	signer  string

	at     io.ReaderAt // nil: it is a stream
	size   int64
	stream io.Reader
}

// inside is a layer that comes out of this one as a stream.
func (l layer) inside(kind Kind, name string, stream io.Reader) layer {
	return layer{
		name: name, path: append(slices.Clone(l.path), label(l.name)), layers: append(slices.Clone(l.layers), kind),
		modTime: l.modTime, signer: l.signer, stream: stream,
	}
}

// open opens a layer, and what is in it.
func (o *opener) open(l layer) error {
	if l.at != nil {
		l.stream = io.NewSectionReader(l.at, 0, l.size)
	}
	buffered := bufio.NewReaderSize(l.stream, 64<<10)
	l.stream = buffered
	head, err := buffered.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	kind := Detect(head)
	if kind == KindNone {
		return o.deliver(l)
	}
	if len(l.layers) >= o.budget.limits.Depth {
		return fail(ErrTooDeep, nil)
	}
	switch kind {
	case KindZip:
		return o.openZip(l)
	case KindGzip:
		return o.openGzip(l, buffered)
	case KindArmoredPGP:
		return o.openArmored(l)
	default:
		if err := o.openMessage(l, kind); err != nil {
			return err
		}
		return nothingFollows(l.stream)
	}
}

// deliver hands a file out that is not wrapped any more.
func (o *opener) deliver(l layer) error {
	if len(l.layers) > 0 && o.keys.RequireSignature && l.signer == "" {
		return fail(ErrSignatureMissing, nil)
	}
	if err := o.budget.entry(); err != nil {
		return err
	}
	path := append(slices.Clone(l.path), label(l.name))
	err := o.each(Entry{
		Ordinal: o.budget.entries, Name: lastPart(l.name), Path: joinLabels(path), Layers: l.layers,
		ModTime: l.modTime, Signer: l.signer, Content: l.stream,
	})
	if err != nil {
		return err
	}
	// Check sums and signatures stand at the end, which may be all that is left to read.
	_, err = io.Copy(io.Discard, l.stream)
	return err
}

// damaged marks an error as damage, unless it says more or comes from a limit.
func (o *opener) damaged(err error) error {
	if o.budget.err != nil {
		return o.budget.err
	}
	if _, ok := errors.AsType[*Error](err); ok {
		return err
	}
	return fail(ErrDamaged, err)
}
