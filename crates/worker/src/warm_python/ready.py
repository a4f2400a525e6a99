"""What a warm interpreter has ready besides imported modules: what the SDK makes anew in every run, and what comes out
the same every time.

`warm.py` follows in the same program. Nothing here changes what a run gets: whatever is not exactly what the SDK would
make now is left to the SDK.
"""

import collections
import contextlib
import copy
import hashlib
import io
import os
import sys
import threading
import warnings

# A flow run asks for nine, and each has to read the certificates of all authorities: 20 ms of CPU.
TLS_CONTEXTS = 16
# Settings of this many environments are kept.
ENVIRONMENTS = 16
# Files of the working directory that settings are read from.
SETTINGS_OF_A_DIRECTORY = (".env", "prefect.toml", "pyproject.toml")


class ReadyTlsContexts:
    """Stands where Prefect's own modules have `ssl`, and is it, but for the contexts that are ready. Each is given away
    once, as if it had just been made."""

    def __init__(self, ssl, authorities):
        self._ssl = ssl
        self._authorities = authorities
        self._stamp = stamp(authorities)
        self._ready = [ssl.create_default_context(cafile=authorities) for _ in range(TLS_CONTEXTS)]

    def __getattr__(self, name):
        return getattr(self._ssl, name)

    def create_default_context(self, *arguments, **options):
        is_usual = not arguments and options == {"cafile": self._authorities}
        # A context notes where it is to write its keys when it is made.
        if is_usual and "SSLKEYLOGFILE" not in os.environ and stamp(self._authorities) == self._stamp:
            with contextlib.suppress(IndexError):
                return self._ready.pop()
        return self._ssl.create_default_context(*arguments, **options)


def make_tls_contexts_ready():
    import ssl

    import certifi
    from prefect.settings import get_current_settings

    if "SSLKEYLOGFILE" in os.environ:
        return
    try:
        ready = ReadyTlsContexts(ssl, get_current_settings().api.ssl_cert_file or certifi.where())
    except (AttributeError, OSError):
        # Another version of Prefect, or no such file: the run will see.
        return
    for name, module in list(sys.modules.items()):
        if name.startswith("prefect.") and getattr(module, "ssl", None) is ssl:
            module.ssl = ready


class PromptTime:
    """Stands where Prefect's flow engine has `time`, and is it, but that the thread of heartbeats does not sleep on when it
    is told to stop. It looks once a second, and the engine waits for it at the end of every run."""

    def __init__(self, time):
        self._time = time

    def __getattr__(self, name):
        return getattr(self._time, name)

    def sleep(self, seconds):
        stop = stop_event(sys._getframe(1))
        if stop is None:
            self._time.sleep(seconds)
        else:
            stop.wait(seconds)


class PromptAsyncio:
    """The same for what looks five times a second whether it shall stop looking for suspensions."""

    def __init__(self, asyncio):
        self._asyncio = asyncio

    def __getattr__(self, name):
        return getattr(self._asyncio, name)

    def sleep(self, seconds):
        stop = stop_event(sys._getframe(1))
        return self._asyncio.sleep(seconds) if stop is None else self._wait(stop, seconds)

    async def _wait(self, stop, seconds):
        told = self._asyncio.Event()
        loop = self._asyncio.get_running_loop()

        def set_and_tell():
            threading.Event.set(stop)
            # The loop may have ended by itself.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(told.set)

        stop.set = set_and_tell
        if not stop.is_set():
            with contextlib.suppress(self._asyncio.TimeoutError):
                await self._asyncio.wait_for(told.wait(), seconds)


def stop_event(frame):
    """What tells the function of this frame to stop."""
    found = frame.f_locals.get("stop_event")
    return found if isinstance(found, threading.Event) else None


def make_runs_end_at_once():
    for module, name, stand_in in (
        ("prefect.flow_engine", "time", PromptTime),
        ("prefect._flow_run_suspension", "asyncio", PromptAsyncio),
    ):
        # Another version of Prefect may have it elsewhere, or do without.
        module = sys.modules.get(module)
        if (found := getattr(module, name, None)) is not None:
            setattr(module, name, stand_in(found))


