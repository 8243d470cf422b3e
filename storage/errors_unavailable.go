package storage

import (
	"database/sql/driver"
	"errors"
	"net"
	"strings"
)

// Unavailable says whether an error means that the database can't be reached, is starting or stopping, takes no more
// connections, or has a schema that is being upgraded: the same may work in a minute.
func Unavailable(err error) bool {
	var (
		network *net.OpError
		said    *Error
	)
	switch {
	case errors.As(err, &network), errors.Is(err, driver.ErrBadConn):
		return true
	case !errors.As(err, &said):
		return false
	}
	for _, class := range []string{"08", "53", "57P0", "42P01", "42703"} { // connection, resources, shutdown, no such table or column
		if strings.HasPrefix(said.Code, class) {
			return true
		}
	}
	return false
}
