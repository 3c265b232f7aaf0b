"""`assay`: runs a command and says how it ended. Exit codes: 0 yes, 1 no, 2 could not, 130 for Ctrl-C.

Nothing but this is loaded before `main` runs, so that Ctrl-C while the commands are loaded is caught too.
"""

import io
import os
import sys


def main() -> None:
    """Every failure that Assay knows, and whatever goes wrong in writing, is a sentence and exit code 2."""
    try:
        code = _run()
    except KeyboardInterrupt:
        code = 130
    sys.exit(_written(code))


def _run() -> int:
    _open_streams()
    from assay.cli.commands import app
    from assay.cli.show import tell_failure
    from assay.errors import AssayError, SetupFailed

    try:
        if sys.stdout is None:
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115
            raise SetupFailed("Standard output is closed.", mend="send it to a file, or to /dev/null")
        # Arguments are UTF-8 too, whatever the locale is.
        code = app([os.fsencode(each).decode("utf-8", "surrogateescape") for each in sys.argv[1:]], standalone_mode=False)
        return code if isinstance(code, int) else 0
    except AssayError as error:
        tell_failure(error, as_json="--json" in sys.argv)
        return 2
    except BrokenPipeError:
        # Whoever read our output has heard enough.
        _drop_output()
        return 2
    except OSError as error:
        _drop_output()
        return _could_not(f"{error.filename or 'Standard output'} cannot be used: {error.strerror}.")
    except Exception as error:
        # click's usage errors show themselves; its Abort is a Ctrl-C.
        if type(error).__name__ == "Abort":
            return 130
        show = getattr(error, "show", None)
        if show is None:
            raise
        show()
        return 2


def _open_streams() -> None:
    """What is printed is UTF-8, whatever the locale: JSON and SQL with the escapes of another language are neither."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Half a surrogate pair in a text is no reason to fail; in JSON the escape means the same.
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(errors="backslashreplace")


def _written(code: int) -> int:
    """The code once all that was printed is out; 2 where it cannot be written."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
        return 2
    except OSError as error:
        _drop_output()
        return _could_not(f"Standard output cannot be written: {error.strerror}.")
    return code


def _drop_output() -> None:
    """The interpreter must not try to flush the rest at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _could_not(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2


if __name__ == "__main__":
    main()
