package transfer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"
)

// The names of the steps of [Test], in order.
const (
	StepSettings = "settings"
	StepRoute    = "route" // only with a jump host or a proxy: reaching it and signing in to it
	StepLookup   = "dns"   // not with them: they look the name up
	StepTCP      = "tcp"
	StepSSH      = "ssh"
	StepHostKey  = "host_key"
	StepSignIn   = "sign_in"
	StepSFTP     = "sftp"
	StepSecond   = "sign_in_second" // only where TestFolders.Both says so: signing in with the second means
	StepList     = "list"
)

var stepNames = []string{StepSettings, StepRoute, StepLookup, StepTCP, StepSSH, StepHostKey, StepSignIn, StepSFTP}

// The states of a Step.
const (
	StateOK      = "ok"
	StateFailed  = "failed"
	StateSkipped = "skipped" // an earlier step failed
	StateNotYet  = "not_yet" // the server does not take the second means to sign in, which is no failure
)

// A Step is one thing that was tried by Test.
type Step struct {
	Name     string        `json:"name"`
	State    string        `json:"state"`
	Sentence string        `json:"sentence"` // what happened, for a person; "" if skipped
	Remedy   string        `json:"remedy"`   // what to do, if it failed
	Code     string        `json:"code"`     // of the failure
	Took     time.Duration `json:"-"`        // time since the step before; one figure for dns to sftp, at sftp

	// HostKey is, at the step host_key, what the server showed: an administrator approves it by
	// adding it to Endpoint.HostKeys.
	HostKey string `json:"host_key,omitempty"`
	Err     error  `json:"-"` // the failure

	Credential string `json:"-"` // Auth.Name of what the server took, at a step of signing in that went well
}

// TestFolders are the folders to try.
type TestFolders struct {
	Pull []string // listed
	Push []string // a small file is written, renamed, read back and deleted in each

	Named []ListOptions // looked for by name instead of listed
	Make  bool          // what is missing of Push is made, with the permissions Mode; 0: the server's own
	Mode  fs.FileMode

	Both bool // sign in with Endpoint.Second, too, if the server takes the first means
}

// Test walks through everything a pull needs and says at which step it fails and what to do. It
// returns a Step for each of settings, dns, tcp, ssh, host_key, sign_in, sftp and, per folder, list;
// with a jump host or proxy the step route stands for dns. It changes nothing on the server. A password
// is sent only if the host key is a pinned one.
func Test(ctx context.Context, endpoint Endpoint, folders ...string) []Step {
	return TestAll(ctx, endpoint, TestFolders{Pull: folders})
}

// TestAll is Test for both directions. Per folder to push to, it adds the steps write, rename,
// read_back and delete, with a file of its own named .ediport-probe- and something random.
func TestAll(ctx context.Context, endpoint Endpoint, folders TestFolders) []Step {
	t := &tester{endpoint: endpoint, folders: folders, started: time.Now()}
	d, client, err := dialEither(ctx, endpoint)
	if d == nil {
		t.stopped(stepSettings, err)
		return t.steps
	}
	t.dialer = d
	if err != nil {
		t.stopped(d.reached, err)
		return t.steps
	}
	defer client.Close()
	t.passed(stepSFTP, client)
	t.second(ctx, client)
	for _, folder := range folders.Pull {
		t.list(ctx, client, folder)
	}
	for _, options := range folders.Named {
		t.lookFor(ctx, client, options)
	}
	for _, folder := range folders.Push {
		t.probe(ctx, client, folder)
	}
	return t.steps
}

// A tester collects the steps of one Test.
type tester struct {
	endpoint Endpoint
	folders  TestFolders
	dialer   *dialer
	started  time.Time
	steps    []Step
}

// passed records the steps up to and including last as done.
func (t *tester) passed(last step, client *Client) {
	for s := stepSettings; s <= last; s++ {
		if t.unneeded(s) {
			continue
		}
		done := Step{Name: stepNames[s], State: StateOK, Sentence: t.sentence(s, client)}
		if s == stepHostKey {
			done.HostKey = t.dialer.choice.last().String()
		}
		if s == stepSignIn {
			done.Credential = t.dialer.endpoint.Auth.Name
		}
		t.steps = append(t.steps, done)
	}
	t.steps[len(t.steps)-1].Took = elapsed(t.started)
}

// unneeded tells that a step has no place on the way that the endpoint takes.
func (t *tester) unneeded(s step) bool {
	routed := t.endpoint.Jump != nil || t.endpoint.Proxy != ""
	return (s == stepRoute && !routed) || (s == stepLookup && routed)
}

// stopped records the steps before s as done, s as failed, and the rest as skipped.
func (t *tester) stopped(s step, err error) {
	if s > stepSettings {
		t.passed(s-1, nil)
	}
	broken := failedStep(stepNames[s], err, elapsed(t.started))
	if key, ok := errors.AsType[*HostKeyError](err); ok && len(key.Offered) > 0 {
		broken.HostKey = key.Offered[0].String()
	}
	t.steps = append(t.steps, broken)
	for later := s + 1; later <= stepSFTP; later++ {
		if !t.unneeded(later) {
			t.skip(stepNames[later])
		}
	}
	for range len(t.folders.Pull) + len(t.folders.Named) {
		t.skip(StepList)
	}
	for range t.folders.Push {
		t.skip(probeSteps...)
	}
}

