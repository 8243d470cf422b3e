package api_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ediport/ediport/portal/api"
)

var update = flag.Bool("update", false, "rewrite the tables of docs/api.md")

const (
	docPath    = "../../docs/api.md"
	fieldsHead = "<!-- The rest is made from the row structs: go test ./portal/api -run Docs -update -->\n"
)

// documented are the objects of the API in the order of its page, and the structs that they are.
var documented = []struct{ title, about, structs string }{
	{"File", "GET /files; in detail with its way and its envelopes.", "FileItem FileDetail"},
	{"File event", "A step on a file's way.", "FileEvent"},
	{"Interchange", "", "InterchangeItem"},
	{"Group", "", "GroupItem"},
	{"Set", "GET /files/{id}/sets; in detail with the envelopes around it.", "SetItem SetDetail"},
	{"Unit", "The part of a set that goes to one account.", "UnitItem"},
	{"Finding", "", "FindingItem"},
	{"Severity count", "", "SeverityCount"},
	{"Acknowledgment", "", "AcknowledgmentItem AcknowledgmentDetail"},
	{"Acknowledged set", "", "AcknowledgmentSetItem"},
	{"Acknowledged error", "", "AcknowledgmentErrorItem"},
	{"Remittance", "GET /remittances; in detail with what stands outside its claims.", "Remittance RemittanceDetail"},
	{"Payment reference", "", "PaymentRef"},
	{"Provider adjustment", "", "ProviderAdjustmentItem"},
	{"Claim", "GET /claims and /remittances/{id}/claims; in detail with lines, reasons and thread.", "Claim ClaimDetail"},
	{"Claim reference", "", "ClaimRef"},
	{"Line", "", "ClaimLine"},
	{"Adjustment", "", "ClaimAdjustment"},
	{"Eligibility answer", "GET /eligibility; in detail with its benefits.", "EligibilityAnswer EligibilityDetail"},
	{"Benefit", "", "BenefitItem"},
	{"Benefit detail", "", "BenefitDetailItem"},
	{"Code", "", "CodeText"},
	{"Rejection", "", "RejectionItem"},
	{"Claim status", "GET /claim-statuses; in detail with the statuses at every level.", "ClaimStatusAnswer ClaimStatusDetail"},
	{"Status", "", "StatusItem"},
	{"Status line", "", "StatusLine"},
	{"Authorization", "GET /authorizations; in detail with services and decisions.", "Authorization AuthorizationDetail"},
	{"Service", "", "AuthorizationServiceItem"},
	{"Decision", "", "DecisionItem"},
	{"Raw", "GET …/raw: a stretch of a file's segments.", "rawAnswer"},
	{"Raw segment", "", "rawSegment"},
	{"Raw element", "", "rawElement"},
	{"Account", "", "AccountItem"},
	{"Account reference", "", "AccountRef"},
	{"Identifier", "", "IdentifierItem"},
	{"Account input", "What is left out stays.", "accountInput"},
	{"Identifier input", "", "identifierInput"},
	{"Retirement", "", "retireInput"},
	{"Event", "GET /audit.", "auditAnswer"},
	{"Actor", "", "auditActorAnswer"},
	{"Object", "", "auditObjectAnswer"},
	{"Person", "GET /people and /people/{id}.", "personAnswer"},
	{"Person's role", "", "personRoleAnswer"},
	{"Role", "GET /roles.", "roleAnswer"},
	{"Approval", "GET /approvals and /approvals/{id}, POST /audit/exports, POST /purges, and a change of a policy that waits.", "approvalAnswer"},
	{"Rejection of a request", "POST /approvals/{id}/reject.", "rejectInput"},
	{"Policy", "GET /policies, /operators/{id}/policy and /accounts/{id}/policy.", "policyAnswer"},
	{"Policy settings", "`set` and `holds` of a policy. A number or text that nobody has set is 0 or null in `set`.", "policySettings"},
	{"Deviation", "A departure of what holds from current guidance, as the portal's policy page reports it.", "deviationAnswer"},
	{"Policy input", "PATCH …/policy. What is left out stays; 0, and an empty text, mean the default.", "policyInput"},
	{"Purge input", "POST /purges.", "purgeInput"},
	{"Purge preview", "POST /purges with `dry_run`.", "purgePreviewAnswer"},
	{"Purge count", "", "purgeCountAnswer"},
	{"Partner name", "GET /partners.", "PartnerItem"},
	{"Partner", "", "partnerAnswer"},
	{"Partner input", "What is left out stays, or has its usual value.", "partnerInput"},
	{"Connection", "", "connectionAnswer"},
	{"Connection input", "What is left out stays, or has its usual value.", "connectionInput"},
	{"Next credential", "`next_credential` of a connection: what the partner is to take one day, without its secrets.", "nextCredentialAnswer"},
	{"Next credential input", "POST /connections/{id}/next-credential.", "nextCredentialInput"},
	{"Secrets", "Write-only. What is left out stays; a new key needs its passphrase again.", "secretsInput"},
	{"Pull folder", "In `folders` of a connection. Zero and empty mean the usual value.", "PullFolder"},
	{"Push", "`push` of a connection. Zero and empty mean the usual value.", "Push"},
	{"Network", "`network` of a connection. Zero and empty mean the usual value.", "Network"},
	{"Jump", "", "Jump"},
	{"Test", "POST /connections/{id}/test.", "testAnswer"},
	{"Step", "", "stepAnswer"},
	{"Public keys", "", "publicKeysAnswer"},
	{"Drop box", "GET /dropboxes; in detail with its keys.", "dropBoxAnswer dropBoxDetail"},
	{"Drop box key", "", "dropBoxKeyAnswer"},
	{"Drop box input", "What is left out stays, or has its usual value.", "dropBoxInput"},
	{"Key input", "", "keyInput"},
	{"Outbound file", "GET /outbound; in detail with envelopes and deliveries.", "OutboundItem outboundAnswer"},
	{"Envelope", "", "envelopeAnswer"},
	{"Outbound set", "GET /outbound/{id}/sets.", "OutboundSetItem"},
	{"Receipt", "", "receiptAnswer"},
	{"Schedule", "", "scheduleAnswer"},
	{"Windows", "", "windowsAnswer"},
	{"Calendar link", "", "calendarLink"},
	{"Window", "", "Window"},
	{"Schedule input", "What is left out stays, or has its usual value.", "scheduleInput"},
	{"Windows input", "As a whole: what is left out is not wanted.", "windowsInput"},
	{"Preview", "", "previewAnswer"},
	{"Firing", "", "firingAnswer"},
	{"Schedule pause", "", "schedulePauseAnswer"},
	{"Calendar", "", "calendarAnswer"},
	{"Calendar input", "What is left out stays.", "calendarInput"},
	{"Calendar day", "", "CalendarDay"},
	{"Run", "GET /runs; in detail with its log.", "runAnswer runDetail"},
	{"Run line", "", "runLine"},
	{"Queued run", "POST …/run, …/pull and …/push.", "queued"},
	{"Job", "", "jobAnswer"},
	{"Node", "", "nodeAnswer"},
	{"Incident", "", "incidentAnswer"},
	{"Me", "GET /me.", "meAnswer"},
	{"Token", "", "tokenAnswer"},
	{"Place", "", "placeAnswer"},
}

