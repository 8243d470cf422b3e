package dropbox

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/pkg/sftp"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

// handlers answer the requests of one SFTP session.
type handlers struct{ *session }

// The refusals of requests.
var (
	errReading   = refuse(sftp.ErrSSHFxPermissionDenied, "what is in /in can't be read")
	errNoChange  = refuse(sftp.ErrSSHFxPermissionDenied, "the file was accepted and is not changed any more")
	errNotHere   = refuse(sftp.ErrSSHFxOpUnsupported, "that is not done here: files are written, and renamed from a temporary name")
	errNotStaged = refuse(sftp.ErrSSHFxPermissionDenied, "only a file with a temporary name is renamed")
)

// Fileread refuses: nothing can be read back.
func (h *handlers) Fileread(*sftp.Request) (io.ReaderAt, error) {
	return nil, h.answered("read", errReading)
}

// Filewrite begins an upload.
func (h *handlers) Filewrite(r *sftp.Request) (io.WriterAt, error) { return h.write(r) }

// OpenFile begins an upload by a client that asks for reading, too; reading is refused when it happens.
func (h *handlers) OpenFile(r *sftp.Request) (sftp.WriterAtReaderAt, error) { return h.write(r) }

func (h *handlers) write(r *sftp.Request) (u *upload, err error) {
	err = h.guarded("open", func() error {
		name, err := nameIn(r.Filepath)
		if err != nil {
			return err
		}
		u, err = h.create(name, r.Pflags())
		return err
	})
	return u, err
}

// Filecmd renames and removes what is staged; attributes are taken note of politely, and nothing else is done.
func (h *handlers) Filecmd(r *sftp.Request) error {
	return h.guarded(r.Method, func() error {
		switch r.Method {
		case "Rename":
			return h.rename(r.Filepath, r.Target)
		case "Remove":
			return h.remove(r.Filepath)
		case "Setstat":
			return h.setstat(r)
		default:
			return errNotHere
		}
	})
}

// setstat keeps nothing: permissions and times are the client's wish. What it says of the size must be so.
func (h *handlers) setstat(r *sftp.Request) error {
	info, err := h.stat(r.Filepath)
	if err != nil {
		return err
	}
	if r.AttrFlags().Size && !info.IsDir() && int64(r.Attributes().Size) != info.Size() { //nolint:gosec // it is only compared
		return errNotHere
	}
	return nil
}

// Filelist lists a folder or looks at one file.
func (h *handlers) Filelist(r *sftp.Request) (at sftp.ListerAt, err error) {
	err = h.guarded(r.Method, func() (err error) {
		switch r.Method {
		case "List":
			at, err = h.list(r.Filepath)
		case "Stat":
			var info os.FileInfo
			info, err = h.stat(r.Filepath)
			at = infos{info}
		default:
			err = errNotHere
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return at, nil
}

func (h *handlers) list(path string) (_ sftp.ListerAt, err error) {
	if err := h.takeListing(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			h.giveListing()
		}
	}()
	var all infos
	switch path {
	case rootFolder:
		all = infos{folderInfo(inFolder[1:])}
	case inFolder:
		err := h.read(func(ctx context.Context, tx *storage.Tx) error {
			files, err := tx.ListDropped(ctx, h.box.Load().ID, mostShown)
			for _, f := range files {
				all = append(all, infoOf(f))
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	default:
		return nil, errNoSuchFile
	}
	return &listing{infos: all, session: h.session}, nil
}

// stat looks at a folder, at what this connection is writing, or at what was staged or accepted.
func (h *handlers) stat(path string) (os.FileInfo, error) {
	if path == rootFolder || path == inFolder {
		return folderInfo(path[1:]), nil
	}
	name, err := nameIn(path)
	if err != nil {
		return nil, errNoSuchFile // whatever is wrong with the name: it is not there
	}
	if u := h.writing(name); u != nil {
		return fileInfo{name: name, size: u.size(), staged: true, at: h.server.cfg.DB.Now()}, nil
	}
	var f storage.DroppedFile
	err = h.read(func(ctx context.Context, tx *storage.Tx) (err error) {
		f, err = tx.Dropped(ctx, h.box.Load().ID, transfer.Escape(name))
		return err
	})
	if errors.Is(err, storage.ErrNotFound) {
		return nil, errNoSuchFile
	}
	return infoOf(f), err
}

// LookupUserName makes `ls -l` say what became of a file.
func (h *handlers) LookupUserName(id string) string {
	switch id {
	case stagedID:
		return "incomplete"
	case acceptedID:
		return "accepted"
	}
	return "ediport"
}

// LookupGroupName says whose files they are.
func (h *handlers) LookupGroupName(string) string { return "ediport" }

// infos are files in memory.
type infos []os.FileInfo

// ListAt gives the files from offset on.
func (l infos) ListAt(into []os.FileInfo, offset int64) (int, error) {
	if offset < 0 || offset >= int64(len(l)) {
		return 0, io.EOF
	}
	n := copy(into, l[offset:])
	if n < len(into) {
		return n, io.EOF
	}
	return n, nil
}

// A listing holds a handle until it is closed.
type listing struct {
	infos
	session *session
	once    sync.Once
}

// Close gives the handle back.
func (l *listing) Close() error {
	l.once.Do(l.session.giveListing)
	return nil
}

// The numbers that stand for owners in the protocol.
const (
	acceptedID, acceptedUID = "1", 1
	stagedID, stagedUID     = "2", 2
)

// A fileInfo is what a client sees of a file.
type fileInfo struct {
	name   string
	size   int64
	staged bool
	folder bool
	at     time.Time
}

func folderInfo(name string) fileInfo {
	if name == "" {
		name = "/"
	}
	return fileInfo{name: name, folder: true, at: time.Unix(0, 0).UTC()}
}

func infoOf(f storage.DroppedFile) fileInfo {
	name, err := transfer.Unescape(f.Name)
	if err != nil {
		name = transfer.SafeName(f.Name)
	}
	return fileInfo{name: name, size: f.Size, staged: f.File == 0, at: f.At}
}

func (i fileInfo) Name() string       { return i.name }
func (i fileInfo) Size() int64        { return i.size }
func (i fileInfo) ModTime() time.Time { return i.at }
func (i fileInfo) IsDir() bool        { return i.folder }

// Mode shows what may be done: an accepted file is not written any more.
func (i fileInfo) Mode() fs.FileMode {
	switch {
	case i.folder:
		return fs.ModeDir | 0o755
	case i.staged:
		return 0o200
	default:
		return 0o400
	}
}

// Sys carries the owner, which says what became of the file.
func (i fileInfo) Sys() any {
	switch {
	case i.folder:
		return &sftp.FileStat{}
	case i.staged:
		return &sftp.FileStat{UID: stagedUID}
	default:
		return &sftp.FileStat{UID: acceptedUID}
	}
}
