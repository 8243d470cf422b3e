package transfer_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/ediport/ediport/jobs/transfer"
)

func TestSecretsDontShow(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	target := transfer.Endpoint{Host: "sftp.example", User: "u", Auth: transfer.Auth{
		Password: secret, PrivateKey: secret, Passphrase: secret,
	}}
	var log bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(handler).Info("connecting", "endpoint", target, "pointer", &target, "password", target.Auth.Password)
	}
	encoded, err := json.Marshal(target)
	if err != nil {
		t.Fatal(err)
	}
	shown := log.String() + string(encoded)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		shown += fmt.Sprintf(verb, target) + fmt.Sprintf(verb, &target) + fmt.Sprintf(verb, target.Auth.Password)
	}
	if strings.Contains(shown, secret) || strings.Contains(strings.ToLower(shown), fmt.Sprintf("%x", secret)) {
		t.Fatalf("it shows:\n%s", shown)
	}
	if !strings.Contains(shown, "[secret]") || !strings.Contains(shown, "sftp.example") {
		t.Fatalf("nothing was printed:\n%s", shown)
	}
	if target.Auth.Password.Reveal() != secret {
		t.Fatal("Reveal does not return the secret")
	}
}
