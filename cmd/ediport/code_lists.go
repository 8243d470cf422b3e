package main

import (
	"fmt"
	"os"

	"github.com/ediport/ediport/edi/codes"
)

// loadCodes puts the operator's code lists in place of those of the program; see docs/codes.md.
func (p *program) loadCodes() error {
	folder := p.config.Codes
	if folder == "" {
		return nil
	}
	if _, err := os.Stat(folder); err != nil {
		return fmt.Errorf("code lists: %w", err)
	}
	if _, err := codes.ReplaceAll(os.DirFS(folder)); err != nil {
		return fmt.Errorf("code lists in %s: %w", folder, err)
	}
	return nil
}
