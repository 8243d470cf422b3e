package web

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"net/url"
	"slices"
	"strings"
)

// keptNotice stands first in a form that was filled in again.
const keptNotice = `<p class="notice ok" role="status" id="kept-notice">What you typed was kept. Check it, then send it once more; passwords have to be typed again.</p>`

// fillIn puts the values of a kept form into the page's form that is posted to action, and a word about it
// before its first field. Fields that the page doesn't have, passwords and hidden fields stay as they are. It
// changes nothing but the tags of those fields: the rest of the page goes out as it was made.
func fillIn(page []byte, action string, values url.Values) ([]byte, error) {
	f := filler{page: page, action: action, left: url.Values{}, tags: xml.NewDecoder(bytes.NewReader(page))}
	f.tags.Strict, f.tags.AutoClose, f.tags.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for name, all := range values {
		f.left[name] = slices.Clone(all)
	}
	for {
		from := f.tags.InputOffset()
		token, err := f.tags.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("portal: filling a form in: %w", err)
		}
		f.take(token, int(from), int(f.tags.InputOffset()))
	}
	f.out.Write(page[f.copied:])
	return f.out.Bytes(), nil
}

// A filler copies a page and changes tags on the way.
type filler struct {
	page   []byte
	action string
	left   url.Values // values not yet used: a form may have several fields of one name
	tags   *xml.Decoder
	out    bytes.Buffer
	copied int // so much of the page stands in out

	inForm, done bool
	chosen       []string // the values of the drop-down that is open
	skip         bool     // the text of a field that was given another one
}

func (f *filler) take(token xml.Token, from, to int) {
	switch tag := token.(type) {
	case xml.StartElement:
		f.start(tag, from, to)
	case xml.EndElement:
		f.skip = f.skip && tag.Name.Local != "textarea"
		switch tag.Name.Local {
		case "form":
			f.done = f.done || f.inForm
			f.inForm = false
		case "select":
			f.chosen = nil
		}
	case xml.CharData:
		if f.skip {
			f.replace(from, to, "")
		}
	}
}

func (f *filler) start(tag xml.StartElement, from, to int) {
	name := attribute(tag, "name")
	switch {
	case tag.Name.Local == "form" && !f.done && attribute(tag, "action") == f.action:
		f.inForm = true
		f.replace(from, to, string(f.page[from:to])+keptNotice)
	case !f.inForm:
	case tag.Name.Local == "input":
		f.input(tag, name, from, to)
	case tag.Name.Local == "textarea":
		if text, ok := f.next(name); ok {
			f.replace(from, to, string(f.page[from:to])+html.EscapeString(text))
			f.skip = true
		}
	case tag.Name.Local == "select":
		f.chosen = f.left[name]
	case tag.Name.Local == "option" && len(f.chosen) > 0:
		f.replace(from, to, withAttribute(tag, "selected", slices.Contains(f.chosen, attribute(tag, "value")), ""))
	}
}

func (f *filler) input(tag xml.StartElement, name string, from, to int) {
	switch attribute(tag, "type") {
	case "password", "file", "hidden", "submit", "button":
	case "checkbox", "radio":
		value := attribute(tag, "value")
		if value == "" {
			value = "on"
		}
		f.replace(from, to, withAttribute(tag, "checked", slices.Contains(f.left[name], value), ""))
	default:
		if text, ok := f.next(name); ok {
			f.replace(from, to, withAttribute(tag, "value", true, text))
		}
	}
}

// replace puts text in the place of a part of the page.
func (f *filler) replace(from, to int, text string) {
	f.out.Write(f.page[f.copied:from])
	f.out.WriteString(text)
	f.copied = to
}

func (f *filler) next(name string) (string, bool) {
	all := f.left[name]
	if name == "" || len(all) == 0 {
		return "", false
	}
	f.left[name] = all[1:]
	return all[0], true
}

func attribute(tag xml.StartElement, key string) string {
	for _, a := range tag.Attr {
		if a.Name.Local == key {
			return a.Value
		}
	}
	return ""
}

// withAttribute returns the tag with an attribute, or without it.
func withAttribute(tag xml.StartElement, key string, on bool, value string) string {
	var b strings.Builder
	write := func(key, value string) { fmt.Fprintf(&b, ` %s="%s"`, key, html.EscapeString(value)) }
	b.WriteString("<" + tag.Name.Local)
	for _, a := range tag.Attr {
		if a.Name.Local != key {
			write(a.Name.Local, a.Value)
		}
	}
	if on {
		write(key, value)
	}
	b.WriteString(">")
	return b.String()
}
