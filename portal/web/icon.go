package web

import (
	"fmt"
	"html/template"
)

// icons are drawn with a 2-unit line on a grid of 24.
var icons = map[string]string{
	"dashboard":     `<path d="M4 13h6V4H4zM14 20h6v-9h-6zM4 20h6v-3H4zM14 7h6V4h-6z"/>`,
	"remittance":    `<path d="M3 7h18v10H3z"/><circle cx="12" cy="12" r="2.5"/><path d="M6.5 10v4M17.5 10v4"/>`,
	"eligibility":   `<path d="M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6z"/><path d="M9 12l2 2 4-4"/>`,
	"status":        `<path d="M4 6h10M4 12h7M4 18h5"/><circle cx="17" cy="15" r="4"/><path d="M17 13v2l1.5 1"/>`,
	"authorization": `<path d="M6 3h9l4 4v14H6z"/><path d="M14 3v5h5M9 14l2 2 4-4"/>`,
	"file":          `<path d="M6 3h8l4 4v14H6z"/><path d="M14 3v5h4M9 13h6M9 17h6"/>`,
	"unrouted":      `<circle cx="12" cy="12" r="9"/><path d="M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7M12 16.8v.2"/>`,
	"schedule":      `<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3.5 2"/>`,
	"connection":    `<path d="M4 8h13l-3-3M20 16H7l3 3"/>`,
	"person":        `<circle cx="12" cy="8" r="4"/><path d="M4 21c.7-4 4-6 8-6s7.300 2 8 6"/>`,
	"people":        `<circle cx="9" cy="8" r="3.500"/><path d="M2.500 20c.5-3.500 3-5.500 6.500-5.500s6 2 6.500 5.500"/><path d="M15.500 4.800a3.500 3.500 0 0 1 0 6.400M18 15c2 .8 3.200 2.500 3.500 5"/>`,
	"menu":          `<path d="M4 7h16M4 12h16M4 17h16"/>`,
	"close":         `<path d="M6 6l12 12M18 6L6 18"/>`,
	"out":           `<path d="M10 4H5v16h5M15 8l4 4-4 4M9 12h10"/>`,
	"key":           `<circle cx="8" cy="15" r="4"/><path d="M11 12l9-9M16 7l3 3"/>`,
	"warning":       `<path d="M12 4L2.500 20h19z"/><path d="M12 10v5M12 17.500v.2"/>`,
	"ok":            `<circle cx="12" cy="12" r="9"/><path d="M8 12.500l2.700 2.500L16 9.500"/>`,
	"next":          `<path d="M9 6l6 6-6 6"/>`,
	"search":        `<circle cx="11" cy="11" r="6"/><path d="M20 20l-4.500-4.500"/>`,
	"download":      `<path d="M12 4v11M7.500 11l4.500 4.500 4.500-4.500M5 20h14"/>`,
	"play":          `<path d="M7 4.500v15l12-7.500z"/>`,
	"jobs":          `<path d="M4 6h16M4 12h16M4 18h16"/><circle cx="8" cy="6" r="2"/><circle cx="15" cy="12" r="2"/><circle cx="10" cy="18" r="2"/>`,
	"upload":        `<path d="M12 15V4M7.500 8L12 3.500 16.500 8M5 20h14"/>`,
	"inbox":         `<path d="M3 13l3-8h12l3 8v6H3z"/><path d="M3 13h5l1.500 3h5l1.500-3h5"/>`,
}

// icon returns a drawing that says nothing by itself: text stands beside it.
func icon(name string) (template.HTML, error) {
	paths, ok := icons[name]
	if !ok {
		return "", fmt.Errorf("portal: no icon %q", name)
	}
	return template.HTML(`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">` + paths + `</svg>`), nil //nolint:gosec // ours
}
