"""The error tree: the class of an error says who must act."""


class MatchbeatError(Exception):
    """The root of every error that Matchbeat raises on purpose."""


class Transient(MatchbeatError):
    """A part is away or slow for now: retry the same call later."""


class SourceChanged(MatchbeatError):
    """A source no longer has the structure we read: stop that collector and alert."""


class BadData(MatchbeatError):
    """One record cannot be read: quarantine it and keep the rest."""


class Misconfigured(MatchbeatError):
    """A setting or a declaration is wrong: refuse to start and name it."""
