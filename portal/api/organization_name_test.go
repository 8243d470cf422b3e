package api_test

import (
	"net/http"
	"testing"
)

// A program that adds an organization twice, or gives one the name of another, is told at the field.
func TestOrganizationsOfOneNameByAPI(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	token := s.token(t, s.Administrator)
	const path = "/api/v1/accounts"
	added := s.send(t, http.MethodPost, path, token, `{"name": "Twin Lakes Pediatrics"}`, "Idempotency-Key", "k1")
	if added.status != http.StatusCreated {
		t.Fatalf("adding: %d %s", added.status, added.body)
	}
	if a := s.send(t, http.MethodPost, path, token, `{"name": "Twin Lakes Pediatrics"}`, "Idempotency-Key", "k1"); a.status != http.StatusCreated || a.value["id"] != added.value["id"] {
		t.Errorf("the same request again: %d %s", a.status, a.body)
	}
	other := s.send(t, http.MethodPost, path, token, `{"name": "Juniper Hills"}`)
	id, _ := other.value["id"].(string)
	for what, a := range map[string]answer{
		"adding it again":    s.send(t, http.MethodPost, path, token, `{"name": "TWIN LAKES Pediatrics"}`),
		"renaming one to it": s.send(t, http.MethodPatch, path+"/"+id, token, `{"name": "twin lakes pediatrics"}`),
	} {
		if fields, _ := a.value["fields"].(map[string]any); a.status != http.StatusUnprocessableEntity || fields["name"] == nil {
			t.Errorf("%s: %d %s, want it refused at the name", what, a.status, a.body)
		}
	}
}
