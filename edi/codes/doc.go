// Package codes says what the codes of health care X12 mean, in short words of our own: adjustment reasons (CARC), remark codes
// (RARC), claim status, service types, places of service, and the values that the implementation guides list themselves.
//
// The lists are embedded and read when they are first asked for. An operator may replace any of them while the program
// runs, because most are maintained elsewhere and change several times a year; docs/codes.md says where each comes from, of
// which day it is and how complete.
//
//	codes.Describe(codes.CARC, "45")        // what a page shows
//	codes.Element("1390", "1")              // EB01, by data element number
//	e, ok := codes.Lookup(codes.RARC, "N4") // with the days between which it may be used
package codes
