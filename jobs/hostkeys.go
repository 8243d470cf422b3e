package jobs

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

// HostKeys are a connection's pinned host keys: its server's, and its jump host's if it goes through one.
type HostKeys struct {
	Server []string `json:"server"`
	Jump   []string `json:"jump"`
}

// HostKeysOf returns what is pinned for a connection.
func HostKeysOf(c *storage.Connection) (HostKeys, error) {
	network, err := NetworkOf(c)
	if err != nil {
		return HostKeys{}, err
	}
	keys := HostKeys{Server: append([]string{}, c.HostKeys...), Jump: []string{}}
	if network.Jump != nil {
		keys.Jump = append(keys.Jump, network.Jump.HostKeys...)
	}
	return keys, nil
}

// pin puts the keys into a connection.
func (k HostKeys) pin(c *storage.Connection) error {
	var n Network // as it is stored, without defaults
	if err := decodeSettings("network", c.Network, &n); err != nil {
		return err
	}
	if n.Jump == nil && len(k.Jump) > 0 {
		return fail(ErrConnection, errors.New("network.jump.host_keys: there is no jump host"))
	}
	c.HostKeys = append([]string{}, k.Server...) // the column takes no NULL
	if n.Jump != nil {
		jump := *n.Jump
		jump.HostKeys = append([]string{}, k.Jump...)
		n.Jump = &jump
		SetNetwork(c, n)
	}
	return nil
}

func (k HostKeys) check() error {
	var wrong []error
	complain := complaint{wrong: &wrong}
	for field, keys := range map[string][]string{"host_keys": k.Server, "network.jump.host_keys": k.Jump} {
		for i, key := range keys {
			err := transfer.CheckHostKey(key)
			complain.about(err != nil, field, "no. %d is %v", i+1, err)
		}
	}
	if len(wrong) > 0 {
		return fail(ErrConnection, errors.Join(wrong...))
	}
	return nil
}

// fingerprint is the part of a pin that decides: its type is a hint only, unless it says that it is a
// certificate authority's, which many keys may answer to.
func fingerprint(pin string) string {
	fields := strings.Fields(pin)
	if len(fields) > 1 && fields[0] == transfer.CertAuthority {
		return strings.Join(fields, " ")
	}
	if len(fields) == 0 {
		return ""
	}
	return fields[len(fields)-1]
}

// without returns the keys that aren't among others.
func without(keys, others []string) []string {
	return slices.DeleteFunc(slices.Clone(keys), func(key string) bool {
		return slices.ContainsFunc(others, func(other string) bool { return fingerprint(other) == fingerprint(key) })
	})
}

// loosens tells whether a server could answer that could not before: another key is pinned, or none,
// after which the next one shown would pass for the first. Where nothing was pinned, nothing is loosened.
func loosens(before, after []string) bool {
	return len(before) > 0 && (len(after) == 0 || len(without(after, before)) > 0)
}

// A HostKeyChange is a change of a connection's host keys, with what the connection was when it was
// looked at: it is carried out only where that is still so. It holds no secret.
type HostKeyChange struct {
	Host     string   `json:"host"`
	Port     int      `json:"port"`
	JumpHost string   `json:"jump_host"` // "": none
	JumpPort int      `json:"jump_port"`
	Before   HostKeys `json:"before"`
	After    HostKeys `json:"after"`
}

func newHostKeyChange(c *storage.Connection, after HostKeys) (HostKeyChange, error) {
	network, err := NetworkOf(c)
	if err != nil {
		return HostKeyChange{}, err
	}
	before, err := HostKeysOf(c)
	change := HostKeyChange{Host: c.Host, Port: c.Port, Before: before, After: after}
	if network.Jump != nil {
		change.JumpHost, change.JumpPort = network.Jump.Host, network.Jump.Port
	}
	return change, err
}

// hostKeyChange is what a change of settings does to the host keys. Where keys are taken as they
// come, they are checked, so that nobody is asked about what isn't one.
func hostKeyChange(before, after *storage.Connection) (HostKeyChange, error) {
	keys, err := HostKeysOf(after)
	if err == nil {
		err = keys.check()
	}
	if err != nil {
		return HostKeyChange{}, err
	}
	return newHostKeyChange(before, keys)
}

// Server tells whether the change lets another server answer.
func (h HostKeyChange) Server() bool { return loosens(h.Before.Server, h.After.Server) }

// Jump tells whether the change lets another jump host answer, or takes away the one that is pinned.
func (h HostKeyChange) Jump() bool { return loosens(h.Before.Jump, h.After.Jump) }

// sameGround tells whether the connection is still what was looked at.
func (h HostKeyChange) sameGround(now HostKeyChange) bool {
	return h.Host == now.Host && h.Port == now.Port && h.JumpHost == now.JumpHost && h.JumpPort == now.JumpPort &&
		slices.Equal(h.Before.Server, now.Before.Server) && slices.Equal(h.Before.Jump, now.Before.Jump)
}

// Summary says in a sentence what would be changed for the connection of a name.
func (h HostKeyChange) Summary(name string) string {
	var parts []string
	say := func(what string, before, after []string) {
		if added := without(after, before); len(added) > 0 {
			parts = append(parts, "approve "+what+strings.Join(added, ", "))
		}
		if len(after) == 0 && len(before) > 0 {
			parts = append(parts, "forget all host keys "+what+"that are approved")
		} else if gone := without(before, after); len(gone) > 0 {
			parts = append(parts, "take away "+what+strings.Join(gone, ", "))
		}
	}
	say("", h.Before.Server, h.After.Server)
	say(fmt.Sprintf("for the jump host %s:%d ", h.JumpHost, h.JumpPort), h.Before.Jump, h.After.Jump)
	return fmt.Sprintf("Host keys of the connection %s (%s:%d): %s.", name, h.Host, h.Port, strings.Join(parts, "; "))
}

// ErrSecondPerson says that a change of host keys takes a second person; a [SecondPersonError] says which change.
var ErrSecondPerson error = newKind("connection.host_keys_guarded", true, "another host key takes a second person")

// ErrChangedSince says that a change of host keys was asked for when the connection was another one.
var ErrChangedSince error = newKind("connection.changed_since", true, "the connection was changed or deleted since")

// A SecondPersonError is a change of host keys that was not made: it takes a second person.
type SecondPersonError struct {
	Name   string // of the connection
	Change HostKeyChange
}

// Error says so, without the keys.
func (e *SecondPersonError) Error() string { return "jobs: " + ErrSecondPerson.Error() }

// Code returns connection.host_keys_guarded.
func (e *SecondPersonError) Code() string { return Code(ErrSecondPerson) }

// Unwrap returns ErrSecondPerson.
func (e *SecondPersonError) Unwrap() error { return ErrSecondPerson }
