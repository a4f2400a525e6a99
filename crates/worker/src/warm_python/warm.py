"""Keeps Prefect imported and starts flow runs from it.

A worker starts this file with a socket as standard input: `python -c FILE fork` forks a child for every job that comes
over the socket, `python -c FILE standby` becomes the one job that it waits for. A job is four bytes of length and JSON:

    {"job": 1, "argv": [...], "cwd": "/tmp/x", "env": {...}}

with two file descriptors beside it, for standard output and standard error. Answers are lines of JSON: `ready` once,
then `started` and `ended` for each job, in which `code` is as `subprocess` has it: negative for a signal.

What runs in the child is the stock engine, started as `python -m prefect.engine` would: with exactly the environment,
directory, arguments and descriptors of the job, in a process group of its own.
"""

import array
import gc
import json
import os
import selectors
import signal
import socket
import struct
import sys

PRELOADED = (
    "prefect",
    "prefect.engine",
    "prefect.flow_engine",
    "prefect.task_engine",
    "prefect.deployments.steps.core",
    "prefect.deployments.steps.pull",
    "prefect.filesystems",
    "prefect.task_runners",
    "prefect.events.clients",
    "prefect.events.worker",
    "prefect.logging.handlers",
    "prefect.concurrency.sync",
    "prefect._internal.metrics",
    "prefect._internal.control_listener",
    # What the SDK and the libraries that it uses import late.
    "anyio._backends._asyncio",
    "encodings.idna",
    "pydantic.v1",
    "rich._emoji_codes",
    "runpy",
)


def main():
    mode = sys.argv[1]
    control = socket.socket(fileno=os.dup(0))
    control.set_inheritable(False)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    before = open_descriptors()
    preload()
    make_tls_contexts_ready()
    make_runs_end_at_once()
    settings = ReadySettings()
    # A directory in which no settings are, as in that of a run that has one for itself.
    settings.make(os.environ, "/")
    kept = open_descriptors() - before
    say(control, {"ready": True, "pid": os.getpid(), "threads": len(os.listdir("/proc/self/task")),
                  "executable": sys.executable, "version": prefect_version(), "packages": package_directories()})
    if mode == "standby":
        job = receive(control)
        if job is None:
            return
        # The worker is this process's parent: it sees the end by itself, and needs no answer.
        control.close()
    else:
        gc.collect()
        gc.freeze()
        job = serve(control, settings)
        if job is None:
            return
    become(job, kept, settings)


def preload():
    import importlib

    for name in PRELOADED:
        try:
            importlib.import_module(name)
        except ImportError:
            # Another version of Prefect has it elsewhere: the run imports it then.
            if name == "prefect":
                raise
    build_models()


def build_models():
    """Builds what validates the objects of the API, which otherwise happens when the first of a kind is read."""
    import pydantic

    waiting = [pydantic.BaseModel]
    while waiting:
        model = waiting.pop()
        waiting.extend(model.__subclasses__())
        is_of_the_api = model.__module__.startswith(("prefect.client.schemas.", "prefect.events."))
        if is_of_the_api and not model.__dict__.get("__pydantic_complete__", True):
            model.model_rebuild(raise_errors=False)


def prefect_version():
    import prefect

    return prefect.__version__


def package_directories():
    """Where packages are: what changes there makes this process old."""
    return [path for path in sys.path if path and os.path.isdir(path) and "site-packages" in path]


def open_descriptors():
    return {int(name) for name in os.listdir("/proc/self/fd")} - {0, 1, 2}


def say(control, message):
    try:
        control.sendall(json.dumps(message).encode() + b"\n")
    except OSError:
        # The worker is gone; that is seen when the socket is read.
        pass


