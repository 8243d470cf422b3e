package accounts

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ediport/ediport/storage"
)

// AccountKinds are the kinds of organizations that own rows.
var AccountKinds = []string{"practice", "billing_service", "clearinghouse"}

// A NewAccount is an organization to add.
type NewAccount struct {
	Operator storage.OperatorID
	Kind     string // one of AccountKinds
	Name     string
	NPI      []string // ten digits each, with their check digit
	TaxID    []string // nine digits each; a hyphen is left out
}

// CreateAccount adds an account with the identifiers that route answers to it, and returns its id. The
// error is an *InputError for input that can't be used.
func (s *Service) CreateAccount(ctx context.Context, actor storage.Actor, a NewAccount) (storage.AccountID, error) {
	a.Name = strings.TrimSpace(a.Name)
	identifiers, err := a.identifiers()
	if err != nil {
		return 0, err
	}
	var id storage.AccountID
	err = nameTaken(s.db.InSystem(ctx, actor, func(tx *storage.Tx) error {
		if id, err = tx.NewAccount(ctx, a.Operator, a.Kind, a.Name); err != nil {
			return err
		}
		for _, i := range identifiers {
			i.Account = id
			if err := tx.AddIdentifier(ctx, a.Operator, i); err != nil {
				return err
			}
		}
		return tx.Audit(ctx, storage.AuditEvent{
			Action: "account.added", Operator: a.Operator, Account: id, ObjectKind: "account", ObjectID: int64(id),
		})
	}))
	if err != nil {
		return 0, fmt.Errorf("accounts: adding an account: %w", err)
	}
	return id, nil
}

func (a NewAccount) identifiers() ([]storage.Identifier, error) {
	switch {
	case a.Operator == 0:
		return nil, &InputError{"operator", "Say which operator's exchange serves the account."}
	case !slices.Contains(AccountKinds, a.Kind):
		return nil, &InputError{"kind", "The kind is one of " + strings.Join(AccountKinds, ", ") + "."}
	case a.Name == "" || len(a.Name) > 200:
		return nil, &InputError{"name", "Give the organization's name, up to 200 characters."}
	}
	var out []storage.Identifier
	for _, npi := range a.NPI {
		if !ValidNPI(npi) {
			return nil, &InputError{"npi", "An NPI has ten digits, of which the last one checks the others. Look for a typing error."}
		}
		out = append(out, storage.Identifier{Kind: "npi", Value: npi})
	}
	for _, id := range a.TaxID {
		id = strings.ReplaceAll(strings.TrimSpace(id), "-", "")
		if len(id) != 9 || !onlyDigits(id) {
			return nil, &InputError{"tax_id", "A tax id has nine digits."}
		}
		out = append(out, storage.Identifier{Kind: "tin", Value: id})
	}
	return out, nil
}

// ValidNPI says whether the text is a National Provider Identifier with a right check digit: Luhn's
// over the prefix 80840, which adds 24, and the digits. Source: CMS, NPI standard, 45 CFR 162.406.
func ValidNPI(npi string) bool {
	if len(npi) != 10 || !onlyDigits(npi) {
		return false
	}
	sum := 24
	for i, r := range npi {
		d := int(r - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

func onlyDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
