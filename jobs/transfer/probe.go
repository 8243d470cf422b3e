package transfer

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"path"
	"strings"
	"time"
)

// The names of the steps of [TestAll] per folder to push to, in order.
const (
	StepWrite    = "write"
	StepRename   = "rename"
	StepReadBack = "read_back"
	StepDelete   = "delete"
)

var probeSteps = []string{StepWrite, StepRename, StepReadBack, StepDelete}

// ProbePrefix begins the names of the files that TestAll writes; what has it and is old was left
// behind by a test that was cut off, and may be deleted.
const ProbePrefix = ".ediport-probe-"

var probeContent = []byte("ediport tries whether it may write here; this file may be deleted\n")

// probe tries what a push needs in a folder, and cleans up after itself whatever happens.
func (t *tester) probe(ctx context.Context, client *Client, folder string) {
	name := ProbePrefix + strings.ToLower(rand.Text()[:12])
	u := Upload{Folder: folder, Name: name, Temporary: name + ".tmp", Size: int64(len(probeContent))}
	steps := []struct {
		name, sentence string
		try            func() error
	}{
		{StepWrite, "A file can be written in the folder.", func() error {
			if t.folders.Make {
				if err := client.makeFolder(ctx, folder, t.folders.Mode); err != nil {
					return err
				}
			}
			_, err := client.writeTemporary(ctx, bytes.NewReader(probeContent), u)
			return err
		}},
		{StepRename, "A file can be renamed there.", func() error { return client.rename(ctx, u) }},
		{StepReadBack, "The file has the size that was written.", func() error { return client.readBack(ctx, u) }},
		{StepDelete, "The file can be deleted.", func() error { return client.remove(ctx, u.final()) }},
	}
	for i, s := range steps {
		started := time.Now()
		if err := s.try(); err != nil {
			t.steps = append(t.steps, failedStep(s.name, err, elapsed(started)))
			t.skip(probeSteps[i+1:]...)
			client.sweep(ctx, u)
			return
		}
		t.steps = append(t.steps, Step{Name: s.name, State: StateOK, Sentence: s.sentence, Took: elapsed(started)})
	}
}

// readBack compares the file with what was written. A server that lets nobody read what was
// delivered is no obstacle: the size says enough.
func (c *Client) readBack(ctx context.Context, u Upload) error {
	file, err := c.Stat(ctx, u.final())
	if err != nil {
		return err
	}
	var content bytes.Buffer
	_, err = c.Download(ctx, file, &content)
	switch {
	case errors.Is(err, ErrPermission) && file.Size == u.Size:
		return nil
	case err != nil:
		return err
	case !bytes.Equal(content.Bytes(), probeContent):
		return failed(ErrIncomplete, "reading the file back", errors.New("its content is not what was written"))
	}
	return nil
}

// sweep removes what a probe may have left; the failure before it is what counts.
func (c *Client) sweep(ctx context.Context, u Upload) {
	_ = c.remove(ctx, u.final())
	_ = c.remove(ctx, path.Join(u.Folder, u.Temporary))
}
