//! The most memory this process has held, as the kernel counts it (Linux; elsewhere unknown).

/// Most memory held since the start or since [`forget_peak`], in MiB.
pub fn peak_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib / 1024.0)
}

/// Counts the peak anew from what is held now. Where the kernel refuses, later peaks contain earlier ones: too high, never too low.
pub fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_large_allocation_is_seen_in_the_peak() {
        let before = peak_mib().expect("Linux tells");
        let large = vec![1_u8; 64 << 20];
        assert!(peak_mib().expect("Linux tells") > before + 32.0, "{}", large.len());
    }
}
