"""How long to wait before the next attempt."""

from collections.abc import Callable

BASE_MS = 200
CAP_MS = 10_000


class Backoff:
    """Exponential with full jitter: each wait is drawn from 0 to a bound that doubles from the base to the cap.

    So clients that lost a server at one moment do not come back at one moment.
    """

    def __init__(self, random: Callable[[], float], base_ms: int = BASE_MS, cap_ms: int = CAP_MS) -> None:
        self._random = random
        self._base_ms = base_ms
        self._cap_ms = cap_ms
        self._failures = 0

    def next_ms(self) -> int:
        bound = min(self._cap_ms, self._base_ms << min(self._failures, 32))
        self._failures += 1
        return round(self._random() * bound)

    def at_least(self, failures: int) -> None:
        """Makes the next wait at least as long as after so many failures."""
        self._failures = max(self._failures, failures)

    def reset(self) -> None:
        """Begins anew, after a connection that held."""
        self._failures = 0
