//! DNS questions about mail domains: MX, addresses, SPF, DMARC.
