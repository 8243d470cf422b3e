package remittance
import ("testing";"bytes";"github.com/ediport/ediport/edi";"github.com/ediport/ediport/edi/guide";"github.com/ediport/ediport/edi/internal/decodetest")
func BenchmarkZRead(b *testing.B){ x:=many(20000); b.SetBytes(int64(len(x))); for b.Loop(){ r:=edi.NewReader(bytes.NewReader(x)); for { if _,err:=r.Next(); err!=nil {break} } } }
func BenchmarkZScan(b *testing.B){ x:=many(20000); b.SetBytes(int64(len(x))); for b.Loop(){ r:=guide.NewScanner(edi.NewReader(bytes.NewReader(x))); for r.Next() { } } }
func BenchmarkZDecode(b *testing.B){ x:=many(20000); s,st:=decodetest.Replay(b,x); b.SetBytes(int64(len(x))); b.ReportAllocs(); d:=NewDecoder(Ignore{}); for b.Loop(){ for i:=range s { d.Segment(s[i],st[i]) } } }
