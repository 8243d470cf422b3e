package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/jobs/notify"
	"github.com/ediport/ediport/portal"
	"github.com/ediport/ediport/portal/metrics"
	"github.com/ediport/ediport/storage"
)

// An observer is what tells the outside how a process that stays is doing: metrics, checks, notices.
type observer struct {
	*environment
	registry *prometheus.Registry
	counts   *jobs.Metrics
	node     atomic.Pointer[jobs.Node] // nil: it starts
	token    string                    // of /metrics; "": none
	listener net.Listener
	server   *http.Server
	notifier *notify.Notifier // nil: this process sends no notices
}

// observe opens the monitoring listener and begins to send notices, as configured. Close it.
func (p *program) observe(e *environment) (o *observer, err error) {
	o = &observer{environment: e, registry: metrics.NewRegistry(e.db, e.log, version)}
	o.counts = jobs.NewMetrics(o.registry)
	if o.token, err = p.secret("EDIPORT_METRICS_TOKEN", p.config.MetricsTokenFile); err != nil {
		return nil, err
	}
	if o.notifier, err = p.startNotices(e); err != nil {
		return nil, err
	}
	if err := o.listen(p.config.MetricsListen); err != nil {
		return nil, errors.Join(err, o.close())
	}
	return o, nil
}

// start makes this process a node whose work is counted.
func (o *observer) start(ctx context.Context, cfg jobs.Config) (*jobs.Node, error) {
	cfg.Metrics = o.counts
	node, err := jobs.Start(ctx, cfg)
	if err == nil {
		o.node.Store(node)
	}
	return node, err
}

// secret reads a secret from the environment or a file; "": there is none.
func (p *program) secret(variable, file string) (string, error) {
	if value := p.getenv(variable); value != "" || file == "" {
		return value, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("configuration: %w", err)
	}
	return strings.TrimRight(string(text), "\r\n"), nil
}

// listen opens the monitoring listener, which shows details: for this machine only, unless a token is asked for.
func (o *observer) listen(address string) error {
	if address == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("metrics_listen %q: %w", address, err)
	}
	if o.token == "" && !isLoopback(host) {
		return fmt.Errorf("metrics_listen %s: beyond this machine metrics need a token (EDIPORT_METRICS_TOKEN or metrics_token_file)", address)
	}
	if o.listener, err = new(net.ListenConfig).Listen(context.Background(), "tcp", address); err != nil {
		return err
	}
	var handler http.Handler = o.monitoring()
	if o.token != "" {
		handler = metrics.Guard(o.token, handler)
	}
	o.log.Info("monitoring listens", "address", o.listener.Addr().String())
	o.server = &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second}
	go func() {
		if err := o.server.Serve(o.listener); !errors.Is(err, http.ErrServerClosed) {
			o.log.Error("the monitoring listener failed", "error", err)
		}
	}()
	return nil
}

func (o *observer) monitoring() *http.ServeMux {
	checks := append(portal.DatabaseChecks(o.db),
		portal.Check{Name: "node", Run: o.nodeState}, portal.Check{Name: "replica", Optional: true, Run: o.replicaState})
	mux := checks.Monitoring(o.log)
	mux.Handle("GET /metrics", metrics.Handler(o.registry, ""))
	return mux
}

// nodeState says whether the others see this process alive.
func (o *observer) nodeState(ctx context.Context) (string, error) {
	node := o.node.Load()
	if node == nil {
		return "", errors.New("starting")
	}
	var all []storage.NodeState
	err := o.db.InSystem(ctx, storage.Actor{Kind: storage.ActorSystem}, func(tx *storage.Tx) (err error) {
		all, err = tx.NodeStates(ctx)
		return err
	})
	if err != nil {
		return "", err
	}
	for _, n := range all {
		switch {
		case n.ID != node.ID():
		case n.Late:
			return "", errors.New("no heartbeat for 15 seconds")
		case n.Stopping:
			return "", errors.New("stopping")
		default:
			return n.ID, nil
		}
	}
	return "", errors.New("given up by the others")
}

func (o *observer) replicaState(context.Context) (string, error) {
	state := o.db.Replica()
	switch {
	case !state.Configured:
		return "none", nil
	case !state.InUse:
		return "", errors.New("not in use: " + state.Reason)
	default:
		return fmt.Sprintf("in use, at most %v behind", state.Lag), nil
	}
}

// forPortal is what the portal shows at /metrics: nothing without a token.
func (o *observer) forPortal() http.Handler {
	if o.token == "" {
		return nil
	}
	return metrics.Handler(o.registry, o.token)
}

func (o *observer) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopLimit)
	defer cancel()
	var errs []error
	if o.server != nil {
		errs = append(errs, o.server.Shutdown(ctx))
	}
	if o.notifier != nil {
		errs = append(errs, o.notifier.Stop(ctx))
	}
	return errors.Join(errs...)
}

// startNotices begins to send mail and webhooks.
func (p *program) startNotices(e *environment) (*notify.Notifier, error) {
	c := notify.Config{DB: e.db, Log: e.log, Portal: p.config.PublicURL, Name: e.operator.Name, Explain: func(code string) (string, string) {
		problem, _ := jobs.Explain(code)
		return problem.Sentence, problem.Next
	}}
	for _, text := range commaList(p.config.NotifyAllow) {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("notify_allow: %q is not a network such as 10.1.0.0/16", text)
		}
		c.Allow = append(c.Allow, prefix)
	}
	secret, err := p.secret("EDIPORT_NOTIFY_WEBHOOK_SECRET", p.config.WebhookSecretFile)
	if err != nil {
		return nil, err
	}
	c.Webhook = notify.Webhook{URL: p.config.WebhookURL, Secret: []byte(secret)}
	password, err := p.secret("EDIPORT_NOTIFY_SMTP_PASSWORD", p.config.SMTPPasswordFile)
	if err != nil {
		return nil, err
	}
	c.Mail = notify.Mail{
		Host: p.config.SMTPHost, Port: p.config.SMTPPort, TLS: p.config.SMTPTLS, Username: p.config.SMTPUser, Password: password,
		From: p.config.MailFrom, To: commaList(p.config.MailTo),
	}
	c.Keys, c.KeepMail = e.ring, isDemo(p.config.Data)
	return notify.Start(c)
}

func commaList(text string) (list []string) {
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}
