package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/fixtures"
	"github.com/ediport/ediport/fixtures/simulator"
	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/cluster"
)

// A demoState is what makes a data folder a demo's: it stands in the folder. Everything in a demo is made up.
type demoState struct {
	Password string `json:"password"` // of all demo users
	Address  string `json:"address"`  // where the running demo is
}

func demoFile(dir string) string { return filepath.Join(dir, "demo.json") }

// demoKey is the master key file of a demo: beside its folder, as keys never lie in the data folder.
func demoKey(dir string) string { return filepath.Clean(dir) + ".key" }

const (
	demoConnection = "tamarind-mutual"
	demoSchedule   = "every minute"
	demoFolder     = "/outbound"
	demoArchive    = "/archive"
)

// demoUsers are who can sign in: the one who runs the exchange, and one in each practice.
var demoUsers = []struct{ login, name, role, account string }{
	{"admin", "Demo Administrator", "administrator", ""},
	{"cedar", "Demo Biller at Cedar Hollow", "biller", fixtures.AccountAName},
	{"juniper", "Demo Biller at Juniper Street", "biller", fixtures.AccountBName},
}

func (p *program) demoCommand() *cobra.Command {
	return &cobra.Command{
		Use: "demo", Short: "Show ediport at work with made-up data", Args: cobra.NoArgs,
		Long: "demo runs ediport in a folder of its own: a private Postgres, a made-up partner whose SFTP server has synthetic files, a schedule that\n" +
			"pulls them each minute, and the portal, on this machine only. It prints the address and how to sign in.",
		RunE: func(cmd *cobra.Command, _ []string) error { return p.demo(cmd.Context(), cmd.Flags().Changed("data")) },
	}
}

func (p *program) demo(ctx context.Context, dataGiven bool) (err error) {
	if !dataGiven && p.getenv("EDIPORT_DATA") == "" {
		p.config.Data = demoData(p.getenv)
	}
	p.config.DatabaseURL = ""
	p.config.KeyFile = demoKey(p.config.Data)
	state, err := openDemo(p.config.Data)
	if err != nil {
		return err
	}
	e, err := p.openEnvironment(ctx, cluster.Supervise)
	if err != nil {
		var held *cluster.HeldError
		if errors.As(err, &held) && state.Address != "" {
			return fmt.Errorf("a demo already runs from this folder: open %s (%w)", state.Address, err)
		}
		return err
	}
	defer func() { err = errors.Join(err, e.close()) }()
	e.demo = true
	s := &server{program: p, environment: e, work: true, demo: true}
	if err := s.listenDemo(); err != nil {
		return err
	}
	state.Address = s.address()
	if err := state.save(p.config.Data); err != nil {
		return err
	}
	partner, err := startPartner(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, partner.Close()) }()
	if err := e.prepareDemo(ctx, partner, state.Password); err != nil {
		return err
	}
	p.welcome(state)
	return s.run(ctx)
}

// demoData is a folder per clone: for root below /var/lib, because Postgres's own user must reach it.
func demoData(getenv func(string) string) string {
	here, err := os.Getwd()
	if err != nil {
		here = "."
	}
	h := fnv.New32a()
	h.Write([]byte(here))
	return filepath.Clean(defaultData(getenv)) + "-demo-" + strconv.FormatUint(uint64(h.Sum32()), 36)
}

// openDemo reads the state of a demo's folder, making both if the folder is new. A folder with other data is refused.
func openDemo(dir string) (demoState, error) {
	var state demoState
	b, err := os.ReadFile(demoFile(dir))
	if err == nil {
		if err := json.Unmarshal(b, &state); err != nil {
			return state, fmt.Errorf("%s: %w", demoFile(dir), err)
		}
		return state, nil
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return state, fmt.Errorf("%s holds data that is not a demo's; name an empty folder with --data", dir)
	}
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return state, err
	}
	state.Password = accounts.NewPassword()
	return state, state.save(dir)
}

func (d demoState) save(dir string) error {
	b, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return os.WriteFile(demoFile(dir), append(b, '\n'), 0o600)
}

// listenDemo takes port 8080 or, if it is in use, the next free one; loopback only.
func (s *server) listenDemo() error {
	var err error
	for port := 8080; port < 8180; port++ {
		s.config.Listen = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		if err = s.listen(); err == nil {
			return nil
		}
	}
	return err
}

// A demoPartner is the made-up partner's server.
type demoPartner struct {
	*simulator.Server
	password string
}

// startPartner starts the made-up partner's server, without files yet.
func startPartner(ctx context.Context) (demoPartner, error) {
	password := accounts.NewPassword()
	server, err := simulator.Serve(ctx, simulator.Options{
		Folders: []string{demoFolder, demoArchive}, User: "ediport", Password: password,
	})
	if err != nil {
		return demoPartner{}, err
	}
	return demoPartner{server, password}, nil
}

