package mutate

import (
	"fmt"
	"strconv"
	"strings"
)

// Apply makes the changes that a text tells, one or more, with semicolons between them:
//
//	delete NM1*QC               the first such segment
//	duplicate CLP/2             the second CLP
//	swap DTM*472 CAS
//	move AMT before QTY         or: after
//	insert N2*X after N1*PR     or: before
//	set CLP 6 QQ                element 6; 1-2 is its second component, 3^4 the fourth repetition; the rest of the line is the value
//	clear CLP 6                 takes away separators that nothing follows
//	append ST X                 an element more
//	repeat ST SE                the segments from the one to the other once more, behind them
//	cut GE                      delete without counting anew
//
// The counts of SE01, GE01 and IEA01 follow segments that come or go, except with cut; so a change of SE01 is to come last.
func (d *Document) Apply(changes string) error {
	for change := range strings.SplitSeq(changes, ";") {
		if err := d.apply(strings.Fields(change)); err != nil {
			return fmt.Errorf("mutate: %q: %w", strings.TrimSpace(change), err)
		}
	}
	return nil
}

func (d *Document) apply(words []string) error {
	if len(words) < 2 {
		return fmt.Errorf("a change needs an operation and a segment")
	}
	op, args := words[0], words[2:]
	if op == "insert" {
		return d.insert(words[1:])
	}
	i := d.Find(words[1])
	if i < 0 {
		return fmt.Errorf("there is no segment %s", words[1])
	}
	switch op {
	case "delete", "cut":
		d.Delete(i)
	case "duplicate":
		d.Duplicate(i)
	case "swap", "move", "repeat":
		return d.exchange(op, i, args)
	case "append":
		d.Append(i, strings.Join(args, " "))
	case "set", "clear":
		return d.setText(op, i, args)
	default:
		return fmt.Errorf("the operation is unknown")
	}
	if op == "delete" || op == "duplicate" {
		d.Recount()
	}
	return nil
}

// insert takes SEGMENT before|after PREFIX; the segment may hold blanks.
func (d *Document) insert(words []string) error {
	n := len(words)
	if n < 3 {
		return fmt.Errorf("insert needs a segment and its place")
	}
	i := d.Find(words[n-1])
	if i < 0 {
		return fmt.Errorf("there is no segment %s", words[n-1])
	}
	if words[n-2] == "after" {
		i++
	}
	d.Insert(i, strings.Join(words[:n-2], " "))
	d.Recount()
	return nil
}

func (d *Document) exchange(op string, i int, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("a second segment is needed")
	}
	j := d.Find(args[len(args)-1])
	switch {
	case j < 0:
		return fmt.Errorf("there is no segment %s", args[len(args)-1])
	case op == "swap":
		d.Swap(i, j)
	case op == "repeat":
		d.Repeat(i, j)
		d.Recount()
	case args[0] == "after":
		d.Move(i, j+1)
	default:
		d.Move(i, j)
	}
	return nil
}

func (d *Document) setText(op string, i int, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("an element is needed")
	}
	element, repetition, repeated := strings.Cut(args[0], "^")
	element, component, inComposite := strings.Cut(element, "-")
	var numbers [3]int
	for k, text := range []string{element, repetition, component} {
		var err error
		if numbers[k], err = strconv.Atoi(text); err != nil && text != "" {
			return fmt.Errorf("%s is no element", args[0])
		}
	}
	n, r, c := numbers[0], numbers[1], numbers[2]
	value := strings.NewReplacer(`\x01`, "\x01", `\x20`, " ", `\n`, "\n").Replace(strings.Join(args[1:], " "))
	switch {
	case op == "clear" && inComposite:
		d.ClearComponent(i, n, c)
	case op == "clear":
		d.Clear(i, n)
	case inComposite:
		d.SetComponent(i, n, max(r, 1), c, value)
	case repeated:
		d.SetRepetition(i, n, r, value)
	default:
		d.Set(i, n, value)
	}
	return nil
}
