"""Errors meant for the person at the keyboard: what happened, why, and what to type next."""

from __future__ import annotations


class ReprohrlError(Exception):
    """Base of all errors this package raises on purpose."""


class UserError(ReprohrlError):
    """A mistake the user can mend; the command line prints it as sentences, without a traceback.

    `what` names the value, `why` the reason, `fix` the next step.
    """

    def __init__(self, what: str, *, why: str = "", fix: str = "") -> None:
        self.what, self.why, self.fix = what, why, fix
        super().__init__("; ".join(part for part in (what, why, fix) if part))


class LinkError(UserError):
    """The drone or camera could not be reached, or the link was lost."""


class ModelError(UserError):
    """A model file that does not keep its promises: wrong spec, hash, example or provenance."""
