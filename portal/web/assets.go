package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/ediport/ediport/portal/problem"
)

//go:embed static
var staticFiles embed.FS

// assets are the static files under names that carry their hash, so that browsers may keep them for
// ever and still never use an old one.
type assets struct {
	byName map[string][]byte // "portal.3f9a….css" → content
	names  map[string]string // "portal.css" → "portal.3f9a….css"
}

func loadAssets() (*assets, error) {
	a := &assets{byName: map[string][]byte{}, names: map[string]string{}}
	entries, err := fs.ReadDir(staticFiles, "static")
	if err != nil {
		return nil, fmt.Errorf("portal: static files: %w", err)
	}
	for _, e := range entries {
		content, err := fs.ReadFile(staticFiles, path.Join("static", e.Name()))
		if err != nil {
			return nil, fmt.Errorf("portal: static files: %w", err)
		}
		sum := sha256.Sum256(content)
		ext := path.Ext(e.Name())
		name := strings.TrimSuffix(e.Name(), ext) + "." + hex.EncodeToString(sum[:6]) + ext
		a.byName[name], a.names[e.Name()] = content, name
	}
	return a, nil
}

// url returns the address of a static file; an unknown one is a fault that stops the start or the page.
func (a *assets) url(name string) (string, error) {
	hashed, ok := a.names[name]
	if !ok {
		return "", fmt.Errorf("portal: no static file %q", name)
	}
	return "/static/" + hashed, nil
}

func (p *Portal) asset(w http.ResponseWriter, r *http.Request) error {
	content, ok := p.assets.byName[r.PathValue("name")]
	if !ok {
		return &problem.NotFound
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, r.PathValue("name"), time.Time{}, bytes.NewReader(content))
	return nil
}
