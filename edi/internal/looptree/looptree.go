// Package looptree follows which loops of a transaction set are open, so that each segment can be put below its loop. HL loops are
// siblings in their guide; here each hangs below the level that its HL02 names.
package looptree

import "github.com/ediport/ediport/edi/guide"

// A Stack is the open loops, the outermost first. Its zero value is ready for a set; it is not safe for several goroutines.
type Stack struct {
	open  []openLoop
	begun []*guide.Loop
}

type openLoop struct {
	loop *guide.Loop
	hl   int // HL01, 0 for other loops
}

// maxDepth is more than the loops of any guide nest. Levels that a damaged or hostile file hangs deeper stand beside one another.
const maxDepth = 16

// Reset makes the stack ready for the next set.
func (l *Stack) Reset() { l.open = l.open[:0] }

// Enter takes the step of the next segment, whose Loop is known. It returns the loops that begin with it, outermost first, lent
// until the next call, and how many loops stand around the segment, those that begin counted. Loops that begin stand below all
// others that are open; a segment that begins none may belong to a loop with others open within.
func (l *Stack) Enter(step guide.Step) (begun []*guide.Loop, level int) {
	l.begun = l.begun[:0]
	if step.Loop.Parent == nil {
		return nil, 0
	}
	opens := step.Opened || step.Implied
	if opens {
		l.closeFor(step)
	}
	at := l.find(step.Loop)
	if at < 0 || opens {
		at = l.push(step)
	}
	return l.begun, at + 1
}

// find returns the innermost open instance of a loop, -1 if there is none.
func (l *Stack) find(loop *guide.Loop) int {
	for i := len(l.open) - 1; i >= 0; i-- {
		if l.open[i].loop == loop {
			return i
		}
	}
	return -1
}

// closeFor closes what a new instance of the step's loop ends.
func (l *Stack) closeFor(step guide.Step) {
	keep := 0
	if step.Loop.HL != nil {
		keep = min(l.level(step)+1, maxDepth)
	} else {
		for around := step.Loop.Parent; around != nil && keep == 0; around = around.Parent {
			keep = l.find(around) + 1
		}
	}
	l.open = l.open[:keep]
}

// level finds the level that an HL hangs below, -1 if it is none that is open.
func (l *Stack) level(step guide.Step) int {
	for i := len(l.open) - 1; i >= 0; i-- {
		if o := l.open[i]; o.hl != 0 && o.hl == step.HL.Parent && o.loop != step.Loop {
			return i
		}
	}
	return -1
}

// push opens the step's loop, and those around it that are not open.
func (l *Stack) push(step guide.Step) int {
	if step.Loop.HL == nil {
		l.pushAround(step.Loop.Parent)
	}
	l.open = append(l.open, openLoop{step.Loop, step.HL.ID})
	l.begun = append(l.begun, step.Loop)
	return len(l.open) - 1
}

func (l *Stack) pushAround(loop *guide.Loop) {
	if loop.Parent == nil || l.find(loop) >= 0 {
		return
	}
	l.pushAround(loop.Parent)
	l.open = append(l.open, openLoop{loop: loop})
	l.begun = append(l.begun, loop)
}
