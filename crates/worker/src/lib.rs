//! The worker: takes the runs that are due in a work pool, starts what runs them, watches over it, and says how it
//! ended. Where something runs is the business of a [`Launcher`](launchers::Launcher).

pub mod launchers;
