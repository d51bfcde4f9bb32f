"""Why something that the client was asked for did not happen."""


class TopicStreamError(Exception):
    """All errors of this client but wrong arguments, which are `ValueError`."""


class Refused(TopicStreamError):
    """The server's answer was an error."""

    def __init__(self, code: str, message: str, retryable: bool = False, next_offset: int | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        """As the protocol names it: `forbidden`, `conflict`, `too_large` …"""
        self.message = message
        self.retryable = retryable
        """Whether the same request may succeed later. A publish is safe to repeat with the same message id."""
        self.next_offset = next_offset
        """Of a `conflict`: the offset that the topic's next message gets."""


class BufferFull(TopicStreamError):
    """The requests that wait for an answer fill the client's buffer. Nothing was sent."""

    def __init__(self, waiting_bytes: int, most_bytes: int) -> None:
        super().__init__(f"{waiting_bytes} bytes wait for the server's answer, at most {most_bytes} may")
        self.waiting_bytes = waiting_bytes


class NotConnected(TopicStreamError):
    """There is no connection, and what was asked for is of no use later."""


class Ended(TopicStreamError):
    """The client has ended: it was closed, or the server wants it not to come back.

    Whether a publish that was under way is stored is not known; publishing it again with the same message id
    stores it once.
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        """The close code (4001 credentials ended, 4003 not allowed), the HTTP status with which the server refused,
        1000 where the application closed the client, or 1006 where the server could not be reached."""
        self.reason = reason