class ReadySettings:
    """Settings and the configuration of logging, by the environment that they were read from. Reading them takes more
    than 100 ms of CPU, and the runs of a deployment differ in nothing that they depend on.

    The process that forks notes the environment of each run, and reads the settings of those that come a second time.
    The child takes what is ready for it and forgets the rest.
    """

    def __init__(self):
        self._seen = collections.OrderedDict()
        self._ready = collections.OrderedDict()

    def note(self, environment, directory):
        key = settings_key(environment, directory)
        if key is None:
            return
        if key in self._ready:
            self._ready.move_to_end(key)
        elif key in self._seen:
            del self._seen[key]
            self.make(environment, directory)
        else:
            self._seen[key] = True
            keep_newest(self._seen, 8 * ENVIRONMENTS)

    def make(self, environment, directory):
        """Reads what a run with this environment, in this directory, would read."""
        key = settings_key(environment, directory)
        if key is None:
            return
        with contextlib.suppress(Exception):
            # What cannot be read, the run will complain of.
            self._ready[key] = read_settings(environment, directory)
            keep_newest(self._ready, ENVIRONMENTS)

    def take(self):
        """In the child: its settings, if they are ready. What belongs to others is forgotten."""
        found = self._ready.get(settings_key(os.environ, os.getcwd()))
        self._seen.clear()
        self._ready.clear()
        return found


class Settings:
    """The settings that runs of one environment find in `context`, and how logging is configured by them."""

    def __init__(self, context, logging_path, logging):
        self._context = context
        self._logging_path = logging_path
        self._logging = logging
        self._stamps = self._look()

    def apply(self):
        """Makes them those of this process, and sets logging up. Returns whether they still are what would be read."""
        if self._look() != self._stamps:
            return False
        import prefect.context
        import prefect.logging.configuration as configuration

        prefect.context.GLOBAL_SETTINGS_CONTEXT = self._context
        load = configuration.load_logging_config
        configuration.load_logging_config = lambda path: (
            copy.deepcopy(self._logging) if path == self._logging_path else load(path)
        )
        try:
            configuration.setup_logging()
        finally:
            configuration.load_logging_config = load
        return True

    def _look(self):
        settings = self._context.settings
        # Where there is no home yet, reading the settings makes it.
        return settings.home.exists(), stamp(settings.profiles_path), stamp(settings.logging.config_path)


def read_settings(environment, directory):
    """The settings of a run with this environment. Raises when reading them has more effects than that."""
    import prefect.context
    import prefect.logging.configuration as configuration

    said = io.StringIO()
    with (
        surroundings(environment, directory),
        warnings.catch_warnings(record=True) as warned,
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
    ):
        warnings.simplefilter("always")
        # Of what the garbage collector finds meanwhile, and of nothing that is read here.
        warnings.simplefilter("ignore", ResourceWarning)
        context = prefect.context.root_settings_context()
        before = prefect.context.GLOBAL_SETTINGS_CONTEXT
        prefect.context.GLOBAL_SETTINGS_CONTEXT = context
        try:
            path = context.settings.logging.config_path
            if not path.exists():
                path = configuration.DEFAULT_LOGGING_SETTINGS_PATH
            logging = configuration.load_logging_config(path)
        finally:
            prefect.context.GLOBAL_SETTINGS_CONTEXT = before
    if warned or said.getvalue():
        raise ValueError("the run itself has to say what was said")
    return Settings(context, path, logging)


@contextlib.contextmanager
def surroundings(environment, directory):
    """Lets this process have the environment and the directory of a run for a moment."""
    ours, theirs = dict(os.environ), own_variables(environment)
    here = os.open(".", os.O_RDONLY)
    try:
        os.environ.clear()
        os.environ.update(theirs)
        os.chdir(directory)
        yield
    finally:
        os.environ.clear()
        os.environ.update(ours)
        os.fchdir(here)
        os.close(here)


def settings_key(environment, directory):
    """What settings depend on; `None` where that is more than can be said. It shows nothing of the values."""
    if any(os.path.lexists(os.path.join(directory, name)) for name in SETTINGS_OF_A_DIRECTORY):
        return None
    profiles = environment.get("PREFECT_PROFILES_PATH")
    home = environment.get("PREFECT_HOME")
    default_home = os.path.join(os.path.expanduser("~"), ".prefect")
    files = [os.path.join(default_home, "profiles.toml")]
    if profiles:
        files.append(profiles)
    if home:
        files.append(os.path.join(home, "profiles.toml"))
    if not all(os.path.isabs(path) for path in files):
        return None
    depends_on = sorted(own_variables(environment).items()), [(path, stamp(path)) for path in files]
    return hashlib.sha256(repr(depends_on).encode(errors="surrogateescape")).digest()


def own_variables(environment):
    """Without those that say which run it is: they are no settings, and differ from run to run."""
    return {name: value for name, value in environment.items() if not name.startswith("PREFECT__")}


def stamp(path):
    """Changes when a file does; `None` when there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def keep_newest(entries, most):
    while len(entries) > most:
        entries.popitem(last=False)
