package main

import "io"

// A remembering writer keeps the first error of writing, for output that is printed line by line: a full disk must not look like success.
type remembering struct {
	io.Writer
	err error
}

func (r *remembering) Write(b []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.Writer.Write(b)
	r.err = err
	return n, err
}
