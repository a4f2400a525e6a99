//! `/saved_searches`
