package storage

import (
	"errors"
	"strings"
	"sync"
	"testing"
)

func TestIDsAreNeverGivenTwice(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	other := openForTest(t, db.cfg)
	var mu sync.Mutex
	seen := map[int64]bool{}
	var wg sync.WaitGroup
	for _, ids := range []*IDs{db.IDs(), db.IDs(), other.IDs()} {
		wg.Go(func() {
			for range 250 { // more than a block
				id, err := ids.Next(t.Context(), "test")
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				if seen[id] || id <= 0 {
					t.Errorf("id %d given twice, or not positive", id)
				}
				seen[id] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(seen) != 750 {
		t.Errorf("%d ids, want 750", len(seen))
	}
}

func TestIDBlockAscendsWithoutGaps(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	b := db.IDs().Block()
	first, err := b.Next(t.Context(), IDClaim)
	if err != nil {
		t.Fatal(err)
	}
	for i := range int64(5) {
		if _, err := db.IDs().Next(t.Context(), IDClaim); err != nil { // another load
			t.Fatal(err)
		}
		if id, err := b.Next(t.Context(), IDClaim); err != nil || id != first+i+1 {
			t.Errorf("id %d after %d, want the next one (%v)", id, first+i, err)
		}
	}
}

func TestPublicIDs(t *testing.T) {
	t.Parallel()
	old, rotated := NewPublicIDs([32]byte{1}), NewPublicIDs([32]byte{2}, [32]byte{1})
	s := old.Format(PublicClaim, 4711)
	if !strings.HasPrefix(s, "clm_") || strings.Contains(s, "4711") || len(s) != 30 {
		t.Errorf("public id %q", s)
	}
	for name, p := range map[string]*PublicIDs{"same key": old, "older key": rotated} {
		if id, err := p.Parse(PublicClaim, s); err != nil || id != 4711 {
			t.Errorf("%s: %d, %v", name, id, err)
		}
	}
	if old.Format(PublicClaim, 0) != "" {
		t.Error("0 is no id")
	}
	for name, bad := range map[string]string{
		"other kind":           "pay_" + s[4:],
		"one letter changed":   s[:10] + string(flip(s[10])) + s[11:],
		"stray bits at end":    s[:29] + string(s[29]+1),
		"shortened":            s[:29],
		"upper case":           strings.ToUpper(s),
		"a number":             "clm_4711",
		"empty":                "",
		"id under another key": NewPublicIDs([32]byte{9}).Format(PublicClaim, 4711),
	} {
		if _, err := old.Parse(PublicClaim, bad); !errors.Is(err, ErrPublicID) {
			t.Errorf("%s: %q gives %v, want ErrPublicID", name, bad, err)
		}
	}
}

func flip(c byte) byte {
	if c == 'a' {
		return 'b'
	}
	return 'a'
}

func TestCursors(t *testing.T) {
	t.Parallel()
	type filter struct{ Status string }
	type position struct {
		Name string
		ID   int64
	}
	c := NewCursors([32]byte{1})
	scope := Scope{Accounts: []AccountID{1, 2}}
	s, err := c.Seal("claims", scope, filter{"denied"}, position{"SMITH", 9})
	if err != nil {
		t.Fatal(err)
	}
	var p position
	if err := c.Open("claims", scope, filter{"denied"}, s, &p); err != nil || p != (position{"SMITH", 9}) {
		t.Errorf("%+v, %v", p, err)
	}
	if err := NewCursors([32]byte{2}, [32]byte{1}).Open("claims", scope, filter{"denied"}, s, &p); err != nil {
		t.Errorf("after the key was rotated: %v", err)
	}
	if strings.Contains(string(s), "SMITH") {
		t.Error("the cursor shows its position")
	}
	for name, open := range map[string]func() error{
		"other list":    func() error { return c.Open("payments", scope, filter{"denied"}, s, &p) },
		"other filter":  func() error { return c.Open("claims", scope, filter{"paid"}, s, &p) },
		"other account": func() error { return c.Open("claims", Scope{Accounts: []AccountID{1}}, filter{"denied"}, s, &p) },
		"changed":       func() error { return c.Open("claims", scope, filter{"denied"}, s[:len(s)-2]+"AA", &p) },
		"made up":       func() error { return c.Open("claims", scope, filter{"denied"}, "AAAA", &p) },
		"not base64":    func() error { return c.Open("claims", scope, filter{"denied"}, "%%%", &p) },
	} {
		if err := open(); !errors.Is(err, ErrCursor) {
			t.Errorf("%s: %v, want ErrCursor", name, err)
		}
	}
}
