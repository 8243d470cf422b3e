package mutate

import (
	"slices"
	"strconv"
	"strings"
)

// Delete takes out segment i.
func (d *Document) Delete(i int) { d.Segments = slices.Delete(d.Segments, i, i+1) }

// Duplicate repeats segment i behind itself.
func (d *Document) Duplicate(i int) { d.Segments = slices.Insert(d.Segments, i, d.Segments[i]) }

// Repeat writes the segments from i to j once more behind j.
func (d *Document) Repeat(i, j int) {
	d.Segments = slices.Insert(d.Segments, j+1, slices.Clone(d.Segments[i:j+1])...)
}

// Swap exchanges segments i and j.
func (d *Document) Swap(i, j int) { d.Segments[i], d.Segments[j] = d.Segments[j], d.Segments[i] }

// Move takes out segment i and puts it before what was segment j.
func (d *Document) Move(i, j int) {
	s := d.Segments[i]
	d.Delete(i)
	if j > i {
		j--
	}
	d.Segments = slices.Insert(d.Segments, j, s)
}

// Insert puts a segment, written with asterisks, before segment i.
func (d *Document) Insert(i int, segment string) {
	d.Segments = slices.Insert(d.Segments, i, Segment(strings.Split(segment, "*")))
}

// Element returns element n of segment i, "" if the segment ends earlier.
func (d *Document) Element(i, n int) string {
	if n < len(d.Segments[i]) {
		return d.Segments[i][n]
	}
	return ""
}

// Set gives element n of segment i the value, which may hold separators. A segment that ends earlier is filled up.
func (d *Document) Set(i, n int, value string) {
	s := slices.Clone(d.Segments[i])
	for len(s) <= n {
		s = append(s, "")
	}
	s[n] = value
	d.Segments[i] = s
}

// Clear empties element n of segment i. Separators that nothing follows are taken away.
func (d *Document) Clear(i, n int) {
	d.Set(i, n, "")
	s := d.Segments[i]
	for len(s) > 1 && s[len(s)-1] == "" {
		s = s[:len(s)-1]
	}
	d.Segments[i] = s
}

// Append adds an element to the end of segment i.
func (d *Document) Append(i int, value string) { d.Set(i, len(d.Segments[i]), value) }

// Repetition returns repetition r of element n of segment i, "" if there are fewer.
func (d *Document) Repetition(i, n, r int) string {
	return part(d.Element(i, n), d.Delimiters.Repetition, r)
}

// SetRepetition gives repetition r of element n of segment i the value.
func (d *Document) SetRepetition(i, n, r int, value string) {
	d.Set(i, n, withPart(d.Element(i, n), d.Delimiters.Repetition, r, value))
}

// Component returns component c of the first repetition of element n of segment i, "" if there are fewer.
func (d *Document) Component(i, n, c int) string {
	return part(d.Repetition(i, n, 1), d.Delimiters.Component, c)
}

// SetComponent gives component c of repetition r of element n of segment i the value.
func (d *Document) SetComponent(i, n, r, c int, value string) {
	d.SetRepetition(i, n, r, withPart(d.Repetition(i, n, r), d.Delimiters.Component, c, value))
}

// ClearComponent empties component c of the first repetition of element n of segment i. Separators that nothing follows are
// taken away, from the segment too.
func (d *Document) ClearComponent(i, n, c int) {
	first := withPart(d.Repetition(i, n, 1), d.Delimiters.Component, c, "")
	d.SetRepetition(i, n, 1, strings.TrimRight(first, d.Delimiters.Component))
	if d.Element(i, n) == "" {
		d.Clear(i, n)
	}
}

func part(s, separator string, n int) string {
	parts := strings.Split(s, separator)
	if n > len(parts) {
		return ""
	}
	return parts[n-1]
}

func withPart(s, separator string, n int, value string) string {
	parts := strings.Split(s, separator)
	for len(parts) < n {
		parts = append(parts, "")
	}
	parts[n-1] = value
	return strings.Join(parts, separator)
}

// SetDelimiters writes the document with other delimiters. They must not occur in its values.
func (d *Document) SetDelimiters(to Delimiters) {
	change := strings.NewReplacer(d.Delimiters.Repetition, to.Repetition, d.Delimiters.Component, to.Component)
	for i, s := range d.Segments {
		s = slices.Clone(s)
		for n := range s {
			s[n] = change.Replace(s[n])
		}
		d.Segments[i] = s
	}
	d.Delimiters = to
}

// Recount sets SE01, GE01 and IEA01 to what they count. The control numbers stay.
func (d *Document) Recount() {
	segments, sets, groups := 0, 0, 0
	for i, s := range d.Segments {
		segments++
		switch s[0] {
		case "ISA":
			groups = 0
		case "GS":
			groups++
			sets = 0
		case "ST":
			sets++
			segments = 1
		case "SE":
			d.Set(i, 1, strconv.Itoa(segments))
		case "GE":
			d.Set(i, 1, strconv.Itoa(sets))
		case "IEA":
			d.Set(i, 1, strconv.Itoa(groups))
		}
	}
}
