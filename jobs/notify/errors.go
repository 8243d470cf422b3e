package notify

import (
	"context"
	"errors"
	"fmt"
	"net"
)

// The codes of failures to send.
const (
	codeAddress     = "notify.address_refused"
	codeUnreachable = "notify.unreachable"
	codeRefused     = "notify.refused"
	codeTimeout     = "notify.timeout"
)

// A sendError is a failure to send with its code. Its text holds no address, which may carry a token.
type sendError struct {
	code string
	text string
	err  error
}

func (e *sendError) Error() string {
	if e.err == nil {
		return "notify: " + e.text
	}
	return fmt.Sprintf("notify: %s: %v", e.text, e.err)
}

func (e *sendError) Unwrap() error { return e.err }

func codeOf(err error) string {
	var coded *sendError
	var network net.Error
	switch {
	case errors.As(err, &coded) && coded.code != codeUnreachable:
		return coded.code
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return codeTimeout
	default:
		return codeUnreachable
	}
}