def receive(control):
    """The next job with its two descriptors; None when the worker is gone."""
    size = struct.calcsize("i") * 2
    try:
        head, ancillary, _, _ = control.recvmsg(4, socket.CMSG_LEN(size))
    except OSError:
        return None
    descriptors = array.array("i")
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            descriptors.frombytes(data[: len(data) - len(data) % descriptors.itemsize])
    for rest in iter(lambda: 4 - len(head), 0):
        more = control.recv(rest)
        if not more:
            return None
        head += more
    (length,) = struct.unpack("!I", head)
    body = bytearray()
    while len(body) < length:
        more = control.recv(min(length - len(body), 1 << 20))
        if not more:
            return None
        body += more
    job = json.loads(bytes(body))
    job["output"], job["errors"] = descriptors
    return job


def serve(control, settings):
    """Forks a child for every job. Returns the job in the child, and None in the parent when all is done."""
    woken, wake = socket.socketpair()
    woken.setblocking(False)
    wake.setblocking(False)
    signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    # A terminal's Ctrl+C is for the worker, which decides what happens to its runs.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    children = {}
    worker_is_there = True
    with selectors.DefaultSelector() as selector:
        selector.register(woken, selectors.EVENT_READ)
        selector.register(control, selectors.EVENT_READ)
        while worker_is_there or children:
            ready = {key.fileobj for key, _ in selector.select()}
            if woken in ready:
                drain(woken)
            for job, code in reap(children):
                say(control, {"ended": job, "code": code})
            if control in ready and worker_is_there:
                job = receive(control)
                if job is None:
                    # The guardian ends the children; each is still waited for, so that none becomes a zombie.
                    worker_is_there = False
                    selector.unregister(control)
                    continue
                pid = os.fork()
                if pid == 0:
                    selector.close()
                    signal.set_wakeup_fd(-1)
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    signal.signal(signal.SIGINT, signal.default_int_handler)
                    for ours in (woken, wake, control):
                        ours.close()
                    return job
                try:
                    # The child does it too: whoever comes first, the group exists before anybody hears of it.
                    os.setpgid(pid, pid)
                except OSError:
                    pass
                children[pid] = job["job"]
                os.close(job["output"])
                os.close(job["errors"])
                say(control, {"started": job["job"], "pid": pid})
                settings.note(job["env"], job["cwd"])
    return None


def drain(woken):
    try:
        while woken.recv(4096):
            pass
    except BlockingIOError:
        pass


def reap(children):
    ended = []
    while children:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            break
        job = children.pop(pid, None)
        if job is not None:
            ended.append((job, os.waitstatus_to_exitcode(status)))
    return ended


def become(job, kept, settings):
    """Turns this process into what a cold start of the job would be, and runs it."""
    try:
        os.setpgid(0, 0)
    except OSError:
        pass
    output, errors = job["output"], job["errors"]
    os.dup2(output, 1)
    os.dup2(errors, 2)
    for descriptor in open_descriptors() - kept:
        try:
            os.close(descriptor)
        except OSError:
            # The one that listed them.
            pass
    os.environ.clear()
    os.environ.update(job["env"])
    os.chdir(job["cwd"])
    sys.argv = ["-m", *job["argv"][1:]]
    sys.orig_argv = [sys.executable, "-m", *job["argv"]]
    # `python -m` puts the directory first, where `python -c` has an empty entry.
    sys.path[0] = job["cwd"]
    import random
    import time

    random.seed()
    time.tzset()
    set_prefect_up(settings.take())
    import runpy

    module = job["argv"][0]
    # What `python -m` runs is a module of its own, whatever was imported under its name.
    sys.modules.pop(module, None)
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def set_prefect_up(ready):
    """Lets Prefect have the settings and profiles of now, set logging up by them, and start its plugins, as importing it
    does."""
    import logging

    import prefect
    import prefect.context
    import prefect.logging.configuration as configuration

    configuration.PROCESS_LOGGING_CONFIG.clear()
    for handler in list(logging.getLogger().handlers):
        logging.getLogger().removeHandler(handler)
    if ready is None or not ready.apply():
        prefect.context.refresh_global_settings_context()
        configuration.setup_logging()
    if start_plugins := getattr(prefect, "_initialize_plugins", None):
        start_plugins()


if __name__ == "__main__":
    main()
