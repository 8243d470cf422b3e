package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ediport/ediport/fixtures"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
)

// A script is a file of commands with what they must say, one thing a line:
//
//	# a remark
//	$ user add tom --name 'Tom Reed'    must end with exit code 0
//	!2 user add tom                     must end with exit code 2, having said why
//	< text                              a line of the next command's standard input
//	> text                              what the command before wrote has this text
//	>! text                             and this one not
//	= NAME pattern                      ${NAME} is what the pattern's group fits in it
//	sql STATEMENT                       is executed by the database's owner
//	wait WANT STATEMENT                 the statement's value becomes WANT
//	file NAME TEXT                      ${DIR}/NAME has the text
//
// ${…} is replaced everywhere. Commands run in this process, under the race detector if the tests do.
type script struct {
	t      *testing.T
	x      *exchange
	values map[string]string
	ran    map[string][2]int // by command: how often it did the thing, and how often it refused

	at           string // file and line
	stdin        string
	output, what string // of the last command
}

func (s *script) run(path string) {
	s.t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	for i, line := range strings.Split(string(text), "\n") {
		s.at = fmt.Sprintf("%s:%d", filepath.Base(path), i+1)
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			s.step(os.Expand(line, s.value))
		}
	}
}

// value is that of a name in braces; a lone dollar sign is one, as at the beginning of a command.
func (s *script) value(name string) string {
	if name == "" {
		return "$"
	}
	v, ok := s.values[name]
	if !ok {
		s.t.Fatalf("%s: ${%s} has no value", s.at, name)
	}
	return v
}

func (s *script) step(line string) {
	s.t.Helper()
	word, rest, _ := strings.Cut(line, " ")
	switch {
	case word == "$":
		s.command(exitFine, rest)
	case len(word) == 2 && word[0] == '!':
		code, err := strconv.Atoi(word[1:])
		if err != nil || code == exitFine {
			s.t.Fatalf("%s: %s is no exit code of a refusal", s.at, word)
		}
		s.command(code, rest)
	case word == "<":
		s.stdin += rest + "\n"
	case word == ">" || word == ">!":
		if strings.Contains(s.output, rest) != (word == ">") {
			s.t.Errorf("%s: %s: %s %q\n%s", s.at, s.what, map[string]string{">": "doesn't say", ">!": "says"}[word], rest, s.output)
		}
	case word == "=":
		name, pattern, _ := strings.Cut(rest, " ")
		found := regexp.MustCompile(pattern).FindStringSubmatch(s.output)
		if len(found) < 2 {
			s.t.Fatalf("%s: %s: nothing fits %s\n%s", s.at, s.what, pattern, s.output)
		}
		s.values[name] = found[1]
	case word == "sql":
		if _, err := s.x.db.ExecContext(s.t.Context(), rest); err != nil {
			s.t.Fatalf("%s: %v", s.at, err)
		}
	case word == "wait":
		want, query, _ := strings.Cut(rest, " ")
		s.x.await(query, want)
	case word == "file":
		name, text, _ := strings.Cut(rest, " ")
		if err := os.WriteFile(filepath.Join(s.values["DIR"], name), []byte(text+"\n"), 0o600); err != nil {
			s.t.Fatalf("%s: %v", s.at, err)
		}
	default:
		s.t.Fatalf("%s: %q is no line of a script", s.at, line)
	}
}

// command runs a command to its end and notes that it was run.
func (s *script) command(want int, line string) {
	s.t.Helper()
	args := wordsOf(line)
	env := environmentMap(s.x.env)
	var stdout, stderr bytes.Buffer
	code := run(s.t.Context(), args, func(name string) string { return env[name] }, strings.NewReader(s.stdin), &stdout, &stderr)
	s.stdin, s.what, s.output = "", "ediport "+line, stdout.String()+stderr.String()
	if code != want {
		s.t.Errorf("%s: %s: exit code %d, want %d\n%s", s.at, s.what, code, want, s.output)
	}
	if want != exitFine && strings.TrimSpace(s.output) == "" {
		s.t.Errorf("%s: %s refuses and doesn't say why", s.at, s.what)
	}
	if found, _, err := (&program{}).rootCommand().Find(args); err == nil && found.Runnable() {
		n := s.ran[found.CommandPath()]
		n[min(want, 1)]++
		s.ran[found.CommandPath()] = n
	} else {
		s.t.Errorf("%s: %s is no command", s.at, s.what)
	}
}

