"""What a client tells and is told. All immutable."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Json: TypeAlias = Any
"""What `json` reads and writes."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a topic: the last message that was seen. It names one message for ever."""

    epoch: int
    """The life of the log in which the offset holds."""
    offset: int


@dataclass(frozen=True, slots=True)
class Last:
    """Begin with the last `count` messages."""

    count: int


@dataclass(frozen=True, slots=True)
class Since:
    """Begin with the first message at or after a time, in epoch milliseconds."""

    timestamp: int


Start: TypeAlias = Literal["new", "earliest"] | int | Last | Since | Position
"""Where a subscription begins; an `int` is the offset of the first message."""


@dataclass(frozen=True, slots=True)
class About:
    """Which earlier message of the topic a message is about."""

    offset: int
    kind: Literal["reply", "edit", "reaction", "unreaction"]
    value: str | None = None
    """Of reactions, such as an emoji."""


def reply_to(offset: int) -> About:
    """It answers the message."""
    return About(offset, "reply")


def edit_of(offset: int) -> About:
    """It takes the place of the user's own message."""
    return About(offset, "edit")


def reaction_to(offset: int, value: str) -> About:
    """The user reacts with 1 to 64 characters."""
    return About(offset, "reaction", value)


def unreaction_to(offset: int, value: str) -> About:
    """The user takes such a reaction back."""
    return About(offset, "unreaction", value)


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a topic, as it came from the server."""

    topic: str
    epoch: int
    offset: int
    """Its place in the topic: 1, 2, 3 …"""
    timestamp: int
    """When it was stored, in epoch milliseconds."""
    sender: str | None
    """The user who published it."""
    name: str | None
    """By which the user was shown then."""
    payload: Json
    """JSON; a string of base64 where it is `bytes`, and `None` where it is redacted."""
    message_id: str | None = None
    key: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str | None = None
    """What the bytes mean; `None` where the payload is JSON."""
    redacted: bool = False
    about: About | None = None

    @property
    def position(self) -> Position:
        """Where a later subscription goes on behind this message."""
        return Position(self.epoch, self.offset)

    def bytes(self) -> bytes:
        """The payload of a message that has a content type."""
        if self.content_type is None:
            raise ValueError("the message has no content type: its payload is JSON")
        return base64.b64decode(self.payload, validate=True)


@dataclass(frozen=True, slots=True)
class Truncated:
    """What the subscription wanted next is no longer kept; it goes on at `first_offset`."""

    epoch: int
    first_offset: int


@dataclass(frozen=True, slots=True)
class Reset:
    """The log has another life than the one seen: what was seen after `common_offset` is not part of it."""

    epoch: int
    common_offset: int


@dataclass(frozen=True, slots=True)
class Signal:
    """Something that was said to the audience and is not kept."""

    sender: str | None
    payload: Json


@dataclass(frozen=True, slots=True)
class Presence:
    """A user came or went; without `event` only the number is told. It may be lost."""

    event: Literal["join", "leave"] | None
    user: str | None
    name: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """How far a user has come. It may be lost: the next one says how far by then."""

    user: str
    delivered: int | None
    read: int | None


@dataclass(frozen=True, slots=True)
class Redacted:
    """Messages were taken back, perhaps some that were not seen. It may be lost: a new read shows it."""

    offsets: tuple[int, ...]


Event: TypeAlias = Message | Truncated | Reset | Signal | Presence | Receipt | Redacted
"""What a subscription tells."""


@dataclass(frozen=True, slots=True)
class TopicPosition:
    topic: str
    epoch: int
    next_offset: int


@dataclass(frozen=True, slots=True)
class Welcome:
    """The server's greeting."""

    connection_id: str
    user: str | None
    name: str | None
    ping_ms: int
    server_time: int | None
    expires_at: int | None
    """When the credential ends, in epoch milliseconds."""
    subscriptions: tuple[TopicPosition, ...]
    """The user's durable ones."""


@dataclass(frozen=True, slots=True)
class Connected:
    welcome: Welcome


@dataclass(frozen=True, slots=True)
class Waiting:
    """There is no connection; the next attempt comes in `retry_in_ms`."""

    code: int
    reason: str
    retry_in_ms: float


@dataclass(frozen=True, slots=True)
class Closed:
    """The client has ended."""

    code: int
    reason: str


State: TypeAlias = Connected | Waiting | Closed


@dataclass(frozen=True, slots=True)
class Published:
    topic: str
    message_id: str
    epoch: int
    offset: int
    timestamp: int


@dataclass(frozen=True, slots=True)
class Sent:
    topic: str
    """That of the two users."""
    message_id: str
    epoch: int
    offset: int
    timestamp: int
    online: bool
    """Whether the other user has a connection at the moment."""


@dataclass(frozen=True, slots=True)
class Page:
    """Messages of a topic, ascending."""

    messages: tuple[Message, ...]
    epoch: int
    first_offset: int
    next_offset: int


@dataclass(frozen=True, slots=True)
class Edit:
    offset: int
    timestamp: int


@dataclass(frozen=True, slots=True)
class Reaction:
    value: str
    count: int
    """Of users."""
    users: tuple[str, ...]
    """Some of them, those who came first."""
    mine: bool
    """Whether this client's user is one of them."""


@dataclass(frozen=True, slots=True)
class FoldedMessage:
    """A message with what was said about it later."""

    message: Message
    """With the payload of its last edit."""
    edited: Edit | None
    reactions: tuple[Reaction, ...]
    replies: int
    last_reply: int
    """The offset of the last one; 0 without replies."""


@dataclass(frozen=True, slots=True)
class FoldedPage:
    """Messages without edits and reactions; it may have none and not be the last."""

    messages: tuple[FoldedMessage, ...]
    first: int
    """Read on before this."""
    last: int
    """Read on after this, until it is not higher."""
    epoch: int
    first_offset: int
    next_offset: int


@dataclass(frozen=True, slots=True)
class TopicPage:
    topics: tuple[TopicPosition, ...]
    next: str | None
    """The `start_after` of the next page."""


@dataclass(frozen=True, slots=True)
class Member:
    user: str | None
    name: str | None
    connections: int
    since: int


@dataclass(frozen=True, slots=True)
class MemberPage:
    members: tuple[Member, ...]
    count: int
    next: str | None


@dataclass(frozen=True, slots=True)
class OnlineUser:
    user: str
    online: bool
    last_seen: int | None


@dataclass(frozen=True, slots=True)
class Cursor:
    topic: str
    delivered: int
    read: int
    next_offset: int
    unread: int


@dataclass(frozen=True, slots=True)
class CursorPage:
    cursors: tuple[Cursor, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Room:
    topic: str
    title: str | None
    owner: str | None
    created: int | None
    members: int | None = None
    """How many users are in it, where it is listed."""
    presence: str | None = None
    """Its policy, where it has one of its own."""


@dataclass(frozen=True, slots=True)
class RoomPage:
    rooms: tuple[Room, ...]
    next: str | None
