package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	yaml "go.yaml.in/yaml/v3"
)

// config is everything that can be configured: a flag wins over the environment (EDIPORT_ and the name in capitals), which wins over
// the configuration file (--config or EDIPORT_CONFIG). Secrets have no flags: they come by file or environment.
type config struct {
	Version       int    `yaml:"version"` // of the file's shape: 1
	Data          string `yaml:"data" usage:"data folder: archive and private Postgres (default: by system)"`
	Archive       string `yaml:"archive" usage:"folder of the archive, which all machines of an installation share (default: in the data folder)"`
	DatabaseURL   string `yaml:"database_url" usage:"Postgres owner's URL; empty: a private Postgres in the data folder"`
	LoaderURL     string `yaml:"database_loader_url" usage:"URL of the role that loads; empty: made from --database-url"`
	AppURL        string `yaml:"database_app_url" usage:"URL of the role bound by row-level security; empty: made from --database-url"`
	DirectURL     string `yaml:"database_direct_url" usage:"URL that goes past a pooler, for the queue and the leader; empty: --database-url"`
	ReplicaURL    string `yaml:"database_replica_url" usage:"URL of a streaming replica, which lists read: of the same role as database_app_url, of any if that is empty"`
	KeyFile       string `yaml:"key_file" usage:"master key file (default: in the user's configuration folder)"`
	Listen        string `yaml:"listen" usage:"address of the portal" default:"127.0.0.1:8080"`
	AllowedHosts  string `yaml:"allowed_hosts" usage:"names under which the portal may be reached, comma-separated; localhost always"`
	TLSCert       string `yaml:"tls_cert" usage:"certificate file (PEM); needed to listen beyond loopback, unless --proxy"`
	TLSKey        string `yaml:"tls_key" usage:"key file of the certificate (PEM)"`
	BehindProxy   bool   `yaml:"behind_proxy" usage:"a proxy on this network ends TLS; plain HTTP may listen beyond loopback"`
	LogFormat     string `yaml:"log_format" usage:"text or json" default:"text"`
	LogLevel      string `yaml:"log_level" usage:"debug (each request, too), info, warn or error, for the commands that stay" default:"info"`
	PostgresBin   string `yaml:"pg_bin" usage:"folder of Postgres's server programs, instead of those that are found"`
	Codes         string `yaml:"codes" usage:"folder of code lists, NAME.csv, that replace those of the program (docs/codes.md)"`
	PullWorkers   int    `yaml:"pull_workers" usage:"partners pulled from at a time, in this process" default:"16"`
	PushWorkers   int    `yaml:"push_workers" usage:"partners pushed to at a time" default:"8"`
	IngestWorkers int    `yaml:"ingest_workers" usage:"files loaded at a time" default:"2"`
	SmallWorkers  int    `yaml:"small_workers" usage:"notices and other small jobs at a time" default:"50"`

	Breached          string `yaml:"breached_passwords" usage:"file of hashes of passwords known from breaches, which nobody may choose: sorted SHA-1, one a line; empty: none"`
	DropBoxListen     string `yaml:"dropbox_listen" usage:"address of our own SFTP server, at which partners put files into their drop boxes, such as :2222; empty: none"`
	PublicURL         string `yaml:"public_url" usage:"the portal's address as people reach it, for links in notices"`
	MetricsListen     string `yaml:"metrics_listen" usage:"address of /metrics, /healthz and /readyz with details; empty: none"`
	MetricsTokenFile  string `yaml:"metrics_token_file" usage:"file with the token of /metrics (or EDIPORT_METRICS_TOKEN)"`
	WebhookURL        string `yaml:"notify_webhook_url" usage:"URL that is called when an incident begins or ends"`
	WebhookSecretFile string `yaml:"notify_webhook_secret_file" usage:"file with the secret that signs webhooks (or EDIPORT_NOTIFY_WEBHOOK_SECRET)"`
	SMTPHost          string `yaml:"notify_smtp_host" usage:"mail server for notices, codes and invitations; empty: no mail"`
	SMTPPort          int    `yaml:"notify_smtp_port" usage:"its port (default: 465 or 587, by notify_smtp_tls)"`
	SMTPTLS           string `yaml:"notify_smtp_tls" usage:"starttls, tls, or none (only to a listed address)" default:"starttls"`
	SMTPUser          string `yaml:"notify_smtp_user" usage:"user at the mail server; empty: no sign-in"`
	SMTPPasswordFile  string `yaml:"notify_smtp_password_file" usage:"file with its password (or EDIPORT_NOTIFY_SMTP_PASSWORD)"`
	MailFrom          string `yaml:"notify_mail_from" usage:"sender of notices"`
	MailTo            string `yaml:"notify_mail_to" usage:"who is told of incidents, comma-separated; people are told of their own accounts without it"`
	NotifyAllow       string `yaml:"notify_allow" usage:"private networks in which webhook and mail server may be, comma-separated: 10.1.0.0/16"`
}