func environmentMap(env []string) map[string]string {
	m := map[string]string{}
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		m[name] = value
	}
	return m
}

var quotedOrBare = regexp.MustCompile(`'([^']*)'|[^\s']+`)

// wordsOf splits a line as a shell does, with single quotes only.
func wordsOf(line string) (words []string) {
	for _, m := range quotedOrBare.FindAllStringSubmatch(line, -1) {
		if strings.HasPrefix(m[0], "'") {
			m[0] = m[1]
		}
		words = append(words, m[0])
	}
	return words
}

// stayers are commands that do their thing until they are stopped, or for minutes; the tests named do it with them.
var stayers = map[string]string{
	"ediport serve": "TestServeOnAnEmptyFolderIsSetUpByACode",
	"ediport work":  "TestFleet",
	"ediport demo":  "TestDemoShowsResultsToThoseTheyConcern",
}

// measuring is the command that make bench runs, with a program beside it that only that builds.
const measuring = "ediport bench"

// Every command there is has a script in which it does its thing and one in which it refuses: the program's own help says which
// commands there are.
func TestCommandScripts(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("outbound/note.txt", []byte("no X12, kept all the same"))
	server.WriteFile("inbound/.keep", nil)
	x := newExchange(t)
	p := x.serve()
	dir := t.TempDir()
	for name, content := range map[string][]byte{"key": server.ClientKey, "claims.txt": []byte("not X12 either")} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, entry := range map[string]string{"payment.835": "01-835-payment-with-denials.x12", "bad.835": "08-835-wrong-segment-count.x12"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(x12(t, entry)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := &script{t: t, x: x, ran: map[string][2]int{}, values: map[string]string{
		"DIR": dir, "DATA": x.data, "HOST": server.Host, "PORT": strconv.Itoa(server.Port), "USER": server.User,
		"FINGERPRINT": server.Fingerprint(), "OUTBOUND": server.Path("outbound"), "INBOUND": server.Path("inbound"),
		"NPI": fixtures.AccountANPI,
	}}
	scripts, err := filepath.Glob("testdata/commands/*.script")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range scripts {
		s.run(path)
	}
	p.stop(t)
	for _, path := range commandsOf((&program{}).rootCommand()) {
		test := stayers[path]
		if s.ran[path][0] == 0 && test == "" && path != measuring {
			t.Errorf("no script has %q do its thing", path)
		}
		if s.ran[path][1] == 0 {
			t.Errorf("no script has %q refuse", path)
		}
		if test != "" && !testExists(t, test) {
			t.Errorf("there is no test %s, which has %q do its thing", test, path)
		}
	}
}

// commandsOf lists the paths of all commands that do something.
func commandsOf(c *cobra.Command) (paths []string) {
	if c.Runnable() {
		paths = append(paths, c.CommandPath())
	}
	for _, sub := range c.Commands() {
		paths = append(paths, commandsOf(sub)...)
	}
	return paths
}

func testExists(t *testing.T, name string) bool {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(files, func(file string) bool {
		text, err := os.ReadFile(file)
		return err == nil && bytes.Contains(text, []byte("\nfunc "+name+"("))
	})
}

// A command's own flag of the name of a setting would change that setting: --key-file is where the master key is, in every command.
func TestFlagsHideNoSettings(t *testing.T) {
	p := &program{}
	root := p.rootCommand()
	settings := map[string]bool{}
	p.config.fields(func(name string, _ reflect.Value, _ reflect.StructTag) { settings[flagName(name)] = true })
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			if settings[f.Name] {
				t.Errorf("%s --%s hides a setting", c.CommandPath(), f.Name)
			}
		})
		for _, below := range c.Commands() {
			visit(below)
		}
	}
	visit(root)
}
