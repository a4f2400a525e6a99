//! SQLite's interface for files (`sqlite3_vfs`): the system's own, but for logs.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::mem::{align_of, size_of};
use std::ptr;
use std::sync::OnceLock;

use rusqlite::ffi::{
    SQLITE_OK, SQLITE_OPEN_WAL, sqlite3_file, sqlite3_int64, sqlite3_io_methods, sqlite3_vfs,
    sqlite3_vfs_find, sqlite3_vfs_register,
};

use crate::gathered::Gathered;

const NAME: &CStr = c"sluice-log";

/// The system's own layer. SQLite never takes it back.
struct Own(*mut sqlite3_vfs);

// SAFETY: SQLite itself uses this pointer from every thread; what it points to does not change.
unsafe impl Send for Own {}
// SAFETY: as above.
unsafe impl Sync for Own {}

static OWN: OnceLock<Option<Own>> = OnceLock::new();

/// Registers the layer with SQLite, once, and returns its name. `None` if SQLite has no layer of its own.
pub(crate) fn registered() -> Option<&'static CStr> {
    OWN.get_or_init(register).is_some().then_some(NAME)
}

fn register() -> Option<Own> {
    // SAFETY: a null name asks for the default; SQLite initialises itself if it has to.
    let own = unsafe { sqlite3_vfs_find(ptr::null()) };
    // SAFETY: SQLite keeps a layer it returned for as long as the process lives.
    let described = unsafe { own.as_ref() }?;
    // Everything but the opening of files is the own layer's: its functions, and the data that they look for here.
    let mut ours = *described;
    ours.pNext = ptr::null_mut();
    ours.zName = NAME.as_ptr();
    ours.szOsFile = c_int::try_from(size_of::<Log>()).ok()?.checked_add(described.szOsFile)?;
    ours.xOpen = Some(open);
    // SAFETY: what is registered lives for ever, and is complete.
    let outcome = unsafe { sqlite3_vfs_register(Box::leak(Box::new(ours)), 0) };
    (outcome == SQLITE_OK).then_some(Own(own))
}

/// A log that is open. SQLite gives the room for it, and behind it for the own layer's file.
#[repr(C)]
struct Log {
    /// What SQLite calls; it takes this struct for a `sqlite3_file`.
    interface: sqlite3_file,
    gathered: Gathered,
}

// The file of the own layer lies behind a `Log`, and SQLite aligns what it gives to 8.
const _: () = assert!(size_of::<Log>().is_multiple_of(8) && align_of::<Log>() <= 8);

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    // What later versions add is for database files only: shared memory and memory maps.
    iVersion: 1,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: None,
    xShmLock: None,
    xShmBarrier: None,
    xShmUnmap: None,
    xFetch: None,
    xUnfetch: None,
};

/// Opens a log as ours, and every other file as the own layer's.
///
/// # Safety
/// SQLite calls it, with room for `szOsFile` bytes at `file`.
unsafe extern "C" fn open(
    _: *mut sqlite3_vfs,
    name: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    opened_as: *mut c_int,
) -> c_int {
    let Some(Some(Own(own))) = OWN.get() else { return rusqlite::ffi::SQLITE_CANTOPEN };
    // SAFETY: see `register`.
    let Some(open) = (unsafe { (**own).xOpen }) else { return rusqlite::ffi::SQLITE_CANTOPEN };
    if flags & SQLITE_OPEN_WAL == 0 {
        // SAFETY: the arguments are SQLite's, and there is more room than the own layer asked for.
        return unsafe { open(*own, name, file, flags, opened_as) };
    }
    let log = file.cast::<Log>();
    // SAFETY: the room for the own layer's file is behind that for `Log`.
    let behind = unsafe { log.add(1) }.cast::<sqlite3_file>();
    // SAFETY: the arguments are SQLite's but for the file, which has the room that the own layer asked for.
    let outcome = unsafe { open(*own, name, behind, flags, opened_as) };
    let interface =
        sqlite3_file { pMethods: if outcome == SQLITE_OK { &raw const METHODS } else { ptr::null() } };
    // SAFETY: SQLite gave room for it; without methods SQLite never closes it, and an empty `Gathered` owns nothing.
    unsafe { log.write(Log { interface, gathered: Gathered::default() }) };
    outcome
}

/// The own layer's file behind a log, what that file can do, and what was gathered for it.
struct Parts<'a> {
    own: *mut sqlite3_file,
    methods: &'a sqlite3_io_methods,
    gathered: &'a mut Gathered,
}