// Every field of every object, and every route, stands in docs/api.md.
func TestDocs(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(docPath)
	if err != nil {
		t.Fatal(err)
	}
	head, tables, ok := strings.Cut(string(page), fieldsHead)
	if !ok {
		t.Fatalf("%s has lost the line %q", docPath, fieldsHead)
	}
	for pattern := range api.RoutePatterns() {
		method, path, _ := strings.Cut(pattern, " ")
		if want := "| " + method + " " + strings.TrimPrefix(path, "/api/v1") + " |"; !strings.Contains(head, want) {
			t.Errorf("%s does not list %s", docPath, want)
		}
	}
	want := fieldTables(t)
	if *update {
		if err := os.WriteFile(docPath, []byte(head+fieldsHead+want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if tables != want {
		t.Errorf("%s is not what the row structs say; rewrite it: go test ./portal/api -run Docs -update", docPath)
	}
}

func fieldTables(t *testing.T) string {
	t.Helper()
	structs := structsOf(t, "../../storage/query_*.go", "../../storage/outbound_list.go", "../../jobs/options_*.go", "../../jobs/windows.go", "../../jobs/calendar.go", "*.go")
	titles := map[string]string{}
	for _, d := range documented {
		for _, name := range strings.Fields(d.structs) {
			titles[name] = d.title
		}
	}
	var b strings.Builder
	for _, d := range documented {
		fmt.Fprintf(&b, "\n### %s\n", d.title)
		if d.about != "" {
			fmt.Fprintf(&b, "\n%s\n", d.about)
		}
		b.WriteString("\n| field | type | meaning |\n|---|---|---|\n")
		for i, name := range strings.Fields(d.structs) {
			s := structs[name]
			if s == nil {
				t.Fatalf("there is no struct %s", name)
			}
			rows := 0
			for _, f := range s.Fields.List {
				if row := fieldRow(t, name, f, titles, i > 0); row != "" {
					b.WriteString(row)
					rows++
				}
			}
			if rows == 0 {
				t.Errorf("%s has no fields", name)
			}
		}
	}
	return b.String()
}

// structsOf returns the struct types of files by name.
func structsOf(t *testing.T, patterns ...string) map[string]*ast.StructType {
	t.Helper()
	found := map[string]*ast.StructType{}
	for _, pattern := range patterns {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(tree, func(n ast.Node) bool {
				if spec, ok := n.(*ast.TypeSpec); ok {
					if s, ok := spec.Type.(*ast.StructType); ok {
						found[spec.Name.Name] = s
					}
				}
				return true
			})
		}
	}
	return found
}

// fieldRow returns the line of a field, "" if it is not given out.
func fieldRow(t *testing.T, owner string, f *ast.Field, titles map[string]string, detail bool) string {
	t.Helper()
	if len(f.Names) == 0 || f.Tag == nil {
		return "" // embedded: its fields stand before
	}
	text, err := strconv.Unquote(f.Tag.Value)
	if err != nil {
		t.Fatal(err)
	}
	tag := reflect.StructTag(text)
	key, ok := tag.Lookup("json")
	if !ok {
		key = tag.Get("db")
	}
	if key, _, _ = strings.Cut(key, ","); key == "-" || key == "" {
		return ""
	}
	kind := typeName(t, owner+"."+key, f.Type, titles)
	if public := tag.Get("public"); public != "" {
		kind = "id `" + public + "_`"
	}
	meaning := strings.TrimSpace(f.Comment.Text())
	meaning = strings.NewReplacer("\n", " ", "|", "\\|", `"": `, "null: ", "0: ", "null: ", "nil: ", "null: ").Replace(meaning)
	if tag.Get("only") == "detail" || detail {
		meaning = strings.TrimSpace("*in detail only.* " + meaning)
	}
	return fmt.Sprintf("| `%s` | %s | %s |\n", key, kind, meaning)
}

var typeNames = map[string]string{
	"string": "text", "bool": "boolean", "int": "integer", "int64": "integer", "Money": "amount", "Quantity": "number as text", "Day": "day",
	"time.Time": "instant", "JSON": "object", "json.RawMessage": "object", "pq.StringArray": "texts", "accounts.Role": "text", "accounts.Permission": "text",
	"publicID": "id",
}

func typeName(t *testing.T, field string, e ast.Expr, titles map[string]string) string {
	t.Helper()
	switch e := e.(type) {
	case *ast.StarExpr:
		return typeName(t, field, e.X, titles)
	case *ast.ArrayType:
		return "list of " + typeName(t, field, e.Elt, titles)
	case *ast.SelectorExpr:
		name := fmt.Sprint(e.X, ".", e.Sel)
		if n, ok := typeNames[name]; ok {
			return n
		}
		if title, ok := titles[e.Sel.Name]; ok { // of package jobs
			return link(title)
		}
		if strings.HasSuffix(name, "ID") {
			return "id"
		}
	case *ast.Ident:
		if n, ok := typeNames[e.Name]; ok {
			return n
		}
		if title, ok := titles[e.Name]; ok {
			return link(title)
		}
		if strings.HasSuffix(e.Name, "ID") {
			return "id"
		}
	}
	t.Errorf("%s is of a type that the page can't name", field)
	return ""
}

func link(title string) string {
	return "[" + title + "](#" + strings.ToLower(strings.ReplaceAll(title, " ", "-")) + ")"
}

// Every struct that the API renders is documented: those of the store that carry public ids.
func TestDocsKnowAllObjects(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, d := range documented {
		for _, name := range strings.Fields(d.structs) {
			known[name] = true
		}
	}
	row := regexp.MustCompile(`(Item|Detail|Answer|Ref|Line)$`)
	tried := 0
	for name, s := range structsOf(t, "../../storage/query_*.go") {
		public := slices.ContainsFunc(s.Fields.List, func(f *ast.Field) bool { return f.Tag != nil && strings.Contains(f.Tag.Value, `public:"`) })
		if !public && !row.MatchString(name) || !ast.IsExported(name) {
			continue
		}
		tried++
		if !known[name] {
			t.Errorf("storage.%s is given out and not documented", name)
		}
	}
	if tried < 25 {
		t.Errorf("only %d structs found", tried)
	}
}
