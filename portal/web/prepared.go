package web

import (
	"html/template"
	"sync"
)

// prepared is what the program brings along for pages, the same for every Portal of a process.
type prepared struct {
	assets *assets
	pages  map[string]*template.Template
}

// prepare reads assets and templates, once: what is embedded doesn't change, and to read it takes longer than to answer
// a hundred requests.
var prepare = sync.OnceValues(func() (prepared, error) {
	a, err := loadAssets()
	if err != nil {
		return prepared{}, err
	}
	pages, err := parsePages(a)
	return prepared{a, pages}, err
})
