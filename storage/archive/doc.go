// Package archive keeps files as they were received or made, encrypted, each as a blob of its own.
//
// To keep a file while it is being downloaded:
//
//	w, err := files.Create(ctx)
//	defer w.Abort()              // does nothing after Commit
//	_, err = io.Copy(w, download)
//	blob, err := w.Commit()      // durable; now write the row that carries blob
//
// and to read it again, all of it or a range:
//
//	r, err := files.Open(blob)
//	defer r.Close()
//	_, err = io.Copy(dst, r)
//	_, err = io.Copy(dst, r.Range(offset, length))
//
// A blob has a random name of 128 bits and exactly one row, which stores the whole [Blob]; the
// folder alone opens nothing. It is written encrypted from the first byte: in the
// DARE 2.0 format, AES-256-GCM in packages of 64 KiB, with a random data key of its own. The master
// key's archive sub-key seals that data key together with name, size and SHA-256, so that a row
// that was changed or a file that was swapped, cut or damaged is an error and never other bytes.
//
// A blob appears at once or not at all: it is written under a temporary name in the folder it
// will stand in, fsynced, renamed, and the folders are fsynced. A crash leaves at most a temporary file,
// or a blob without a row; [Archive.Sweep] removes the first and reports the second.
package archive