impl Parts<'_> {
    /// # Safety
    /// `file` was opened as a log by [`open`] and is not closed, and nobody else uses it meanwhile: SQLite uses a file
    /// from one thread at a time.
    unsafe fn of<'a>(file: *mut sqlite3_file) -> Parts<'a> {
        let log = file.cast::<Log>();
        // SAFETY: `open` has put the own layer's file there.
        let own = unsafe { log.add(1) }.cast::<sqlite3_file>();
        // SAFETY: as above.
        let methods = unsafe { (*own).pMethods };
        // SAFETY: the own layer has set the methods of a file that it opened; they are constants of SQLite.
        let methods = unsafe { &*methods };
        // SAFETY: `open` has written it, and nobody else uses it.
        let gathered = unsafe { &mut (*log).gathered };
        Parts { own, methods, gathered }
    }

    /// Hands to the own layer what was gathered.
    fn flush(&mut self) -> c_int {
        let (Some(write), own) = (self.methods.xWrite, self.own) else { return SQLITE_OK };
        self.gathered
            .write(|offset, bytes| {
                // Cannot fail: see the limit of what is gathered, and that SQLite counts bytes of a write in this type.
                let Ok(length) = c_int::try_from(bytes.len()) else {
                    return rusqlite::ffi::SQLITE_IOERR_WRITE;
                };
                // SAFETY: the bytes are there for the time of the call, and the file is open.
                unsafe { write(own, bytes.as_ptr().cast(), length, offset) }
            })
            .unwrap_or(SQLITE_OK)
    }
}

/// Calls the own layer's method of that name, after what was gathered is written.
macro_rules! after_the_flush {
    ($($function:ident => $method:ident($($argument:ident: $type:ty),*);)*) => {$(
        /// # Safety
        /// SQLite calls it with a file that [`open`] opened.
        unsafe extern "C" fn $function(file: *mut sqlite3_file $(, $argument: $type)*) -> c_int {
            // SAFETY: see above.
            let mut parts = unsafe { Parts::of(file) };
            let outcome = parts.flush();
            match parts.methods.$method {
                // SAFETY: the arguments are SQLite's, the file is the own layer's.
                Some(method) if outcome == SQLITE_OK => unsafe { method(parts.own $(, $argument)*) },
                _ => outcome,
            }
        }
    )*};
}

after_the_flush! {
    read => xRead(buffer: *mut c_void, length: c_int, offset: sqlite3_int64);
    truncate => xTruncate(size: sqlite3_int64);
    sync => xSync(flags: c_int);
    file_size => xFileSize(size: *mut sqlite3_int64);
    lock => xLock(level: c_int);
    unlock => xUnlock(level: c_int);
    check_reserved_lock => xCheckReservedLock(is_held: *mut c_int);
    file_control => xFileControl(operation: c_int, argument: *mut c_void);
}

/// # Safety
/// SQLite calls it with a file that [`open`] opened.
unsafe extern "C" fn sector_size(file: *mut sqlite3_file) -> c_int {
    // SAFETY: see above.
    let parts = unsafe { Parts::of(file) };
    // SAFETY: the file is the own layer's. SQLite takes 0 for "not known".
    parts.methods.xSectorSize.map_or(0, |method| unsafe { method(parts.own) })
}

/// # Safety
/// SQLite calls it with a file that [`open`] opened.
unsafe extern "C" fn device_characteristics(file: *mut sqlite3_file) -> c_int {
    // SAFETY: see above.
    let parts = unsafe { Parts::of(file) };
    // SAFETY: the file is the own layer's. 0 is a device that promises nothing.
    parts.methods.xDeviceCharacteristics.map_or(0, |method| unsafe { method(parts.own) })
}

/// # Safety
/// SQLite calls it with a file that [`open`] opened and `length` bytes at `bytes`.
unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    bytes: *const c_void,
    length: c_int,
    offset: sqlite3_int64,
) -> c_int {
    // SAFETY: see above.
    let mut parts = unsafe { Parts::of(file) };
    let size = usize::try_from(length).unwrap_or_default();
    if !parts.gathered.takes(offset, size) {
        let outcome = parts.flush();
        if outcome != SQLITE_OK {
            return outcome;
        }
    }
    // SAFETY: see above.
    parts.gathered.add(offset, unsafe { std::slice::from_raw_parts(bytes.cast(), size) });
    SQLITE_OK
}

/// # Safety
/// SQLite calls it with a file that [`open`] opened, and never uses the file again.
unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: see above.
    let mut parts = unsafe { Parts::of(file) };
    // What was not synced belongs to no commit; the next who opens the log passes over it.
    let flushed = parts.flush();
    let closed = match parts.methods.xClose {
        // SAFETY: the file is open.
        Some(close) => unsafe { close(parts.own) },
        None => SQLITE_OK,
    };
    // SAFETY: `open` has written it, and this is the last use.
    unsafe { ptr::drop_in_place(file.cast::<Log>()) };
    if closed == SQLITE_OK { flushed } else { closed }
}
