package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
)

// maxSentQuestions is how many questions are looked up at once.
const maxSentQuestions = 1_000

// A setScan reads the sets of an outbound file whose envelopes [scan] has read, and with which questions they ask. Its memory does not
// grow with the file.
type setScan struct {
	ctx       context.Context //nolint:containedctx // a scan is one call
	tx        *storage.LoadTx
	file      storage.FileID
	envelopes []storage.OutboundEnvelope // those that are still to come
	sets      *storage.OutboundSets
	accounts  []storage.AccountID // that asked something; none: nobody's questions are looked for
	questions []storage.SentQuestion
	usage     string // ISA15
	set       storage.OutboundSet
	version   string // GS08
	answered  bool   // the open group is one that acknowledgments speak of
}

// writeSets writes the sets of an archived outbound file, and which questions leave with them: the account's, if it is one's alone.
func writeSets(ctx context.Context, tx *storage.LoadTx, a *archive.Archive, blob archive.Blob, f *storage.OutboundFile) error {
	s := &setScan{ctx: ctx, tx: tx, file: f.ID, envelopes: f.Envelopes, sets: tx.OutboundSets(f.ID)}
	if !s.any() {
		return nil
	}
	var err error
	if s.accounts, err = tx.AskingAccounts(ctx); err != nil {
		return err
	}
	if f.Account != 0 {
		s.accounts = slices.DeleteFunc(s.accounts, func(id storage.AccountID) bool { return id != f.Account })
	}
	r, err := a.Open(blob)
	if err != nil {
		return fail(ErrArchive, err)
	}
	defer r.Close()
	return s.read(r)
}

// functionalAcknowledgment is GS01 of groups of 999s and 997s, which nobody acknowledges.
const functionalAcknowledgment = "FA"

// any tells whether there is a set to be written.
func (s *setScan) any() bool {
	for i := range s.envelopes {
		if e := &s.envelopes[i]; e.Sets > 0 && e.FunctionalID != functionalAcknowledgment {
			return true
		}
	}
	return false
}

func (s *setScan) read(content io.Reader) error {
	for r := edi.NewReader(content); ; {
		seg, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = s.segment(seg)
		}
		if err != nil {
			return fmt.Errorf("jobs: reading the sets of what is to be delivered: %w", err)
		}
	}
	if err := s.ask(); err != nil {
		return err
	}
	return s.sets.Flush(s.ctx)
}

func (s *setScan) segment(seg edi.Segment) error {
	switch tag := seg.Tag(); {
	case tag == "ISA", tag == "GS":
		if len(s.envelopes) == 0 {
			return errors.New("jobs: the file has more envelopes than when it was checked")
		}
		e := s.envelopes[0]
		s.envelopes = s.envelopes[1:]
		s.usage, s.version, s.answered = e.Usage, e.Version, e.FunctionalID != functionalAcknowledgment
		s.set = storage.OutboundSet{Interchange: e.Interchange, Group: e.Group}
	case !s.answered:
	case tag == "ST":
		s.set.No++
		s.set.Code, s.set.ControlNumber, s.set.ByteOffset = trimmed(seg.Text(1)), trimmed(seg.Text(2)), seg.Pos().Offset
		s.set.Guide = cmp.Or(trimmed(seg.Text(3)), s.version)
		return s.sets.Add(s.ctx, s.set)
	case tag == "TRN" && len(s.accounts) > 0 && seg.Text(1).Is("1") && asks(s.set.Code):
		s.questions = append(s.questions, storage.SentQuestion{
			Interchange: s.set.Interchange, Group: s.set.Group, Set: s.set.No, Kind: s.set.Code, Usage: s.usage, Trace: trimmed(seg.Text(2)), Originator: trimmed(seg.Text(3)),
		})
		if len(s.questions) >= maxSentQuestions {
			return s.ask()
		}
	}
	return nil
}

// asks tells whether a set is a request, or may be one.
func asks(set string) bool { return set == "270" || set == "276" || set == "278" }

// ask notes the questions that were collected since the last time.
func (s *setScan) ask() error {
	if len(s.questions) == 0 {
		return nil
	}
	err := s.tx.LinkSentQuestions(s.ctx, s.file, s.accounts, s.questions)
	s.questions = s.questions[:0]
	return err
}
