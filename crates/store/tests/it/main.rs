//! The store on both databases.

mod flows;
mod jobs;
mod service_leases;
