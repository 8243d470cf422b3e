package main

import (
	"fmt"
	"os"

	"github.com/ediport/ediport/edi/guide"
)

// readPartnerRules reads the rules of a trading partner; none without a file.
func readPartnerRules(path string) (*guide.PartnerRules, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("partner rules: %w", err)
	}
	defer f.Close()
	rules, err := guide.ReadPartnerRules(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return rules, nil
}
