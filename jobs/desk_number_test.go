package jobs

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ediport/ediport/jobs/transfer/sshdtest"
	"github.com/ediport/ediport/storage"
)

// next takes the next number of a sequence, as an acknowledgment would.
func (h *house) next(kind, key string) (n int) {
	h.t.Helper()
	err := h.db.InScope(h.t.Context(), h.scope, func(tx *storage.Tx) (err error) {
		n, err = tx.NextNumber(h.t.Context(), kind, key)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// TestHandedInNumbersAreNotUsedAgain: what ediport makes for a receiver goes on behind what others made and it delivered.
func TestHandedInNumbersAreNotUsedAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	c := h.connect(server, pushing(server))
	const interchange, group = "ZZ|EDIPORTDEMO|ZZ|TAMARIND|P|", "ZZ|EDIPORTDEMO|ZZ|TAMARIND|P|HS"
	for _, number := range []int{500, 499, 999_999_999} { // a lower one, and the last of all, raise nothing
		h.handIn(c, fmt.Sprint(number, ".270"), question(number))
	}
	if got := h.next(storage.NumberInterchange, interchange); got != 501 {
		t.Errorf("the next interchange is %d, want 501", got)
	}
	if got := h.next(storage.NumberGroup, group); got != 501 {
		t.Errorf("the next group is %d, want 501", got)
	}
	h.handIn(c, "lower.270", question(7))
	if got := h.next(storage.NumberInterchange, interchange); got != 502 {
		t.Errorf("after a lower one the next interchange is %d, want 502", got)
	}
}

func TestNextNumberIsSet(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	of := NumberOf{Sender: "ZZ:EDIPORTDEMO", Receiver: "30:990000001"}
	for _, c := range []struct {
		of   NumberOf
		next int
		want error
	}{
		{of, 5001, nil},
		{NumberOf{Sender: of.Sender, Receiver: of.Receiver, Usage: "T", FunctionalID: "FA"}, 77, nil},
		{of, 0, ErrNumber},
		{of, 1_000_000_000, ErrNumber},
		{NumberOf{Sender: "EDIPORTDEMO", Receiver: of.Receiver}, 1, ErrNumber},
		{NumberOf{Sender: of.Sender, Receiver: of.Receiver, Usage: "X"}, 1, ErrNumber},
		{NumberOf{Sender: of.Sender, Receiver: "ZZ:A|B"}, 1, ErrNumber},
	} {
		if err := h.desk.SetNextNumber(t.Context(), h.scope, c.of, c.next); !errors.Is(err, c.want) {
			t.Errorf("%+v to %d: %v, want %v", c.of, c.next, err, c.want)
		}
	}
	all, err := h.desk.Numbers(t.Context(), h.scope)
	if err != nil || len(all) != 2 {
		t.Fatalf("%+v (%v)", all, err)
	}
	if got := h.next(storage.NumberInterchange, "ZZ|EDIPORTDEMO|30|990000001|P|"); got != 5001 {
		t.Errorf("the next interchange is %d", got)
	}
	if got := h.next(storage.NumberGroup, "ZZ|EDIPORTDEMO|30|990000001|T|FA"); got != 77 {
		t.Errorf("the next group is %d", got)
	}
	if n := h.number(`SELECT count(*) FROM audit_event WHERE action = 'number.set'`); n != 2 {
		t.Errorf("%d events of numbers that were set, want 2", n)
	}
}

// TestNamesNameTheAccount: {account} is whom the connection delivers for.
func TestNamesNameTheAccount(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	byAccount := pushing(server, func(p *Push) { p.NameTemplate = "{account}_{set}_{date}_{seq}.x12" })
	account := storage.AccountID(h.number(`SELECT min(id) FROM account WHERE operator_id = $1 AND kind <> 'unrouted'`, h.operator))
	var name, operator string
	if err := h.owner.QueryRow(`SELECT a.name, o.name FROM account a JOIN operator o USING (operator_id) WHERE a.id = $1`, account).Scan(&name, &operator); err != nil {
		t.Fatal(err)
	}
	whole := h.connect(server, byAccount, func(c *storage.Connection) { c.Name = "of all" })
	one := h.connect(server, byAccount, func(c *storage.Connection) { c.Name, c.Account = "of one", account })
	for c, want := range map[*storage.Connection]string{whole: operator, one: name} {
		file := h.handIn(c, fmt.Sprint(c.ID, ".270"), question(int(c.ID)), templated)
		if got := h.outbound(file).Name; !strings.HasPrefix(got, plainWord(want)+"_270_") || want == "" {
			t.Errorf("the file of %q is called %s", want, got)
		}
	}
}
