package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/portal"
	"github.com/ediport/ediport/storage/cluster"
)

// version is set when a release is built.
var version = "development"

func (p *program) serveCommand() *cobra.Command {
	var work bool
	c := &cobra.Command{
		Use: "serve", Short: "Run the portal and the API, schedules and work", Args: cobra.NoArgs,
		Long: "serve runs everything in one process: portal and API, the schedules (one node is elected), and the work. More `ediport serve` and\n" +
			"`ediport work` processes may run on other machines with the same database.",
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if isDemo(p.config.Data) {
				return fmt.Errorf("%s is a demo's data folder; `ediport demo` runs it", p.config.Data)
			}
			e, err := p.openEnvironment(cmd.Context(), cluster.Supervise)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, e.close()) }()
			s := &server{program: p, environment: e, work: work}
			if err := s.listen(); err != nil {
				return err
			}
			setup, err := s.setup(cmd.Context())
			if err != nil {
				return err
			}
			fmt.Fprintf(p.stdout, "ediport serves %s\n%s", s.address(), setup)
			return s.run(cmd.Context())
		},
	}
	c.Flags().BoolVar(&work, "work", true, "also execute runs and load files in this process")
	return c
}

func (p *program) workCommand() *cobra.Command {
	return &cobra.Command{
		Use: "work", Short: "Execute runs and load files, without a portal", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			ctx := cmd.Context()
			e, err := p.openEnvironment(ctx, cluster.Attach)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, e.close()) }()
			o, err := p.observe(e)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, o.close()) }()
			node, err := o.start(ctx, e.jobs(p.config, true, true))
			if err != nil {
				return err
			}
			defer e.keepSealing(ctx)()
			boxes, err := p.openDropBoxes(ctx, o)
			if err != nil {
				return errors.Join(err, node.Stop(context.WithoutCancel(ctx)))
			}
			fmt.Fprintf(p.stdout, "ediport works as node %s\n", node.ID())
			select {
			case <-ctx.Done():
			case <-e.databaseGone():
			}
			return errors.Join(boxes.close(context.WithoutCancel(ctx)), node.Stop(context.WithoutCancel(ctx)), e.databaseError())
		},
	}
}

// jobs configures a node.
func (e *environment) jobs(c config, schedule, work bool) jobs.Config {
	return jobs.Config{
		DB: e.db, Archive: e.archive, Keys: e.ring, Ingest: e.ingester().Load, Schedule: schedule, Work: work,
		PullWorkers: c.PullWorkers, PushWorkers: c.PushWorkers, IngestWorkers: c.IngestWorkers, SmallWorkers: c.SmallWorkers,
		Version: version, Log: e.log,
	}
}

// databaseGone is closed when the private Postgres ends by itself; without one it never is.
func (e *environment) databaseGone() <-chan struct{} {
	if e.cluster == nil {
		return nil
	}
	return e.cluster.Done()
}

func (e *environment) databaseError() error {
	if e.cluster == nil {
		return nil
	}
	return e.cluster.Err()
}

// A server is the portal with the node beside it.
type server struct {
	*program
	*environment
	work     bool
	demo     bool
	listener net.Listener
}

// listen opens the portal's port. Plain HTTP is for loopback, or behind a proxy that ends TLS.
func (s *server) listen() error {
	host, _, err := net.SplitHostPort(s.config.Listen)
	if err != nil {
		return fmt.Errorf("listen %q: %w", s.config.Listen, err)
	}
	if s.config.TLSCert == "" && !s.config.BehindProxy && !isLoopback(host) {
		return fmt.Errorf("listen %s: plain HTTP beyond this machine would show patient data to the network; "+
			"give tls_cert and tls_key, or behind_proxy if a proxy here ends TLS", s.config.Listen)
	}
	s.listener, err = new(net.ListenConfig).Listen(context.Background(), "tcp", s.config.Listen)
	return err
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (s *server) address() string {
	scheme, host := "http", "localhost"
	if s.config.TLSCert != "" {
		scheme = "https"
	}
	name, port, _ := net.SplitHostPort(s.listener.Addr().String())
	if !isLoopback(name) {
		host = name
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

func (s *server) handler(metrics http.Handler) (http.Handler, error) {
	service, err := s.environment.accounts()
	if err != nil {
		return nil, err
	}
	hosts := []string{"localhost", "127.0.0.1", "::1"}
	for _, h := range strings.Split(s.config.AllowedHosts, ",") {
		if h = strings.TrimSpace(h); h != "" {
			hosts = append(hosts, h)
		}
	}
	return portal.New(portal.Options{
		Accounts: service, DB: s.db, Archive: s.archive, Desk: s.desk(), Log: s.log, Hosts: hosts, TLS: s.config.TLSCert != "" || s.config.BehindProxy,
		Demo: s.demo, Name: s.operator.Name, Version: version, Metrics: metrics,
	})
}

// run serves until the context ends or a part fails, then stops: no new requests, what is in hand is finished.
func (s *server) run(ctx context.Context) (err error) {
	o, err := s.observe(s.environment)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.close()) }()
	handler, err := s.handler(o.forPortal())
	if err != nil {
		return err
	}
	node, err := o.start(ctx, s.jobs(s.config, true, s.work))
	if err != nil {
		if ctx.Err() != nil {
			return nil //nolint:nilerr // stopped before it had begun, which is no failure
		}
		return err
	}
	defer s.keepSealing(ctx)()
	boxes, err := s.openDropBoxes(ctx, o)
	if err != nil {
		return errors.Join(err, node.Stop(context.WithoutCancel(ctx)))
	}
	web := &http.Server{
		Handler: handler, ReadHeaderTimeout: portal.ReadHeaderTimeout, ReadTimeout: portal.ReadTimeout, WriteTimeout: portal.WriteTimeout,
		IdleTimeout: portal.IdleTimeout, MaxHeaderBytes: portal.MaxHeaderBytes,
	}
	failed := make(chan error, 1)
	go func() { failed <- s.serve(web) }()
	select {
	case <-ctx.Done():
	case err = <-failed:
	case <-s.databaseGone():
		err = s.databaseError()
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopLimit)
	defer cancel()
	return errors.Join(err, web.Shutdown(stopping), boxes.close(stopping), node.Stop(stopping))
}

func (s *server) serve(web *http.Server) error {
	var err error
	if s.config.TLSCert != "" {
		err = web.ServeTLS(s.listener, s.config.TLSCert, s.config.TLSKey)
	} else {
		err = web.Serve(s.listener)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// setup says how the first administrator is made; "" if there is one. The code goes to standard output only, never
// into the log, and each start makes another one.
func (s *server) setup(ctx context.Context) (string, error) {
	service, err := s.environment.accounts()
	if err != nil {
		return "", err
	}
	code, err := service.NewSetupCode(ctx)
	if err != nil || code == "" {
		return "", err
	}
	return fmt.Sprintf("\n  Nobody administers this installation yet. Open  %s/set-up\n  and enter the set-up code  %s\n"+
		"  (it is good until ediport is started again, once)\n\n", s.address(), code), nil
}

// isDemo tells whether a data folder is a demo's.
func isDemo(dir string) bool {
	_, err := os.Stat(demoFile(dir))
	return err == nil
}
