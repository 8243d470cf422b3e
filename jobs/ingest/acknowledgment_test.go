package ingest_test

import (
	"strings"
	"testing"
)

func TestAcknowledgmentsLoad(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"22-999-accepted-and-rejected.x12", "23-999-without-sets.x12", "24-TA1-accepted-and-rejected.x12"} {
		file := w.fixture(t, name)
		if got := w.text(t, `SELECT state FROM file WHERE id = $1`, int64(file)); got != "loaded" {
			t.Errorf("%s is %s, want loaded", name, got)
		}
	}
	for question, want := range map[string]string{
		`SELECT string_agg(concat_ws('/', kind, code, functional_id, group_control_number, version, sets_included, sets_received, sets_accepted), ' ' ORDER BY id)
			FROM acknowledgment WHERE kind <> 'TA1'`: "999/P/HS/401/005010X279A1/3/3/2 999/A/HR/57/005010X212/4/4/4",
		`SELECT string_agg(concat_ws('/', interchange_control_number, interchange_date, interchange_time, code, note), ' ' ORDER BY id)
			FROM acknowledgment WHERE kind = 'TA1'`: "000000912/261118/2155/A/000 000000911/261118/2155/R/025",
		`SELECT string_agg(concat_ws('/', no, set_code, control_number, guide, code, array_to_string(error_codes, '+')), ' ' ORDER BY no)
			FROM acknowledgment_set`: "1/270/0001/005010X279A1/A/ 2/270/0002/005010X279A1/R/5+I5 3/270/0003/005010X279A1/E/I5",
		`SELECT string_agg(concat_ws('/', set_no, no, segment, position, loop, segment_code, coalesce(element::text, '-'), coalesce(element_code, '-'),
			array_to_string(context, '+')), ' ' ORDER BY set_no, no) FROM acknowledgment_error`: "2/1/DMG/11/2100C/8/-/-/CTX*TRN02:EDP26111900002 " +
			"2/2/DMG/11/2100C/8/2/8/ 2/3/DTP/12/2100C/8/-/-/CTX*TRN02:EDP26111900002 2/4/DTP/12/2100C/8/2/I6/ " +
			"3/1/REF/9/2100C/I9/-/-/CTX*SITUATIONAL TRIGGER*NM1*8*2100C*8",
		`SELECT count(*) FROM acknowledgment a JOIN transaction_set s ON s.id = a.set_id AND s.file_id = a.file_id AND s.byte_start = a.byte_offset`: "2",
		`SELECT count(*) FROM acknowledgment a JOIN interchange i ON i.id = a.interchange_id AND a.usage = i.usage AND i.file_id = a.file_id`:        "4",
		`SELECT count(*) FROM acknowledgment WHERE set_id IS NULL AND functional_id IS NULL AND sets_included IS NULL`:                               "2",
	} {
		if got := w.text(t, question); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", question, got, want)
		}
	}
}

// A 997 may say more than one thing about a segment, and what it says may be no number, or none that fits.
func TestOddAcknowledgmentLoads(t *testing.T) {
	w := newWorld(t)
	const odd = "ISA*00*          *00*          *ZZ*S              *ZZ*R              *260101*0000*U*00401*000000001*0*P*:~" +
		"GS*FA*S*R*20260101*0000*1*X*004010~ST*997*0001~AK1*HP*9~AK2*835*1234~AK3*NM1*9999999999*2100*8*3~AK4*99999:2**1*VALUE~AK4*2*67*7~AK5*R*5~" +
		"AK2*835*1235~AK3*CLP*x~AK9*R*many*1*0*7*4~SE*11*0001~GE*1*1~IEA*1*000000001~"
	if _, state := w.load(t, "odd.x12", odd); state != "loaded" {
		t.Errorf("the file is %s, want loaded", state)
	}
	for question, want := range map[string]string{
		`SELECT concat_ws('/', kind, code, coalesce(sets_included::text, '-'), sets_received, array_to_string(group_error_codes, '+')) FROM acknowledgment`: "997/R/-/1/7+4",
		`SELECT string_agg(concat_ws('/', no, control_number, code), ' ' ORDER BY no) FROM acknowledgment_set`:                                              "1/1234/R 2/1235/",
		`SELECT string_agg(concat_ws('/', set_no, no, segment, coalesce(position::text, '-'), segment_code, coalesce(element::text, '-'),
			coalesce(component::text, '-'), coalesce(element_code, '-')), ' ' ORDER BY set_no, no) FROM acknowledgment_error`: "1/1/NM1/-/8/-/-/- " +
			"1/2/NM1/-/3/-/-/- 1/3/NM1/-/8/-/2/1 1/4/NM1/-/8/2/-/7 2/1/CLP/-//-/-/-",
	} {
		if got := w.text(t, question); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", question, got, want)
		}
	}
	if got := w.text(t, `SELECT count(*) FROM acknowledgment_error WHERE context::text LIKE '%VALUE%'`); got != "0" {
		t.Errorf("%s rows keep the value of a faulty element, want none", got)
	}
	if _, state := w.load(t, "again.x12", strings.ReplaceAll(odd, "~", "~\n")); state != "duplicate" {
		t.Errorf("the same acknowledgment again is %s, want duplicate", state)
	}
	if got := w.text(t, `SELECT count(*) FROM acknowledgment`); got != "1" {
		t.Errorf("%s acknowledgments after a duplicate, want 1", got)
	}
}
