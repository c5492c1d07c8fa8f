"""Counts and prints checks: one line each, `N passed, M failed` at the end."""
import contextlib
import sys


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    @contextlib.contextmanager
    def that(self, what):
        """Passes if the body runs through. Whatever goes wrong in it is a failure, never a crash."""
        try:
            yield
        except Exception as error:
            self._fail(what, f"{type(error).__name__}: {error}")
        else:
            self._pass(what)

    @contextlib.contextmanager
    def refuses(self, what, refusal):
        """Passes only if the body raises `refusal`. Another exception is a failure: an accident is no refusal."""
        try:
            yield
        except refusal:
            self._pass(what)
        except Exception as error:
            self._fail(what, f"{type(error).__name__}: {error}")
        else:
            self._fail(what, "it was accepted")

    def close(self):
        """The closing line and the exit status. Nothing checked is a failure too."""
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(0 if self.passed and not self.failed else 1)

    def _pass(self, what):
        self.passed += 1
        print(f"ok    {what}")

    def _fail(self, what, why):
        self.failed += 1
        print(f"FAIL  {what}\n      {why}")


def equal(found, expected):
    if found != expected:
        raise AssertionError(f"found {found!r}, expected {expected!r}")
