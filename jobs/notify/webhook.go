package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"time"
)

// A Webhook is a URL that is called with each message.
type Webhook struct {
	URL    string // https; http only to addresses that are listed
	Secret []byte // of the signature, at least 16 bytes
}

// minSecretBytes is the least that a signature is worth something with.
const minSecretBytes = 16

func (w Webhook) check() error {
	u, err := url.Parse(w.URL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return errors.New("notify: the webhook's URL is not of the form https://host/path")
	case len(w.Secret) < minSecretBytes:
		return fmt.Errorf("notify: the webhook's secret has less than %d bytes", minSecretBytes)
	}
	return nil
}

// The headers of a webhook.
const (
	// SignatureHeader carries "t=UNIX,v1=HEX": the HMAC-SHA256 of UNIX, a dot and the body, with the secret.
	SignatureHeader = "Ediport-Signature"
	// TopicHeader carries the topic.
	TopicHeader = "Ediport-Topic"
	// IDHeader carries the message's id, the same each time that it is sent.
	IDHeader = "Ediport-Id"
)

// Sign returns the signature of a body that is sent at a time.
func Sign(secret, body []byte, at time.Time) string {
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(stamp + "."))
	mac.Write(body)
	return "t=" + stamp + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

// A caller calls a webhook.
type caller struct {
	hook   Webhook
	client *http.Client
}

func newCaller(hook Webhook, allow []netip.Prefix) *caller {
	plain := false
	if u, err := url.Parse(hook.URL); err == nil {
		plain = u.Scheme == "http"
	}
	return &caller{hook, &http.Client{
		Transport: &http.Transport{
			DialContext: dialer(allow, plain).DialContext, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 20 * time.Second, DisableKeepAlives: true,
		},
		// What another address would get was signed for this one.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (c *caller) send(ctx context.Context, e *Event) error {
	body, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("notify: webhook: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.hook.URL, bytes.NewReader(body))
	if err != nil {
		return &sendError{code: codeUnreachable, text: "the webhook's URL can't be called"}
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "ediport")
	r.Header.Set(TopicHeader, e.Topic)
	r.Header.Set(IDHeader, e.ID)
	r.Header.Set(SignatureHeader, Sign(c.hook.Secret, body, time.Now()))
	answer, err := c.client.Do(r)
	if err != nil {
		return callError(err)
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10)) // its words are not needed
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return &sendError{code: codeRefused, text: "the webhook answered with status " + strconv.Itoa(answer.StatusCode)}
	}
	return nil
}

func callError(err error) error {
	var own *sendError
	if errors.As(err, &own) {
		return own
	}
	return &sendError{code: codeUnreachable, text: "calling the webhook", err: bare(err)}
}

// bare takes the URL, which may carry a token, and addresses out of an error.
func bare(err error) error {
	var call *url.Error
	var network *net.OpError
	switch {
	case errors.As(err, &network):
		return network.Err
	case errors.As(err, &call):
		return call.Err
	}
	return err
}
