// Package tabular makes rows of X12 documents, for spreadsheets and data tools, and writes them as CSV, XLSX or NDJSON.
//
// To turn the payments of a file into CSV:
//
//	err := tabular.Read(file, tabular.Options{Tables: []*tabular.Table{tabular.Remittance}}, tabular.NewCSV(w, false))
//
// A [Table] is what its rows have in common: a name, the transaction sets that it is made from, and its columns. Each column
// says what it holds and where that stands in the document. Every row is traced to its file by the control numbers of its
// envelope and the position of its first segment.
//
// Rows are made one after the other and lent; memory is that of the largest claim or person.
package tabular
