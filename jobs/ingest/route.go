package ingest

import (
	"context"
	"slices"
	"time"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/storage"
)

// Identifiers of accounts that routing goes by.
const (
	kindNPI           = "npi"
	kindTIN           = "tin"
	kindPayerAssigned = "payer_assigned"
)

// A router says whose rows a routing unit brings: the first of the steps of EXCHANGE 2 that hits. Nothing in it
// changes while a file is loaded.
type router struct {
	unrouted   storage.AccountID
	handedIn   storage.AccountID // the file belongs to this account, whatever it says; 0: by content
	accounts   map[identifier][]owner
	rules      []storage.RoutingRule
	partners   map[storage.PartnerID]*storage.Partner
	identities []storage.PartnerIdentity
	today      time.Time         // the day of receipt by the operator's clock, as midnight UTC
	sender     storage.PartnerID // whose connection brought the file, 0 if unknown
	zone       *time.Location    // the operator's
	rules7     map[storage.PartnerID]*guide.PartnerRules
}

type identifier struct{ kind, value string }

type owner struct {
	account storage.AccountID
	partner storage.PartnerID
}

func newRouter(ctx context.Context, tx *storage.LoadTx, file storage.File) (*router, error) {
	routing, err := tx.Routing(ctx)
	if err != nil {
		return nil, err
	}
	r := &router{
		unrouted: routing.Unrouted, handedIn: file.Account, rules: routing.Rules, identities: routing.Identities,
		accounts: map[identifier][]owner{}, partners: map[storage.PartnerID]*storage.Partner{}, today: dayOf(file.ReceivedAt, routing.TimeZone),
		sender: file.Partner, zone: zoneOf(routing.TimeZone),
	}
	for i := range routing.Partners {
		r.partners[routing.Partners[i].ID] = &routing.Partners[i]
	}
	for _, i := range routing.Identifiers {
		if (i.ValidFrom != nil && r.today.Before(*i.ValidFrom)) || (i.ValidTo != nil && r.today.After(*i.ValidTo)) {
			continue
		}
		k := identifier{i.Kind, i.Value}
		r.accounts[k] = append(r.accounts[k], owner{i.Account, i.Partner})
	}
	return r, nil
}

// dayOf returns the day of an instant in a time zone.
func dayOf(t time.Time, zone string) time.Time {
	y, m, d := t.In(zoneOf(zone)).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

func zoneOf(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return zone
}

// A provider is what a routing unit says of the provider that it is for.
type provider struct {
	npi, tin, payerAssigned edi.Text
}

// A route is where a routing unit goes, and why.
type route struct {
	account    storage.AccountID
	by         string
	kind       string // of the identifier that decided, or would have
	value      edi.Text
	candidates []int64
}

// route decides for a provider named in an interchange and group. request is the account whose question is answered, 0 for none.
func (r *router) route(p provider, partner storage.PartnerID, receiver, groupReceiver string, request storage.AccountID) route {
	if r.handedIn != 0 {
		return route{account: r.handedIn, by: "hand_in"}
	}
	if request != 0 {
		return route{account: request, by: "request"}
	}
	if found := r.byRule(partner, receiver, groupReceiver); len(found) > 0 {
		return r.one(found, "rule", "", nil)
	}
	first := route{account: r.unrouted, by: "none"}
	for _, step := range []struct {
		kind  string
		value edi.Text
	}{{kindNPI, p.npi}, {kindTIN, p.tin}, {kindPayerAssigned, p.payerAssigned}} {
		if len(step.value) == 0 {
			continue
		}
		if first.kind == "" {
			first.kind, first.value = step.kind, step.value
		}
		if found := r.owners(step.kind, step.value, partner); len(found) > 0 {
			return r.one(found, step.kind, step.kind, step.value)
		}
	}
	return first
}

// one is the route to the only account found; several are a person's business.
func (r *router) one(found []int64, by, kind string, value edi.Text) route {
	if len(found) == 1 {
		return route{account: storage.AccountID(found[0]), by: by, kind: kind, value: value}
	}
	return route{account: r.unrouted, by: "ambiguous", kind: kind, value: value, candidates: found}
}

func (r *router) owners(kind string, value edi.Text, partner storage.PartnerID) []int64 {
	var found []int64
	for _, o := range r.accounts[identifier{kind, string(value)}] {
		if o.partner == 0 || o.partner == partner {
			found = add(found, o.account)
		}
	}
	return found
}

func (r *router) byRule(partner storage.PartnerID, receiver, groupReceiver string) []int64 {
	var found []int64
	for _, rule := range r.rules {
		if (rule.Partner == 0 || rule.Partner == partner) && (rule.Receiver == "" || rule.Receiver == receiver) &&
			(rule.GroupReceiver == "" || rule.GroupReceiver == groupReceiver) {
			found = add(found, rule.Account)
		}
	}
	return found
}

func add(list []int64, account storage.AccountID) []int64 {
	if slices.Contains(list, int64(account)) {
		return list
	}
	return append(list, int64(account))
}

// partnerOf returns the partner that has the sender's identity, else the one whose connection brought the file; nil if nobody knows.
func (r *router) partnerOf(i edi.Interchange) *storage.Partner {
	for _, id := range r.identities {
		if id.Side == "theirs" && id.Identifier == i.SenderID && (id.Qualifier == "" || id.Qualifier == i.SenderQualifier) {
			return r.partners[id.Partner]
		}
	}
	return r.partners[r.sender]
}