// prepareDemo makes accounts, users, connection and schedule where they are missing, and points the connection to the partner, whose
// port and key are new each time.
func (e *environment) prepareDemo(ctx context.Context, partner demoPartner, password string) error {
	if err := e.addDemoAccounts(ctx); err != nil {
		return err
	}
	if err := e.addDemoUsers(ctx, password); err != nil {
		return err
	}
	id, err := e.pointToPartner(ctx, partner)
	if err != nil {
		return err
	}
	if _, err := e.schedule(ctx, demoSchedule); err != nil {
		s := storage.Schedule{Name: demoSchedule, Connection: id, Spec: "@every 1m"}
		if err := e.desk().AddSchedule(ctx, e.scope(), &s); err != nil {
			return err
		}
	}
	if err := e.fillPartner(ctx, partner, id); err != nil {
		return err
	}
	_, err = e.desk().RunNow(ctx, e.scope(), id) // the first files need not wait for the minute
	if errors.Is(err, jobs.ErrRunOpen) {
		return nil
	}
	return err
}

// fillPartner puts the synthetic files where the partner sends from; what was pulled before is in the partner's archive already.
func (e *environment) fillPartner(ctx context.Context, partner demoPartner, id storage.ConnectionID) error {
	for i, entry := range fixtures.Catalog() {
		content, err := fixtures.Open(entry.Name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(content)
		folder := demoFolder
		err = e.db.InLoad(ctx, e.operator.ID, cli(), func(tx *storage.LoadTx) error {
			_, err := tx.FileByHash(ctx, id, sum[:])
			return err
		})
		switch {
		case err == nil:
			folder = demoArchive
		case !errors.Is(err, storage.ErrNotFound):
			return err
		}
		if err := partner.Put(folder+"/"+entry.Name, content, time.Date(2026, time.November, 20, 2, 0, i, 0, time.UTC)); err != nil {
			return err
		}
	}
	return nil
}

func (e *environment) addDemoAccounts(ctx context.Context) error {
	service, err := e.accounts()
	if err != nil {
		return err
	}
	for _, a := range []fixtures.Account{fixtures.AccountA, fixtures.AccountB} {
		if _, err := e.account(ctx, a.Name); err == nil {
			continue
		}
		_, err := service.CreateAccount(ctx, cli(), accounts.NewAccount{
			Operator: e.operator.ID, Kind: "practice", Name: a.Name, NPI: []string{a.NPI}, TaxID: []string{a.TIN},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (e *environment) addDemoUsers(ctx context.Context, password string) error {
	service, err := e.accounts()
	if err != nil {
		return err
	}
	for _, u := range demoUsers {
		if _, err := service.UserByLogin(ctx, u.login); err == nil {
			continue
		}
		grant := accounts.Grant{Role: accounts.Role(u.role)}
		if u.account == "" {
			grant.Operator = e.operator.ID
		} else {
			a, err := e.account(ctx, u.account)
			if err != nil {
				return err
			}
			grant.Account = a.ID
		}
		if _, err := service.AddUser(ctx, cli(), accounts.NewUser{
			Login: u.login, Name: u.name, Email: u.login + "@demo.example", Password: password, Grants: []accounts.Grant{grant},
		}); err != nil {
			return err
		}
	}
	return nil
}

func (e *environment) pointToPartner(ctx context.Context, partner demoPartner) (storage.ConnectionID, error) {
	secrets := jobs.Secrets{Password: transfer.Secret(partner.password)}
	c, err := e.connection(ctx, demoConnection)
	if err != nil {
		c = &storage.Connection{
			Name: demoConnection, Username: partner.User, Auth: jobs.AuthPassword,
			Host: partner.Host, Port: partner.Port, HostKeys: []string{partner.Fingerprint()},
		}
		jobs.SetFolders(c, jobs.PullFolder{
			Path: demoFolder, Globs: []string{"*.x12"}, After: storage.AfterArchive, ArchiveFolder: demoArchive, StableSeconds: 1,
		})
		err := e.desk().AddConnection(ctx, e.scope(), c, secrets)
		return c.ID, err
	}
	c.Host, c.Port, c.HostKeys, c.Paused, c.PausedReason = partner.Host, partner.Port, []string{partner.Fingerprint()}, false, ""
	return c.ID, e.desk().ChangeConnection(ctx, e.scope(), c, secrets)
}

func (p *program) welcome(state demoState) {
	fmt.Fprintf(p.stdout, `
  ediport demo, with made-up data only

  open      %s
  sign in   admin      the exchange: files, schedules, what belongs to nobody yet
            cedar      a biller at Cedar Hollow Family Practice
            juniper    a biller at Juniper Street Clinic
  password  %s  (the same for all three)
  mail      %s/mailbox   (a demo sends none: what it would send stands there)

  A made-up partner's files are pulled now and each minute. Control-C stops everything; the folder is
  %s

`, state.Address, state.Password, state.Address, p.config.Data)
}
