package ingest

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/storage"
)

// writeFindings writes what the survey found, each with the routing unit that it stands in, and one row for what was more
// than is kept.
func (l *load) writeFindings(p *plan) error {
	for i := range p.findings {
		f := &p.findings[i]
		row := findingRow(&f.Finding)
		row.OperatorID, row.FileID, row.No = l.file.Operator, l.file.ID, i+1
		row.SetID, row.UnitID, row.AccountID = f.set, f.unit, f.account
		if err := l.rows.Finding(l.ctx, &row); err != nil {
			return err
		}
	}
	dropped := 0
	for _, n := range p.dropped {
		dropped += n
	}
	if dropped == 0 {
		return nil
	}
	row := findingRow(&edi.Finding{
		Severity: edi.Info, SNIP: 1, Code: edi.Code{Kind: "findings.capped"},
		Message: "the file has more findings than are kept; they are counted with the file",
	})
	row.OperatorID, row.FileID, row.No = l.file.Operator, l.file.ID, len(p.findings)+1
	return l.rows.Finding(l.ctx, &row)
}

func findingRow(f *edi.Finding) storage.FindingRow {
	return storage.FindingRow{
		InterchangeOrdinal: f.Pos.Interchange, GroupOrdinal: f.Pos.Group, SetOrdinal: f.Pos.Transaction,
		Severity: f.Severity.String(), Snip: f.SNIP, CodeKind: f.Code.Kind, CodeValue: f.Code.Value, Loop: f.Loop, Segment: f.Segment,
		Position: f.Pos.Segment, Element: f.Element, Component: f.Component, Repetition: f.Repetition,
		ByteOffset: f.Pos.Offset, Line: int64(f.Pos.Line), Message: f.Message,
	}
}
