"""Health: whether the parts that Assay depends on answer."""

from collections.abc import Callable

from attrs import define

from chalicelib.errors import Unavailable
from chalicelib.uploads.read_models import Health

HEALTH_SECONDS = 5
"""How long a result is reused: requests for it need no credentials, and must not load the database."""


@define(kw_only=True)
class HealthCheck:
    """Asks the database by `ping`, at most once in `HEALTH_SECONDS`; `clock` returns seconds."""

    ping: Callable[[], None]
    clock: Callable[[], float]
    _result: Health | Unavailable | None = None
    _checked_at: float = 0.0

    def check(self) -> Health:
        """Return that all is well; raises DatabaseUnavailable."""
        if self._result is None or self.clock() - self._checked_at >= HEALTH_SECONDS:
            self._result = self._asked()
            self._checked_at = self.clock()
        if isinstance(self._result, Unavailable):
            raise self._result.with_traceback(None)
        return self._result

    def _asked(self) -> Health | Unavailable:
        try:
            self.ping()
        except Unavailable as error:
            return error
        return Health(status="ok", database="ok")
