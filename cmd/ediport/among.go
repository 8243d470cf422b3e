package main

import (
	"fmt"
	"slices"
	"strings"
)

// among refuses values of a flag that it can't have, so that a typing error is not taken for an empty list.
func among(flag string, choices []string, given ...string) error {
	for _, value := range given {
		if value != "" && !slices.Contains(choices, value) {
			return fmt.Errorf("--%s %q: it is one of %s", flag, value, strings.Join(choices, ", "))
		}
	}
	return nil
}
