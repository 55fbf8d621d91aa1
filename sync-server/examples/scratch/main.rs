mod data;
use data::Bench;
use ledger::Document;
use std::io::Write;
fn main() {
    let mut bench = Bench::new(7);
    let leads = bench.leads(2500, false);
    let mut f: std::collections::BTreeMap<&str, Vec<u8>> = Default::default();
    for lead in &leads {
        let doc = Document::from_changes(lead.record, [lead.change.as_slice()]).unwrap();
        f.entry("change").or_default().write_all(&lead.change).unwrap();
        f.entry("saved").or_default().write_all(&doc.save()).unwrap();
        let row = serde_json::to_vec(&doc.read().0.fields).unwrap();
        f.entry("row").or_default().write_all(&row).unwrap();
        f.entry("change+row").or_default().write_all(&lead.change).unwrap();
        f.entry("change+row").or_default().write_all(&row).unwrap();
        f.entry("saved+row").or_default().write_all(&doc.save()).unwrap();
        f.entry("saved+row").or_default().write_all(&row).unwrap();
    }
    for (k, v) in f { std::fs::write(format!("/tmp/scr-{k}"), v).unwrap(); }
    let t = std::time::Instant::now();
    for lead in &leads { std::hint::black_box(ledger::guard::inspect(&lead.change).unwrap()); }
    println!("inspect {:?}", t.elapsed() / 2500);
    let ins: Vec<_> = leads.iter().map(|l| ledger::guard::inspect(&l.change).unwrap()).collect();
    let t = std::time::Instant::now();
    for (l, i) in leads.iter().zip(&ins) { std::hint::black_box(ledger::guard::admit(None, l.record, i).unwrap()); }
    println!("admit {:?}", t.elapsed() / 2500);
    let t = std::time::Instant::now();
    let docs: Vec<_> = leads.iter().map(|l| Document::from_changes(l.record, [l.change.as_slice()]).unwrap()).collect();
    println!("from_changes {:?}", t.elapsed() / 2500);
    let t = std::time::Instant::now();
    for d in &docs { std::hint::black_box(d.read()); }
    println!("read {:?}", t.elapsed() / 2500);
    let t = std::time::Instant::now();
    for d in &docs { std::hint::black_box(d.save()); }
    println!("save {:?}", t.elapsed() / 2500);
    let t = std::time::Instant::now();
    for d in &docs { std::hint::black_box(d.has_conflicts()); }
    println!("has_conflicts {:?}", t.elapsed() / 2500);
    let t = std::time::Instant::now();
    for d in &docs { std::hint::black_box(d.history()); }
    println!("history {:?}", t.elapsed() / 2500);
    let mut p = sync_server::store::Packer::new().unwrap();
    let t = std::time::Instant::now();
    let packed: Vec<_> = leads.iter().map(|l| p.pack(&l.change).unwrap()).collect();
    println!("pack {:?}", t.elapsed() / 2500);
    let t = std::time::Instant::now();
    for b in &packed { std::hint::black_box(p.unpack(b).unwrap()); }
    println!("unpack {:?}", t.elapsed() / 2500);
    let mut s = sync_server::store::Squeezer::new().unwrap();
    let rows: Vec<Vec<u8>> = docs.iter().zip(&leads).map(|(d,l)| [serde_json::to_vec(&d.read().0.fields).unwrap(), l.change.clone(), vec![7;200]].concat()).collect();
    let t = std::time::Instant::now();
    let sq: Vec<_> = rows.iter().map(|r| s.squeeze(r).unwrap()).collect();
    println!("squeeze {:?} {} -> {}", t.elapsed() / 2500, rows[0].len(), sq[0].len());
    let t = std::time::Instant::now();
    for b in &sq { std::hint::black_box(s.restore(b, 1<<20).unwrap()); }
    println!("restore {:?}", t.elapsed() / 2500);
}
