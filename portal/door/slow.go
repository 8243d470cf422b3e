package door

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// How long large files may take on their way, and the answer after them.
const (
	fileTime   = 30 * time.Minute
	answerTime = 5 * time.Minute
)

// TakesFile gives a request the time that its large file needs to come in, and its answer to go out:
// the server's own limits are for small ones. A connection without limits is left as it is.
func TakesFile(w http.ResponseWriter) error {
	control, end := http.NewResponseController(w), time.Now().Add(fileTime)
	if err := control.SetReadDeadline(end); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("portal: file: %w", err)
	}
	if err := control.SetWriteDeadline(end.Add(answerTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("portal: file: %w", err)
	}
	return nil
}
