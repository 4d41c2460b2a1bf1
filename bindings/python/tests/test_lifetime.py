"""The interpreter's end, forks and signals: each in a process of its own."""

from __future__ import annotations

import pathlib
import signal
import subprocess
import sys
import textwrap

import pytest

from conftest import PATIENCE
from server import Server

START = """
import atexit, os, signal, sys, threading, time
import bgcopy
directory, url = sys.argv[1:]
manager = bgcopy.BackgroundCopyManager(directory + "/queue")
def start(**options):
    job = manager.create_job("a")
    job.priority = bgcopy.JobPriority.FOREGROUND
    job.add_file(url, directory + "/a")
    for name, value in options.items():
        setattr(job, name, value)
    job.resume()
    return job
"""


def command_of(program: str, tmp_path: pathlib.Path, url: str) -> list[str]:
    """With every check of the interpreter on."""
    text = START + textwrap.dedent(program)
    return [sys.executable, "-X", "dev", "-W", "error", "-c", text, str(tmp_path), url]


def check(tmp_path: pathlib.Path, url: str, program: str, output: str = "") -> None:
    """Runs a program; it must end by itself, and say nothing but what it is to say."""
    command = command_of(program, tmp_path, url)
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert (done.returncode, done.stdout, done.stderr) == (0, output, ""), done


def test_the_interpreter_ends_with_transfers_running(tmp_path: pathlib.Path, server: Server) -> None:
    url = server.offer("a", size=1 << 30, stall_after=1 << 20)
    check(tmp_path, url, "job = start(on_modification=lambda job: job.progress)")


def test_the_interpreter_ends_while_callables_run(tmp_path: pathlib.Path, server: Server) -> None:
    program = """
        def ask(job):
            for _ in range(100):
                job.state, job.progress
        for number in range(50):
            job = manager.create_job("a")
            job.priority = bgcopy.JobPriority.FOREGROUND
            job.add_file(url, f"{directory}/{number}")
            job.on_transferred = job.on_modification = ask
            job.resume()
        jobs = manager.jobs
    """
    check(tmp_path, server.url("/file/1000"), program)


def test_a_callable_that_ends_with_exit_fails_and_does_not_end_the_program(
    tmp_path: pathlib.Path, server: Server
) -> None:
    program = """
        told = threading.Event()
        sys.unraisablehook = lambda unraisable: (print(repr(unraisable.exc_value)), told.set())
        def leave(job):
            sys.exit(3)
        start(on_transferred=leave)
        told.wait()
    """
    check(tmp_path, server.url("/file/10"), program, "SystemExit(3)\n")


def test_the_queue_answers_at_exit_and_in_finalizers(tmp_path: pathlib.Path, server: Server) -> None:
    program = """
        job = start()
        job.join()
        class Last:
            def __del__(self):
                try:
                    bgcopy.BackgroundCopyManager(directory + "/other")
                except bgcopy.ClosedError as error:
                    os.write(1, b"closed\\n")
        # Registered later than the package's own: it runs before the queue is closed.
        atexit.register(lambda: print(job.state.name, flush=True))
        sys.modules["kept until the end"] = Last()
        cycle = [job]
        cycle.append(cycle)
    """
    check(tmp_path, server.url("/file/10"), program, "TRANSFERRED\nclosed\n")


def test_what_is_registered_earlier_finds_the_queue_closed(tmp_path: pathlib.Path, server: Server) -> None:
    program = """
        import atexit
        @atexit.register
        def early():
            try:
                print(holder[0].state)
            except bgcopy.ClosedError:
                print("closed")
        holder = []
        import sys, bgcopy
        directory, url = sys.argv[1:]
        with_files = bgcopy.BackgroundCopyManager(directory)
        holder.append(with_files.create_job("a"))
    """
    command = [sys.executable, "-X", "dev", "-c", textwrap.dedent(program), str(tmp_path), "-"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert (done.returncode, done.stdout, done.stderr) == (0, "closed\n", "")


def test_a_forked_child_is_told_that_the_queue_is_its_parents(tmp_path: pathlib.Path, server: Server) -> None:
    program = """
        import warnings
        warnings.simplefilter("ignore", DeprecationWarning)  # fork beside threads, which is the point
        url2 = url
        job = start(on_transferred=lambda job: None)
        wait = job.join
        file = job.files[0]
        signal.alarm(20)
        pid = os.fork()
        if pid == 0:
            code = 0
            for call in (lambda: job.state, lambda: manager.create_job("b"), lambda: file.progress, lambda: job.join(),
                         lambda: job.cancel(), lambda: setattr(job, "on_error", print)):
                try:
                    call()
                    code = 1
                except bgcopy.ClosedError as error:
                    pass
            manager.close()
            del job, file, manager
            if code:
                os._exit(code)
            sys.exit(0)  # with everything that runs at exit
        assert os.waitpid(pid, 0)[1] == 0
        assert job.join(20) is bgcopy.JobState.TRANSFERRED
        job.complete()
        print(os.path.getsize(directory + "/a"))
    """
    check(tmp_path, server.url("/file/5000000"), program, "5000000\n")


@pytest.mark.parametrize("wait", ["join", "rest"])
def test_ctrl_c_ends_a_wait_and_the_job_goes_on(tmp_path: pathlib.Path, server: Server, wait: str) -> None:
    program = f"""
        job = start()
        try:
            print("started", flush=True)
            job.{wait}()
        except KeyboardInterrupt:
            print("interrupted", job.state.name in ("CONNECTING", "TRANSFERRING", "QUEUED"), flush=True)
    """
    command = command_of(program, tmp_path, server.offer("a", size=1000, stall_after=10))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        server.wait(stalled=1)
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == "interrupted True\n"
        assert process.wait(PATIENCE) == 0


def test_ctrl_c_at_any_moment_is_a_keyboard_interrupt_and_the_queue_stays_whole(
    tmp_path: pathlib.Path, server: Server
) -> None:
    program = """
        interrupted = 0
        ready = False
        def interrupt():
            global ready
            for _ in range(40):
                time.sleep(0.005)
                while not ready:  # what interrupts before the `try` ends the program
                    time.sleep(0.001)
                ready = False
                os.kill(os.getpid(), signal.SIGINT)
        thread = threading.Thread(target=interrupt)
        thread.start()
        while interrupted < 40:
            try:
                ready = True
                while True:
                    job = manager.create_job("a")
                    job.on_transferred = lambda job: None
                    job.display_name = "b"
                    for other in manager:
                        other.progress
                    job.cancel()
            except KeyboardInterrupt:
                interrupted += 1
        thread.join()
        for job in manager:
            job.cancel()
        print(len(manager.jobs))
    """
    check(tmp_path, server.url("/file/1"), program, "0\n")


def test_a_thread_that_waits_does_not_keep_the_others_from_running(tmp_path: pathlib.Path, server: Server) -> None:
    program = """
        threading.excepthook = lambda args: print(args.exc_type.__name__)
        job = start()
        thread = threading.Thread(target=job.join)
        thread.start()
        for _ in range(2_000_000):
            pass
        job.cancel()
        thread.join()
    """
    check(tmp_path, server.offer("a", size=1000, stall_after=10), program, "JobCancelledError\n")


def test_the_log_goes_to_standard_error_when_it_is_asked_for(tmp_path: pathlib.Path, server: Server) -> None:
    text = START + "start().join()"
    command = [sys.executable, "-c", text, str(tmp_path), server.url("/file/10")]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE, env={"BGCOPY_LOG": "debug"}
    )
    assert done.returncode == 0 and "DEBUG" in done.stderr
