// Package view shows X12 to people and programs that don't read it: what a file holds ([Inspect]), the sums of a
// transaction set ([Summarizer]), and any document as lossless JSON ([WriteJSON], [ReadJSON]).
package view
