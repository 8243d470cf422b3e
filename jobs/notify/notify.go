package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/keys"
)

// A Config says where messages go. A way without a target is left to other nodes; with none at all,
// messages are cancelled after some days.
type Config struct {
	DB      *storage.DB
	Webhook Webhook // URL "": no webhooks
	Mail    Mail    // Host "": no mail

	// Keys open the mail to persons; nil: this process sends none.
	Keys *keys.Ring
	// KeepMail keeps mail to persons for a demo's mailbox, in place of sending it.
	KeepMail bool
	// Support returns whom a mail's reader asks, to be read after "tell"; nil or "": the administrator.
	Support func() string

	// Allow lists addresses that may be called although they are of this machine or of a private
	// network; all others of these are refused when connecting, whatever name leads to them.
	Allow []netip.Prefix

	// Explain returns what happened and what to do for a code of the error table.
	Explain func(code string) (sentence, next string)

	Portal string        // the portal's address as people reach it, for links; "": no links
	Name   string        // who runs it
	Look   time.Duration // between looks into the outbox; 0: 2 s
	Log    *slog.Logger  // nil: none
}

// Limits of sending.
const (
	sendLimit   = 30 * time.Second // for one message
	lease       = 2 * time.Minute  // until a message that a lost node took is taken again
	atOnce      = 3                // messages taken by one look, and sent one by one
	maxAttempts = 12               // over about half a day
	tooOld      = 3 * 24 * time.Hour
)

// Nobody else takes a message while it waits for those that were taken with it: this does not compile otherwise.
const _ = uint(lease - (atOnce+1)*sendLimit)

// retryAfter is how long a message waits after its nth attempt: 5 s, 20 s, 80 s … at most 2 hours.
func retryAfter(attempt int) time.Duration {
	return min(5*time.Second<<(2*min(attempt-1, 10)), 2*time.Hour)
}

// A Notifier sends messages until it is stopped.
type Notifier struct {
	cfg   Config
	kinds []string
	hook  *caller // nil: no webhooks
	mail  *mailer // nil: no mail, or it is kept
	stop  context.CancelFunc
	done  chan struct{}
}

// Start begins to look for messages. The error says what is wrong with the configuration.
func Start(cfg Config) (*Notifier, error) {
	if cfg.DB == nil || cfg.Explain == nil {
		return nil, errors.New("notify: a database and the table of errors are needed")
	}
	cfg.Look = cmp.Or(cfg.Look, 2*time.Second)
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	n := &Notifier{cfg: cfg, done: make(chan struct{})}
	if cfg.Webhook.URL != "" {
		if err := cfg.Webhook.check(); err != nil {
			return nil, err
		}
		n.hook = newCaller(cfg.Webhook, cfg.Allow)
		n.kinds = append(n.kinds, storage.MessageWebhook)
	}
	if cfg.Mail.Host != "" {
		if err := cfg.Mail.check(); err != nil {
			return nil, err
		}
		n.mail = &mailer{cfg.Mail, cfg.Allow}
	}
	if cfg.Mail.Host != "" || cfg.KeepMail {
		n.kinds = append(n.kinds, storage.MessageMail)
	}
	ctx, stop := context.WithCancel(context.Background())
	n.stop = stop
	go n.run(ctx)
	return n, nil
}

// Stop ends the looks, and waits for what is under way until the context ends.
func (n *Notifier) Stop(ctx context.Context) error {
	n.stop()
	select {
	case <-n.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("notify: stopping: %w", ctx.Err())
	}
}

