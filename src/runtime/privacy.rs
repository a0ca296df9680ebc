//! Keeping what is in memory from being written to a disk when the program crashes.

/// Switches off core dumps of this process, and on Linux the right of other programs of the same
/// user to look into its memory. Where the system has no such thing, nothing is changed: a dump
/// then is a matter of the system's own settings. Programs started from here are not allowed core
/// dumps either.
pub fn no_memory_dumps() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        // It fails only where limits do not exist; there is nothing else to try.
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}
