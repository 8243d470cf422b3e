package sshdtest

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

// Authorize lets in whoever has one of these keys, lines as in authorized_keys, and nobody by another key, from the
// next connection on: a partner who changes over.
func (s *Server) Authorize(lines ...string) {
	s.t.Helper()
	s.replace("authorized_keys", strings.Join(lines, "\n")+"\n")
}

// SetPassword has the account another password from the next connection on, if it had one.
func (s *Server) SetPassword(password string) {
	s.t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	s.must(err)
	s.replace("shadow", fmt.Sprintf("%s:%s:19000:0:99999:7:::\n", partner, hash))
}

// replace writes a file anew: whoever reads it meanwhile sees the old one or the new one.
func (s *Server) replace(name, content string) {
	s.t.Helper()
	s.write(name+".new", content)
	s.must(os.Rename(s.file(name+".new"), s.file(name)))
}
