package dropbox

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/ediport/ediport/storage"
)

// A session is one connection that has signed in.
type session struct {
	server *Server
	conn   *ssh.ServerConn
	box    atomic.Pointer[signedIn] // as of the last look
	from   netip.Addr
	id     string // correlation in audit and log
	ctx    context.Context
	cancel context.CancelFunc

	mu       sync.Mutex
	handles  int
	listings int                // of these
	held     int                // what is kept that came out of order, of all uploads
	uploads  map[string]*upload // being written, by name
	refusals int
}

func newSession(s *Server, conn *ssh.ServerConn, box *signedIn, from netip.Addr) *session {
	x := &session{server: s, conn: conn, from: from, id: "drop-" + strings.ToLower(rand.Text()[:12]), uploads: map[string]*upload{}}
	x.box.Store(box)
	x.ctx, x.cancel = context.WithCancel(s.ctx)
	return x
}

// hangUp ends the connection; what is being written is dropped by who serves it.
func (x *session) hangUp() { _ = x.conn.Close() } // its error says that it is closed

// actor is the partner as the audit names it.
func (x *session) actor() storage.Actor {
	return storage.Actor{Kind: storage.ActorSystem, Address: x.from.String(), Request: x.id}
}

func (x *session) scope() storage.Scope {
	return storage.Scope{Operator: x.box.Load().Operator, Actor: x.actor()}
}

// read runs fn in the operator's scope.
func (x *session) read(fn func(context.Context, *storage.Tx) error) error {
	ctx, cancel := x.server.short()
	defer cancel()
	return x.server.cfg.DB.InScope(ctx, x.scope(), func(tx *storage.Tx) error { return fn(ctx, tx) })
}

// noteSignIn records the sign-in.
func (x *session) noteSignIn() error {
	box := x.box.Load()
	return x.read(func(ctx context.Context, tx *storage.Tx) error {
		if err := tx.NoteDropBoxSignIn(ctx, box.ID, box.key); err != nil {
			return err
		}
		return tx.Audit(ctx, x.event("dropbox.signed_in", map[string]any{"key": box.key}))
	})
}

// event is one about the drop box.
func (x *session) event(action string, detail map[string]any) storage.AuditEvent {
	return storage.AuditEvent{Action: action, ObjectKind: "dropbox", ObjectID: int64(x.box.Load().ID), Detail: detail}
}

// channels serves SFTP to the end of the connection; nothing else is offered.
func (x *session) channels(incoming <-chan ssh.NewChannel) {
	var serving sync.WaitGroup
	defer serving.Wait()
	defer x.hangUp()
	var open atomic.Int32
	for c := range incoming {
		if c.ChannelType() != "session" {
			_ = c.Reject(ssh.UnknownChannelType, "only SFTP is served here") // the loop ends if the connection did
			continue
		}
		if int(open.Load()) >= x.server.limits.Channels {
			_ = c.Reject(ssh.ResourceShortage, "too many sessions in one connection")
			continue
		}
		channel, requests, err := c.Accept()
		if err != nil {
			x.hangUp()
			continue // to the end: who reads the connection waits for whoever takes these
		}
		open.Add(1)
		serving.Go(func() {
			defer open.Add(-1)
			x.channel(channel, requests)
		})
	}
}

// channel waits until SFTP is asked for, and serves it. It returns when the client has closed the channel, too: until then it
// may send, which takes memory, and its place is not free.
func (x *session) channel(channel ssh.Channel, requests <-chan *ssh.Request) {
	var rest sync.WaitGroup
	defer rest.Wait()
	defer func() { _ = channel.Close() }() // it may be closed already
	asked := x.asked(requests)
	rest.Go(func() { ssh.DiscardRequests(requests) })
	if asked && x.serve(channel) == nil {
		_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{})) // a courtesy
	}
}

// asked waits until SFTP is asked for; false: it never was.
func (x *session) asked(requests <-chan *ssh.Request) bool {
	for r := range requests {
		if r.Type == "subsystem" && isSFTP(r.Payload) {
			return r.Reply(true, nil) == nil
		}
		_ = r.Reply(false, nil) // no shell, no commands, no forwarding
	}
	return false
}

func isSFTP(payload []byte) bool {
	var asked struct{ Name string }
	return ssh.Unmarshal(payload, &asked) == nil && asked.Name == "sftp"
}

// serve returns nil if the client ended in order.
func (x *session) serve(channel ssh.Channel) error {
	h := &handlers{session: x}
	server := sftp.NewRequestServer(channel, sftp.Handlers{FileGet: h, FilePut: h, FileCmd: h, FileList: h})
	err := server.Serve()
	if errors.Is(err, io.EOF) { // no file was open
		return nil
	}
	return err
}

// errTooManyHandles is said instead of opening more.
var errTooManyHandles = refuse(sftp.ErrSSHFxFailure, "too many files are open in this connection")

// takeHandle counts an open file or listing.
func (x *session) takeHandle() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.handles >= x.server.limits.Handles {
		return errTooManyHandles
	}
	x.handles++
	return nil
}

// takeListing counts an open listing, which is a handle too.
func (x *session) takeListing() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.handles >= x.server.limits.Handles || x.listings >= maxListings {
		return errTooManyHandles
	}
	x.handles++
	x.listings++
	return nil
}

func (x *session) giveListing() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.handles--
	x.listings--
}

func (x *session) giveHandle() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.handles--
}

// A refusal is what a client is told: nothing of it comes from the database or the disk.
type refusal struct {
	kind error // sftp's
	text string
}

func refuse(kind error, text string) *refusal { return &refusal{kind, text} }

// Error is what the client is told.
func (r *refusal) Error() string { return r.text }

// Unwrap gives the code of the protocol.
func (r *refusal) Unwrap() error { return r.kind }

// errOurs hides what went wrong on our side.
var errOurs = refuse(sftp.ErrSSHFxFailure, "something broke on our side: nothing was kept, please send it again later")

// answered turns an error into what the client is told, and keeps the rest for us. Somebody who is refused again and again is
// a broken script: the connection ends.
func (x *session) answered(what string, err error) error {
	if err == nil {
		return nil
	}
	var told *refusal
	if !errors.As(err, &told) {
		x.server.log.Error("a request at a drop box failed", "session", x.id, "what", what, "error", err)
		told = errOurs
	}
	if told == errNoSuchFile { // who looks whether a file is there, before sending it, breaks nothing
		return told
	}
	x.mu.Lock()
	x.refusals++
	enough := x.refusals >= x.server.limits.Refusals
	x.mu.Unlock()
	if enough {
		x.server.log.Warn("a session at a drop box was ended after many refusals", "session", x.id)
		x.hangUp()
	}
	return told
}

// guarded runs a request; one that panics ends as a failure of ours, not the process.
func (x *session) guarded(what string, fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = x.answered(what, fmt.Errorf("panic: %v", p))
		}
	}()
	return x.answered(what, fn())
}
