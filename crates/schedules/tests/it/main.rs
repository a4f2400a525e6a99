mod differential;
mod properties;
mod traps;