func (t *tester) skip(names ...string) {
	for _, name := range names {
		t.steps = append(t.steps, Step{Name: name, State: StateSkipped})
	}
}

// sentence says what a step that went well found. client is nil if sign-in was not reached.
func (t *tester) sentence(s step, client *Client) string {
	switch s {
	case stepSettings:
		return "The settings are complete."
	case stepRoute:
		if t.endpoint.Jump != nil {
			return "The jump host accepts the sign-in."
		}
		return "The proxy can be reached."
	case stepLookup:
		return fmt.Sprintf("The host %s has an address.", t.endpoint.Host)
	case stepTCP:
		return strings.ToUpper(t.dialer.remote[:1]) + t.dialer.remote[1:] + " accepts connections."
	case stepSSH:
		text := "The server speaks SSH (" + cmp.Or(t.dialer.version, "no version given") + ")"
		if client != nil {
			agreed := client.Algorithms()
			text += fmt.Sprintf("; agreed on %s, %s", agreed.KeyExchange, agreed.Read.Cipher)
		}
		return text + "."
	case stepHostKey:
		return "The host key is a pinned one: " + t.dialer.choice.last().String() + "."
	case stepSignIn:
		return t.signedIn()
	default:
		return "The server opens SFTP."
	}
}

func (t *tester) list(ctx context.Context, client *Client, folder string) {
	started := time.Now()
	listing, err := client.List(ctx, ListOptions{Folder: folder})
	if err != nil {
		t.steps = append(t.steps, failedStep(StepList, err, elapsed(started)))
		return
	}
	t.steps = append(t.steps, Step{
		Name: StepList, State: StateOK, Took: elapsed(started),
		Sentence: fmt.Sprintf("The folder can be listed; it holds %d %s that can be taken and %d folders.",
			len(listing.Files), plural(len(listing.Files), "file", "files"), listing.Deeper),
	})
}

func (t *tester) lookFor(ctx context.Context, client *Client, options ListOptions) {
	started := time.Now()
	listing, err := client.List(ctx, options)
	if err != nil {
		t.steps = append(t.steps, failedStep(StepList, err, elapsed(started)))
		return
	}
	t.steps = append(t.steps, Step{
		Name: StepList, State: StateOK, Took: elapsed(started),
		Sentence: fmt.Sprintf("The folder can be looked into by name; of %d %s, %d can be taken now.",
			len(options.Names), plural(len(options.Names), "name", "names"), len(listing.Files)),
	})
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func failedStep(name string, err error, took time.Duration) Step {
	return Step{
		Name: name, State: StateFailed, Took: took, Code: Code(err), Err: err,
		Sentence: strings.TrimPrefix(err.Error(), "transfer: "), Remedy: remedies[Code(err)],
	}
}

// remedies say what to do, by code.
var remedies = map[string]string{
	Code(ErrEndpoint):       "Correct the settings named above.",
	Code(ErrPrivateKey):     "Paste the whole private key, from its BEGIN to its END line, in OpenSSH or PEM form, and its passphrase if it has one.",
	Code(ErrCertificate):    "Paste the certificate that was made for this key (id_…-cert.pub); if it has ended, ask for a new one.",
	Code(ErrProxy):          "Check the proxy's address and sign-in, and ask its operator to allow connections to the partner's server.",
	Code(ErrLookup):         "Check the spelling of the host name, and that this machine's name service knows it.",
	Code(ErrAddress):        "Ask the operator of this installation to permit the address, or use another host.",
	Code(ErrConnect):        "Check host and port, and ask the partner whether our outgoing address is allowed through their firewall.",
	Code(ErrTimeout):        "Try again later. If it stays so, a firewall may drop our packets: ask the partner whether our outgoing address is allowed.",
	Code(ErrNotSSH):         "Check the port: another service may be listening there. SFTP is not FTP or FTPS.",
	Code(ErrAlgorithms):     "Ask the partner to enable current algorithms; the server offers outdated ones only. Until then you can choose some of them for this connection.",
	Code(ErrHostKeyUnknown): "Compare the fingerprint with one the partner gave by another way, then approve it.",
	Code(ErrHostKeyChanged): "Don't approve it in a hurry: ask the partner, by phone or a known address, whether they changed their server's key.",
	Code(ErrAuth):           "Check the user and the password or key with the partner before trying again: repeated failures can lock the account.",
	Code(ErrNoSFTP):         "Ask the partner to enable SFTP for this account.",
	Code(ErrLost):           "Try again. If it stays so, the server or a firewall ends our connections: ask the partner.",
	Code(ErrCanceled):       "The test was cancelled; start it again.",
	Code(ErrFolder):         "Check the folder's name with the partner; it is relative to where the session starts unless it begins with a slash.",
	Code(ErrPermission):     "Ask the partner to allow this account to do it.",
	Code(ErrExists):         "Ask the partner to remove the file, or use another folder.",
	Code(ErrIncomplete):     "Try again. If it stays so, ask the partner whether their server takes files away or changes them while they are written.",
	Code(ErrNoSpace):        "Ask the partner to make room.",
	Code(ErrRefused):        "Try again. If it stays so, ask the partner what their server's log says.",
	Code(ErrTooMany):        "Ask the partner to clear the folder, or choose a smaller one.",
}
