// Package roster makes inquiries of a roster: a CSV file with a header line and a patient in each row becomes 270s
// (is the patient covered?), 276s (what became of a claim?) or 278 requests (may this care be given?).
//
//	result, err := roster.Generate(w, file, roster.Options{Kind: roster.Eligibility, Envelope: envelope})
//
// Columns may come in any order; [Kind.Columns] lists them. All rows are checked before anything is written: what is wrong comes
// back as one [Errors], each with its row and column and without the value. By default each patient has a transaction set of their
// own, so that a payer who refuses one does not refuse the others.
package roster
