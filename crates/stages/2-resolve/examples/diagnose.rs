//! Scratch.
use std::collections::HashMap;
use evergreen_model::{Entity, Fields};
use evergreen_resolve::{Decided, Settings, Subject, normalize, resolve, compare};
fn read(path: &str) -> Vec<HashMap<String, String>> {
    csv::Reader::from_path(path).unwrap().deserialize().map(Result::unwrap).collect()
}
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let (entity, f, cols): (_, _, &[(&str,&str)]) = if args[1]=="c" {(Entity::Contact,"contacts",&[("first_name", "firstname"),("last_name", "lastname"),("email", "email"),("phone", "phone"),("company", "company"),("domain", "domain"),("linkedin", "hs_linkedin_url"),("job_title", "jobtitle"),("city", "city"),("country", "country")])} else {(Entity::Company,"companies",&[("name", "name"),("domain", "domain"),("phone", "phone"),("linkedin", "linkedin_company_page"),("street", "address"),("city", "city"),("country", "country")])};
    let n: usize = args[2].parse().unwrap();
    let d="/work/shared/data/er/crm_dev_12k/";
    let rows=read(&format!("{d}{f}.csv"));
    let truth: HashMap<String,String>=read(&format!("{d}{f}_truth.csv")).into_iter().map(|r|(r["record_id"].clone(),r["cluster_id"].clone())).collect();
    let t0=std::time::Instant::now();
    let subs: Vec<Subject>=rows.iter().enumerate().map(|(i,row)|{
        let fields: Fields=cols.iter().map(|(c,f)|(f.to_string(),row[*c].clone())).collect();
        Subject{id:i as u64,entity,fields:normalize::tidy_fields_in(entity,&fields,Some("US")),portal_id:None,existing:false}}).collect();
    let t1=std::time::Instant::now();
    let s=Settings::default();
    let r=resolve(&subs,&Decided::default(),&s);
    let t2=std::time::Instant::now();
    println!("tidy {:?} resolve {:?} for {}",t1-t0,t2-t1,subs.len());
    let lab=|i:u64| truth[&rows[i as usize]["record_id"]].clone();
    let mut cl=HashMap::new();
    for (k,c) in r.clusters.iter().enumerate(){for m in &c.members{cl.insert(*m,k);}}
    let show=|i:u64| rows[i as usize].get("source").map(|_| cols.iter().map(|(c,_)| rows[i as usize][*c].clone()).collect::<Vec<_>>().join("|")).unwrap();
    let mut fp=0;let mut tot=0;
    for c in &r.clusters{for (i,a) in c.members.iter().enumerate(){for b in &c.members[i+1..]{tot+=1;if lab(*a)!=lab(*b){fp+=1;if fp<=n{println!("FP {}\n   {}\n   {:?}",show(*a),show(*b),compare(&subs[*a as usize],&subs[*b as usize],&s));}}}}}
    let mut by: HashMap<String,Vec<u64>>=HashMap::new();
    for i in 0..subs.len(){by.entry(lab(i as u64)).or_default().push(i as u64);}
    let mut fnn=0;let mut want=0;let mut ks:Vec<_>=by.keys().cloned().collect();ks.sort();
    for k in ks{let v=&by[&k];for (i,a) in v.iter().enumerate(){for b in &v[i+1..]{want+=1;if cl[a]!=cl[b]{fnn+=1;if fnn<=n{println!("FN {}\n   {}\n   {:?}",show(*a),show(*b),compare(&subs[*a as usize],&subs[*b as usize],&s));}}}}}
    let tp=want-fnn; let (p,rc)=(tp as f64/tot as f64,tp as f64/want as f64);
    let heldtrue=r.held.iter().filter(|h|lab(h.left)==lab(h.right)).count();
    println!("P {p:.3} R {rc:.3} F1 {:.3} fp {fp} fn {fnn} held {} (true {heldtrue})",2.0*p*rc/(p+rc),r.held.len());
}
