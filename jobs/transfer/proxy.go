package transfer

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// proxy reads the endpoint's proxy; nil if it has none.
func (e Endpoint) proxy() (*url.URL, error) {
	if e.Proxy == "" {
		return nil, nil
	}
	proxy, err := url.Parse(e.Proxy)
	if err != nil || proxy.Hostname() == "" || (proxy.Scheme != "socks5" && proxy.Scheme != "http") {
		return nil, errors.New("the proxy is not of the form socks5://host:port or http://host:port")
	}
	if proxy.Port() == "" {
		proxy.Host = net.JoinHostPort(proxy.Hostname(), map[string]string{"socks5": "1080", "http": "3128"}[proxy.Scheme])
	}
	return proxy, nil
}

// connectByProxy connects to the proxy and asks it to go on to the server.
func (d *dialer) connectByProxy(ctx context.Context) (net.Conn, error) {
	d.reached, d.remote = stepRoute, "the server behind the proxy"
	proxy, err := d.endpoint.proxy()
	if err != nil {
		return nil, failed(ErrEndpoint, "reading the proxy", err)
	}
	conn, err := d.connectTo(ctx, proxy.Host)
	if err != nil {
		return nil, err
	}
	ask := askSOCKS
	if proxy.Scheme == "http" {
		ask = askHTTP
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	err = conn.SetDeadline(time.Now().Add(d.endpoint.Timeouts.Connect))
	if err == nil {
		err = ask(conn, d.endpoint, proxy.User.Username())
	}
	if err == nil {
		err = conn.SetDeadline(time.Time{})
	}
	if err == nil && stop() {
		return conn, nil
	}
	conn.Close()
	return nil, explainProxy(ctx, err)
}

func explainProxy(ctx context.Context, err error) error {
	const op = "asking the proxy"
	timeout, isNet := errors.AsType[net.Error](err)
	own, isOwn := errors.AsType[*Error](err)
	switch {
	case ctx.Err() != nil:
		return canceled(op, context.Cause(ctx))
	case isOwn:
		return own
	case isNet && timeout.Timeout():
		return failed(ErrTimeout, op, err)
	default:
		return failed(ErrProxy, op, err)
	}
}

// askHTTP asks by HTTP's CONNECT (RFC 9110, section 9.3.6).
func askHTTP(conn net.Conn, e Endpoint, user string) error {
	var request bytes.Buffer
	fmt.Fprintf(&request, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n", e.Address(), e.Address())
	if user != "" {
		credentials := base64.StdEncoding.EncodeToString([]byte(user + ":" + e.ProxyPassword.Reveal()))
		fmt.Fprintf(&request, "Proxy-Authorization: Basic %s\r\n", credentials)
	}
	request.WriteString("\r\n")
	if _, err := conn.Write(request.Bytes()); err != nil {
		return err
	}
	head, err := readHead(conn)
	if err != nil {
		return err
	}
	fields := strings.Fields(head)
	if len(fields) < 2 || !strings.HasPrefix(fields[0], "HTTP/") {
		return failed(ErrProxy, "asking the proxy", errors.New("it does not speak HTTP"))
	}
	if status, err := strconv.Atoi(fields[1]); err != nil || status/100 != 2 {
		return failed(ErrProxy, "asking the proxy", fmt.Errorf("it answers %s", printable(fields[1])))
	}
	return nil
}

// readHead reads the head of an answer, byte by byte: what follows is the server's already.
func readHead(conn io.Reader) (string, error) {
	const limit = 8 << 10
	head, one := []byte(nil), make([]byte, 1)
	for !bytes.HasSuffix(head, []byte("\r\n\r\n")) {
		if len(head) == limit {
			return "", errors.New("its answer does not end")
		}
		if _, err := io.ReadFull(conn, one); err != nil {
			return "", err
		}
		head = append(head, one[0])
	}
	return string(head), nil
}

const (
	socksVersion   = 5
	socksNoAuth    = 0
	socksPassword  = 2
	socksConnect   = 1
	socksName      = 3
	socksIPv4      = 1
	socksIPv6      = 4
	socksNoMethods = 0xff
)

// askSOCKS asks by SOCKS 5 (RFC 1928), with user and password (RFC 1929) if there is a user.
func askSOCKS(conn net.Conn, e Endpoint, user string) error {
	method := byte(socksNoAuth)
	if user != "" {
		method = socksPassword
	}
	answer, err := exchange(conn, []byte{socksVersion, 1, method}, 2)
	switch {
	case err != nil:
		return err
	case answer[0] != socksVersion || (answer[1] != method && answer[1] != socksNoMethods):
		return failed(ErrProxy, "asking the proxy", errors.New("it does not speak SOCKS 5"))
	case answer[1] == socksNoMethods:
		return failed(ErrProxy, "asking the proxy", errors.New("it does not accept this way to sign in"))
	}
	if method == socksPassword {
		if err := signInSOCKS(conn, user, e.ProxyPassword.Reveal()); err != nil {
			return err
		}
	}
	if len(e.Host) > 255 {
		return failed(ErrEndpoint, "asking the proxy", errors.New("the host's name is too long"))
	}
	request := append([]byte{socksVersion, socksConnect, 0, socksName, byte(len(e.Host))}, e.Host...)
	request = binary.BigEndian.AppendUint16(request, uint16(e.Port)) //nolint:gosec // a checked port
	if answer, err = exchange(conn, request, 4); err != nil {
		return err
	}
	if answer[1] != 0 {
		return failed(ErrProxy, "asking the proxy", fmt.Errorf("it answers %d", answer[1]))
	}
	return skipAddress(conn, answer[3])
}

func signInSOCKS(conn net.Conn, user, password string) error {
	if len(user) > 255 || len(password) > 255 {
		return failed(ErrEndpoint, "signing in to the proxy", errors.New("user or password is too long"))
	}
	request := append([]byte{1, byte(len(user))}, user...)
	request = append(append(request, byte(len(password))), password...)
	answer, err := exchange(conn, request, 2)
	if err == nil && answer[1] != 0 {
		return failed(ErrProxy, "signing in to the proxy", errors.New("it refuses user or password"))
	}
	return err
}

// skipAddress reads the address that ends SOCKS's answer.
func skipAddress(conn net.Conn, kind byte) error {
	size := map[byte]int{socksIPv4: 4, socksIPv6: 16}[kind]
	if kind == socksName {
		length, err := exchange(conn, nil, 1)
		if err != nil {
			return err
		}
		size = int(length[0])
	}
	_, err := exchange(conn, nil, size+2)
	return err
}

// exchange writes a request and reads an answer of n bytes.
func exchange(conn net.Conn, request []byte, n int) ([]byte, error) {
	if _, err := conn.Write(request); err != nil {
		return nil, err
	}
	answer := make([]byte, n)
	_, err := io.ReadFull(conn, answer)
	return answer, err
}
