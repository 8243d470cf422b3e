package parts

import (
	"fmt"

	"github.com/ediport/ediport/edi"
)

// A NoGuideError says that a transaction set was left out, because its implementation guide is not known: of an older
// release, say.
type NoGuideError struct {
	Pos edi.Position // of its ST
	Set string       // ST01
}

func (e *NoGuideError) Error() string {
	return fmt.Sprintf("transaction set %s, %s: its guide (GS08) is not known, so it can't be decoded", e.Set, e.Pos)
}
