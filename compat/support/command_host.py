"""Runs Prefect commands and Python scripts in forked children of a process that has imported Prefect.

Starting Python and importing Prefect costs two seconds of CPU each time. Here they are paid once: each command is
a fork that then runs the stock entry point of the `prefect` command, or a script as `python script.py` would.
The parent starts no thread, so the fork is safe.

Protocol, a JSON object a line on standard input, and one a line as the answer on standard output:
  {"spawn": [argument, ...], "environment": {...}, "directory": d, "output": f}   -> {"pid": n}
  {"poll": pid}                                                                 -> {"exit_code": n | null}
"""

import json
import os
import runpy
import signal
import sys
import traceback


def run(arguments: list[str]) -> None:
    program, *rest = arguments
    if program == "prefect":
        from prefect.cli import app

        sys.argv = ["prefect", *rest]
        app()
    else:
        sys.argv = [program, *rest]
        sys.path.insert(0, os.path.dirname(os.path.abspath(program)))
        runpy.run_path(program, run_name="__main__")


def become(request: dict) -> None:
    """The child's whole life: its output goes to a file, its exit code is the command's."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    devnull = os.open(os.devnull, os.O_RDONLY)
    output = os.open(request["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(devnull, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.update(request["environment"])
    os.chdir(request["directory"])
    exit_code = 0
    try:
        if request["environment"]:
            # Settings were read when Prefect was imported: read them again.
            from prefect.context import refresh_global_settings_context

            refresh_global_settings_context()
        run(request["spawn"])
    except SystemExit as exit:
        exit_code = exit.code if isinstance(exit.code, int) else (0 if exit.code is None else 1)
        if isinstance(exit.code, str):
            print(exit.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
        exit_code = 1
    finally:
        # The interpreter's own shutdown flushes what Prefect still has to send.
        try:
            import atexit
            import threading

            threading._shutdown()
            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(exit_code)


def main() -> None:
    import prefect  # noqa: F401
    import prefect.cli.artifact  # noqa: F401
    import prefect.cli.deploy  # noqa: F401
    import prefect.cli.deployment  # noqa: F401
    import prefect.cli.flow_run  # noqa: F401
    import prefect.cli.work_pool  # noqa: F401
    import prefect.flow_engine  # noqa: F401
    import prefect.runner  # noqa: F401
    import prefect.task_engine  # noqa: F401

    answers = os.fdopen(os.dup(1), "w")
    ended: dict[int, int] = {}
    for line in sys.stdin:
        request = json.loads(line)
        if "spawn" in request:
            pid = os.fork()
            if pid == 0:
                become(request)
            answer = {"pid": pid}
        else:
            pid = request["poll"]
            if pid not in ended:
                done, status = os.waitpid(pid, os.WNOHANG)
                if done:
                    ended[pid] = os.waitstatus_to_exitcode(status)
            answer = {"exit_code": ended.get(pid)}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
