package faults

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	_ "github.com/lib/pq"

	"github.com/ediport/ediport/fixtures"
	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
	"github.com/ediport/ediport/storage/cluster/clustertest"
	"github.com/ediport/ediport/storage/keys"
	"github.com/ediport/ediport/storage/storagetest"
)

// A world is one operator with one partner, whose files are to be exchanged.
type world struct {
	plan
	t        *testing.T
	postgres *clustertest.Server // nil: the database of all worlds
	cfg      storage.Config
	db       *storage.DB
	owner    *sql.DB // sees everything
	dir      string
	keyFile  string
	ring     *keys.Ring
	archive  *archive.Archive
	operator storage.OperatorID
	scope    storage.Scope
	desk     *jobs.Desk

	server     *sshdtest.Server
	proxy      *sshdtest.Proxy
	connection *storage.Connection
	schedule   *storage.Schedule

	inbound  map[string][]byte        // what the partner has for us
	payments map[string]fixtures.Sums // what must come out of each 835, by name
	outbound map[string][]byte        // what we have for the partner

	nodes  []*node
	dead   []*node
	frozen *node

	real     bool            // the file system can be full
	taken    map[string]bool // what the partner took away
	takenTwo []string        // what came again after that
}

func newWorld(t *testing.T, p plan) *world {
	t.Helper()
	w := &world{plan: p, t: t, dir: t.TempDir()}
	w.openDatabase()
	w.keyFile = filepath.Join(w.dir, "keys", "master.key")
	var err error
	if w.ring, _, err = keys.LoadOrCreate(w.keyFile, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	w.smallDisk()
	if w.archive, err = archive.Open(filepath.Join(w.dir, "archive"), w.ring); err != nil {
		t.Fatal(err)
	}
	for _, gate := range []string{fileGate, fileBeats} {
		if err := syscall.Mkfifo(filepath.Join(w.dir, gate), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.addOperator()
	w.desk = &jobs.Desk{DB: w.db, Keys: w.ring, Archive: w.archive}
	w.server = sshdtest.Start(t, w.copying())
	w.proxy = sshdtest.StartProxy(t, w.server.Address())
	w.fillServer()
	w.connect()
	w.handIn()
	w.makeDue()
	t.Cleanup(w.end)
	return w
}

// openDatabase opens a database of the world's own; on a server of its own if that is to be killed.
func (w *world) openDatabase() {
	w.t.Helper()
	var err error
	if w.Deed == deedPostgres {
		w.postgres = clustertest.StartServer(w.t)
		w.cfg = storage.Config{
			OwnerURL:  w.postgres.URL(clustertest.Owner, clustertest.OwnerPassword, clustertest.OwnerDatabase),
			LoaderURL: w.postgres.URL(storage.LoaderRole, "loader", clustertest.OwnerDatabase),
			AppURL:    w.postgres.URL(storage.AppRole, "app", clustertest.OwnerDatabase),
			IDKeys:    [][32]byte{{1}}, CursorKeys: [][32]byte{{2}}, MaxConnections: 4,
		}
		if w.db, err = storage.Open(w.cfg); err == nil {
			if err = w.db.Setup(w.t.Context()); err == nil {
				err = w.db.Migrate(w.t.Context())
			}
			w.t.Cleanup(func() { _ = w.db.Close() }) // the server may be gone
		}
	} else {
		w.db = storagetest.Open(w.t, func(c *storage.Config) { w.cfg = *c })
	}
	if err == nil {
		w.owner, err = sql.Open("postgres", w.cfg.OwnerURL)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = w.owner.Close() })
}

// addOperator adds the operator with the account that the generated remittances are for.
func (w *world) addOperator() {
	w.t.Helper()
	ctx := w.t.Context()
	err := w.db.InSystem(ctx, storage.Actor{Kind: storage.ActorSystem}, func(tx *storage.Tx) (err error) {
		if w.operator, _, err = tx.NewOperator(ctx, "Test Clearinghouse", ""); err != nil {
			return err
		}
		account, err := tx.NewAccount(ctx, w.operator, "practice", fixtures.AccountA.Name)
		if err != nil {
			return err
		}
		return tx.AddIdentifier(ctx, w.operator, storage.Identifier{Account: account, Kind: "npi", Value: fixtures.AccountA.NPI})
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.scope = storage.Scope{Operator: w.operator, Actor: storage.Actor{Kind: storage.ActorCLI}}
}

const (
	folderOut     = "outbound"         // the partner's, from which we pull
	folderArchive = "outbound/archive" // to which we move what we took
	folderIn      = "inbound"          // to which we push
	inboundFiles  = 6
	largeBytes    = 600_000
	largeName     = "era-5.835"
)

// fillServer puts remittances into the partner's folder, the last one large.
func (w *world) fillServer() {
	w.t.Helper()
	w.archiveElsewhere()
	w.inbound, w.payments = map[string][]byte{}, map[string]fixtures.Sums{}
	for i := range inboundFiles {
		size := int64(3000 * (1 + i))
		if i == inboundFiles-1 {
			size = largeBytes
		}
		name, content := fmt.Sprintf("era-%d.835", i), w.remittance(fmt.Sprintf("era-%d.835", i), 100*w.Seed+i+1, size)
		w.inbound[name] = content
	}
	if strings.HasPrefix(w.Point, "unwrap.") {
		w.inbound["two.zip"] = w.zipped("in-a.835", "in-b.835")
	}
	for name, content := range w.inbound {
		if w.Deed == deedGrow && name == largeName {
			content = content[:len(content)/2]
		}
		w.server.WriteFile(folderOut+"/"+name, content)
	}
	for _, folder := range []string{folderArchive, folderIn} {
		if err := os.MkdirAll(w.server.Path(folder), 0o755); err != nil { //nolint:gosec // sshd may run as another user
			w.t.Fatal(err)
		}
	}
}

func (w *world) remittance(name string, number int, size int64) []byte {
	w.t.Helper()
	var b bytes.Buffer
	totals, err := fixtures.Write835(&b, fixtures.Options{Bytes: size, Seed: uint64(number), ISA13: number, PerSet: 100}) //nolint:gosec // positive
	if err != nil {
		w.t.Fatal(err)
	}
	w.payments[name] = totals.Sums
	return b.Bytes()
}

func (w *world) zipped(names ...string) []byte {
	w.t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i, name := range names {
		f, err := z.Create(name)
		if err == nil {
			_, err = f.Write(w.remittance(name, 100*w.Seed+50+i, 4000))
		}
		if err != nil {
			w.t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		w.t.Fatal(err)
	}
	return b.Bytes()
}

func (w *world) connect() {
	w.t.Helper()
	c := &storage.Connection{
		Name: "partner", Host: w.proxy.Host, Port: w.proxy.Port, Username: w.server.User, Auth: jobs.AuthKey,
		HostKeys: []string{w.server.Fingerprint()},
	}
	folder := jobs.PullFolder{
		Path: w.server.Path(folderOut), StableSeconds: jobs.AtOnce, Unwrap: jobs.UnwrapAuto,
		After: storage.AfterArchive, ArchiveFolder: w.server.Path(folderArchive),
	}
	if w.Point == "pull.claimed" {
		folder.ClaimSuffix = ".taken"
	}
	jobs.SetFolders(c, folder)
	push := jobs.Push{Folder: w.server.Path(folderIn)}
	if w.Copies == copiesNot {
		push.Rename = transfer.RenamePosix
	}
	jobs.SetPush(c, push)
	network := jobs.Network{ConnectSeconds: 10, HandshakeSeconds: 15, IdleSeconds: 4, KeepAliveSeconds: 2}
	if w.Deed == deedMute || w.Deed == deedCollect { // nothing but the nodes themselves is to end their connections
		network.IdleSeconds, network.KeepAliveSeconds = 60, 60
	}
	jobs.SetNetwork(c, network)
	if err := w.desk.AddConnection(w.t.Context(), w.scope, c, jobs.Secrets{PrivateKey: transfer.Secret(w.server.ClientKey)}); err != nil {
		w.t.Fatal(err)
	}
	w.connection = c
}

// handIn queues what is to be delivered: small questions, and something large.
func (w *world) handIn() {
	w.t.Helper()
	w.outbound = map[string][]byte{}
	if w.Deed == deedMute {
		return // whoever sends tidies up afterwards, over connections of its own
	}
	small := 4
	if w.Deed == deedCollect {
		small = 1 // that of the node that sleeps: what happens to others would wake it
	}
	for i := range small {
		w.outbound[fmt.Sprintf("question-%d.270", i)] = question(10*w.Seed + i)
	}
	large := make([]byte, 300_000)
	var seed [32]byte
	seed[0], seed[1] = byte(w.Seed), byte(w.Seed>>8)
	_, _ = rand.NewChaCha8(seed).Read(large) // never fails
	if w.Deed != deedCollect {
		w.outbound["large.bin"] = large
	}
	for name, content := range w.outbound {
		_, err := w.desk.HandIn(w.t.Context(), w.scope, w.connection.ID, jobs.HandIn{Name: name, Content: bytes.NewReader(content), Source: "cli", AsIs: true})
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

// question is a small X12 file with control numbers of its own.
func question(number int) []byte {
	return fmt.Appendf(nil, "ISA*00*          *00*          *ZZ*EDIPORTDEMO    *ZZ*TAMARIND       *261122*0300*^*00501*%09d*0*P*:~"+
		"GS*HS*EDIPORTDEMO*TAMARIND*20261122*0300*%d*X*005010X279A1~ST*270*0001*005010X279A1~"+
		"BHT*0022*13*N%d*20261122*0300~HL*1**20*1~NM1*PR*2*TAMARIND*****PI*TAM01~HL*2*1*21*1~NM1*1P*2*CEDAR*****XX*2990000002~"+
		"HL*3*2*22*0~TRN*1*T%d*9000000001~NM1*IL*1*GLIMMERFORD*ANN****MI*M1~EQ*30~SE*11*0001~GE*1*%d~IEA*1*%09d~", number, number, number, number, number, number)
}

// makeDue adds a schedule that is due now, once.
func (w *world) makeDue() {
	w.t.Helper()
	w.schedule = &storage.Schedule{Name: "each day", Kind: jobs.KindPull, Connection: w.connection.ID, Spec: "@every 24h", Zone: "UTC", Missed: "once"}
	if err := w.desk.AddSchedule(w.t.Context(), w.scope, w.schedule); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.owner.Exec(`UPDATE schedule SET next_due_at = now()`); err != nil {
		w.t.Fatal(err)
	}
}

// end ends all processes, and tells what they said if something went wrong.
func (w *world) end() {
	all := append(w.dead, w.nodes...)
	for _, n := range all {
		n.signal(syscall.SIGCONT)
		n.kill()
		said := n.said(6000)
		if w.t.Failed() && testing.Verbose() {
			w.t.Logf("node %s said:\n%s", n.id, said)
		}
		_ = n.log.Close() // nothing is written to it here
	}
}

func hashOf(content []byte) string { return fmt.Sprintf("%x", sha256.Sum256(content)) }