// fields walks the configurable fields: name as in the file, its value and tags.
func (c *config) fields(visit func(name string, v reflect.Value, tag reflect.StructTag)) {
	v := reflect.ValueOf(c).Elem()
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Tag.Get("usage") != "" {
			visit(f.Tag.Get("yaml"), v.Field(i), f.Tag)
		}
	}
}

func flagName(name string) string { return strings.ReplaceAll(name, "_", "-") }

func environmentName(name string) string { return "EDIPORT_" + strings.ToUpper(name) }

func (p *program) addConfigFlags(root *cobra.Command) {
	flags := root.PersistentFlags()
	flags.String("config", "", "configuration file (YAML; environment EDIPORT_CONFIG)")
	p.config.fields(func(name string, v reflect.Value, tag reflect.StructTag) {
		usage := tag.Get("usage") + " (" + environmentName(name) + ")"
		switch v.Kind() {
		case reflect.Bool:
			flags.Bool(flagName(name), false, usage)
		case reflect.Int:
			flags.Int(flagName(name), 0, usage)
		default:
			flags.String(flagName(name), "", usage)
		}
		if name != "data" && name != "database_url" && name != "config" {
			_ = flags.MarkHidden(flagName(name)) // they are the same for all commands; `ediport config check` lists them
		}
	})
}

// loadConfig fills the configuration: defaults, file, environment, flags. All complaints come at once.
func (p *program) loadConfig(cmd *cobra.Command) error {
	var problems []error
	p.config.fields(func(_ string, v reflect.Value, tag reflect.StructTag) {
		if d := tag.Get("default"); d != "" {
			_ = setField(v, d)
		}
	})
	file, _ := cmd.Flags().GetString("config")
	if file == "" {
		file = p.getenv("EDIPORT_CONFIG")
	}
	if file != "" {
		problems = append(problems, p.config.readFile(file))
	}
	p.config.fields(func(name string, v reflect.Value, _ reflect.StructTag) {
		if value := p.getenv(environmentName(name)); value != "" {
			if err := setField(v, value); err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", environmentName(name), err))
			}
		}
	})
	cmd.Flags().Visit(func(f *pflag.Flag) {
		p.config.fields(func(name string, v reflect.Value, _ reflect.StructTag) {
			if flagName(name) == f.Name {
				problems = append(problems, setField(v, f.Value.String()))
			}
		})
	})
	if p.config.Data == "" {
		p.config.Data = defaultData(p.getenv)
	}
	return errors.Join(append(problems, p.config.check()...)...)
}

func setField(v reflect.Value, text string) error {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(text == "true" || text == "1" || text == "yes")
	case reflect.Int:
		var n int
		if _, err := fmt.Sscan(text, &n); err != nil {
			return errors.New("not a whole number")
		}
		v.SetInt(int64(n))
	default:
		v.SetString(text)
	}
	return nil
}

func (c *config) readFile(name string) error {
	b, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true)
	if err := d.Decode(c); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("configuration %s: %w%s", name, err, c.suggestion(err))
	}
	if c.Version > 1 {
		return fmt.Errorf("configuration %s: version %d is newer than this ediport understands (1)", name, c.Version)
	}
	return nil
}

// suggestion finds the key that an unknown one was perhaps meant to be.
func (c *config) suggestion(err error) string {
	for _, line := range strings.Split(err.Error(), "\n") {
		_, rest, ok := strings.Cut(line, "field ")
		unknown, _, _ := strings.Cut(rest, " ")
		if !ok {
			continue
		}
		best, distance := "", 4
		c.fields(func(name string, _ reflect.Value, _ reflect.StructTag) {
			if d := editDistance(name, unknown); d < distance {
				best, distance = name, d
			}
		})
		if best != "" {
			return "; did you mean " + best + "?"
		}
	}
	return ""
}

// editDistance counts the insertions, deletions and replacements between a and b.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		previous := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := previous
			if a[i] != b[j] {
				cost = 1 + min(previous, row[j], row[j+1])
			}
			previous, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

func (c *config) check() []error {
	var problems []error
	if c.LogFormat != "text" && c.LogFormat != "json" {
		problems = append(problems, errors.New("log_format is text or json"))
	}
	if _, known := logLevels[c.LogLevel]; !known {
		problems = append(problems, errors.New("log_level is debug, info, warn or error"))
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		problems = append(problems, errors.New("tls_cert and tls_key belong together"))
	}
	for _, n := range []struct {
		key   string
		value int
	}{{"pull_workers", c.PullWorkers}, {"push_workers", c.PushWorkers}, {"ingest_workers", c.IngestWorkers}, {"small_workers", c.SmallWorkers}} {
		if n.value < 1 || n.value > 1000 {
			problems = append(problems, fmt.Errorf("%s is between 1 and 1000", n.key))
		}
	}
	return problems
}

// defaultData is where the data is if nobody says: for root the system's place, else the user's.
func defaultData(getenv func(string) string) string {
	if os.Geteuid() == 0 {
		return "/var/lib/ediport"
	}
	if dir := getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "ediport")
	}
	return filepath.Join(getenv("HOME"), ".local", "share", "ediport")
}