func (n *Notifier) run(ctx context.Context) {
	defer close(n.done)
	tick := time.NewTicker(n.cfg.Look)
	defer tick.Stop()
	for {
		if err := n.look(ctx); err != nil && ctx.Err() == nil {
			n.cfg.Log.Warn("looking into the outbox failed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// look sends what is due.
func (n *Notifier) look(ctx context.Context) error {
	for {
		taken := []storage.Notice{}
		err := n.inSystem(ctx, func(tx *storage.Tx) (err error) {
			if len(n.kinds) > 0 {
				taken, err = tx.TakeNotices(ctx, n.kinds, atOnce, lease)
			}
			return errors.Join(err, tx.CancelOldNotices(ctx, tooOld))
		})
		if err != nil {
			return err
		}
		for _, notice := range taken {
			if err := n.handle(ctx, notice); err != nil {
				return err // the others come after their lease
			}
		}
		if len(taken) < atOnce {
			return nil
		}
	}
}

// handle sends one message and notes what became of it. The context that ends with the notifier ends
// the sending, not the noting.
func (n *Notifier) handle(ctx context.Context, notice storage.Notice) error {
	deliver, err := n.prepare(ctx, notice)
	if err != nil {
		return err
	}
	noting := context.WithoutCancel(ctx)
	switch {
	case deliver == nil:
		return n.inSystem(noting, func(tx *storage.Tx) error {
			return tx.EndNotice(noting, notice, storage.NoticeCancelled, "")
		})
	case n.cfg.KeepMail && len(notice.Sealed) > 0:
		return n.inSystem(noting, func(tx *storage.Tx) error { return tx.KeepNotice(noting, notice) })
	}
	sending, cancel := context.WithTimeout(ctx, sendLimit)
	defer cancel()
	failure := deliver(sending)
	return n.inSystem(noting, func(tx *storage.Tx) error { return n.note(noting, tx, notice, failure) })
}

// prepare returns how a message is sent; nil: there is nothing to tell any more, or nobody to tell it to.
func (n *Notifier) prepare(ctx context.Context, notice storage.Notice) (func(context.Context) error, error) {
	if notice.Kind == storage.MessageMail && len(notice.Sealed) > 0 {
		mail, err := n.letter(ctx, notice)
		if err != nil || mail == nil {
			return nil, err
		}
		return func(ctx context.Context) error { return n.mail.send(ctx, *mail) }, nil
	}
	event, err := n.event(ctx, notice)
	switch {
	case err != nil || event == nil:
		return nil, err
	case notice.Kind == storage.MessageWebhook:
		return func(ctx context.Context) error { return n.hook.send(ctx, event) }, nil
	case n.mail == nil || len(n.cfg.Mail.To) == 0:
		return nil, nil //nolint:nilnil // nobody is told by mail
	}
	mail := outgoing{id: event.ID, to: n.cfg.Mail.To, subject: subject(event), text: text(event, n.cfg.Name)}
	return func(ctx context.Context) error { return n.mail.send(ctx, mail) }, nil
}

func (n *Notifier) note(ctx context.Context, tx *storage.Tx, notice storage.Notice, failure error) error {
	log := n.cfg.Log.With("notice_id", n.name(notice), "kind", notice.Kind, "topic", notice.Topic, "attempt", notice.Attempt)
	switch {
	case failure == nil:
		log.Info("notice sent")
		return tx.EndNotice(ctx, notice, storage.NoticeSent, "")
	case notice.Attempt >= maxAttempts:
		log.Error("notice given up", "code", codeOf(failure), "error", failure)
		return tx.EndNotice(ctx, notice, storage.NoticeFailed, codeOf(failure))
	default:
		log.Warn("notice not sent, it is tried again", "code", codeOf(failure), "error", failure)
		return tx.RetryNotice(ctx, notice, retryAfter(notice.Attempt), codeOf(failure))
	}
}

// name is a message's id as it leaves the house.
func (n *Notifier) name(notice storage.Notice) string {
	return n.cfg.DB.PublicIDs().Format(storage.PublicNotice, notice.ID)
}

func (n *Notifier) inSystem(ctx context.Context, fn func(*storage.Tx) error) error {
	return n.cfg.DB.InSystem(ctx, storage.Actor{Kind: storage.ActorSystem}, fn)
}
