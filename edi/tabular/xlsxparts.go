package tabular

import (
	"strconv"
	"strings"
)

const (
	xmlHead      = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	mainSpace    = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	officeSpace  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	packageSpace = "http://schemas.openxmlformats.org/package/2006/"
	sheetType    = "application/vnd.openxmlformats-officedocument.spreadsheetml."
)

// parts writes the parts of the package besides the sheets: what there is, how it is linked, how cells look.
func (w *xlsxWriter) parts() {
	var types, sheets, links strings.Builder
	for n := 1; n <= w.sheets; n++ {
		id, name := strconv.Itoa(n), w.table.Title
		if n > 1 {
			name += " " + id
		}
		types.WriteString(`<Override PartName="/xl/worksheets/sheet` + id + `.xml" ContentType="` + sheetType + `worksheet+xml"/>`)
		sheets.WriteString(`<sheet name="` + name + `" sheetId="` + id + `" r:id="rId` + id + `"/>`)
		links.WriteString(relationship("rId"+id, "worksheet", "worksheets/sheet"+id+".xml"))
	}
	w.part("xl/workbook.xml", `<workbook xmlns="`+mainSpace+`" xmlns:r="`+officeSpace+`"><sheets>`+sheets.String()+`</sheets></workbook>`)
	w.part("xl/_rels/workbook.xml.rels", relationships(links.String()+relationship("rId"+strconv.Itoa(w.sheets+1), "styles", "styles.xml")))
	w.part("xl/styles.xml", xlsxStyles)
	w.part("_rels/.rels", relationships(relationship("rId1", "officeDocument", "xl/workbook.xml")))
	w.part("[Content_Types].xml", `<Types xmlns="`+packageSpace+`content-types">`+
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>`+
		`<Default Extension="xml" ContentType="application/xml"/>`+
		`<Override PartName="/xl/workbook.xml" ContentType="`+sheetType+`sheet.main+xml"/>`+
		`<Override PartName="/xl/styles.xml" ContentType="`+sheetType+`styles+xml"/>`+types.String()+`</Types>`)
}

func relationships(list string) string {
	return `<Relationships xmlns="` + packageSpace + `relationships">` + list + `</Relationships>`
}

func relationship(id, kind, target string) string {
	return `<Relationship Id="` + id + `" Type="` + officeSpace + `/` + kind + `" Target="` + target + `"/>`
}

// The cell formats, in the order of the style constants: general, amount, date, header.
const xlsxStyles = `<styleSheet xmlns="` + mainSpace + `">` +
	`<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/></numFmts>` +
	`<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
	`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
	`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
	`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
	`<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
	`<xf numFmtId="4" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
	`<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
	`<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>` +
	`<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`
