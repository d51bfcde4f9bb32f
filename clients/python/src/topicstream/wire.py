"""Frames to text, and text to frames and what they tell. Members that are not known are not looked at."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar

from .model import (
    About,
    Cursor,
    CursorPage,
    Edit,
    FoldedMessage,
    FoldedPage,
    Json,
    Last,
    Member,
    MemberPage,
    Message,
    OnlineUser,
    Page,
    Position,
    Presence,
    Reaction,
    Receipt,
    Room,
    RoomPage,
    Since,
    Start,
    TopicPage,
    TopicPosition,
    Welcome,
)

Frame: TypeAlias = Mapping[str, Any]
T = TypeVar("T")

_TOPIC = re.compile(r"[A-Za-z0-9_:~@+-][A-Za-z0-9._:~@+-]{0,199}")
_KINDS = ("reply", "edit", "reaction", "unreaction")


class BadFrame(Exception):
    """The server said what the protocol does not know."""


def topic_name(topic: str) -> str:
    """The name itself; `ValueError` if it is none."""
    if _TOPIC.fullmatch(topic) is None:
        raise ValueError(f"not a topic's name: {topic!r}")
    return topic


def encode(frame: Frame) -> str:
    """`ValueError` for what cannot be JSON in UTF-8."""
    try:
        text = json.dumps(frame, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except TypeError as e:
        raise ValueError(f"not JSON: {e}") from e
    text.encode()
    return text


def decode(text: str) -> list[Frame]:
    """The frames of one WebSocket message."""
    try:
        value = _loads(text)
    except ValueError as e:
        raise BadFrame(f"not JSON: {e}") from e
    frames = value if isinstance(value, list) else [value]
    for frame in frames:
        if not isinstance(frame, dict):
            raise BadFrame("not an object")
    return frames


def _loads(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except ValueError:
        # An integer of more digits than Python reads. It is JSON all the same, and nobody's messages are to stop by it.
        return json.loads(text, parse_int=_integer)


def _integer(digits: str) -> int | float:
    try:
        return int(digits)
    except ValueError:
        return float(digits)


def size_of(payload: Json) -> int:
    """About how many bytes a payload takes, also one that `encode` would refuse."""
    return len(json.dumps(payload, ensure_ascii=False))


def start_of(start: Start) -> Json:
    match start:
        case Last(count):
            return {"last": count}
        case Since(timestamp):
            return {"time": timestamp}
        case Position(epoch, offset):
            return {"resume": {"epoch": epoch, "offset": offset}}
        case "new" | "earliest":
            return start
        case int() if start >= 0:
            return start
    raise ValueError(f"not where a subscription can begin: {start!r}")


def about_of(about: About) -> Json:
    members: dict[str, Json] = {"offset": about.offset, "as": about.kind}
    if about.value is not None:
        members["value"] = about.value
    return members


# ---- what the server says


def number(frame: Frame, name: str) -> int:
    value = frame.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadFrame(f'no number "{name}"')
    return value


def text(frame: Frame, name: str) -> str:
    value = frame.get(name)
    if not isinstance(value, str):
        raise BadFrame(f'no text "{name}"')
    return value


def optional_number(frame: Frame, name: str) -> int | None:
    return None if frame.get(name) is None else number(frame, name)


def optional_text(frame: Frame, name: str) -> str | None:
    return None if frame.get(name) is None else text(frame, name)


def listed(frame: Frame, name: str, one: Callable[[Frame], T]) -> tuple[T, ...]:
    values = frame.get(name, [])
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise BadFrame(f'"{name}" is no list of objects')
    return tuple(one(value) for value in values)


def _object(frame: Frame, name: str) -> Frame:
    value = frame.get(name)
    if not isinstance(value, dict):
        raise BadFrame(f'"{name}" is no object')
    return value


def message(frame: Frame, topic: str, epoch: int) -> Message:
    if "message" not in frame:
        raise BadFrame("a message without a payload")
    content_type = optional_text(frame, "content_type")
    if content_type is not None and not (frame.get("encoding") == "base64" and isinstance(frame["message"], str)):
        raise BadFrame("bytes that are no base64")
    return Message(
        topic=topic,
        epoch=epoch,
        offset=number(frame, "offset"),
        timestamp=number(frame, "timestamp"),
        sender=optional_text(frame, "from"),
        name=optional_text(frame, "name"),
        payload=frame["message"],
        message_id=optional_text(frame, "message_id"),
        key=optional_text(frame, "key"),
        headers=_headers(frame),
        content_type=content_type,
        redacted=frame.get("redacted") is True,
        about=_about(frame.get("about")),
    )


def _headers(frame: Frame) -> Mapping[str, str]:
    headers = frame.get("headers", {})
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        raise BadFrame("headers that are no object of strings")
    return headers


def _about(value: Any) -> About | None:
    """What a later version says, and this one does not know, counts as nothing."""
    if not isinstance(value, dict) or value.get("as") not in _KINDS or not isinstance(value.get("offset"), int):
        return None
    return About(value["offset"], value["as"], value.get("value"))


def offsets(frame: Frame) -> tuple[int, ...]:
    values = frame.get("offsets")
    if not isinstance(values, list) or not values or not all(isinstance(value, int) for value in values):
        raise BadFrame("a redaction of nothing")
    return tuple(values)


def presence(frame: Frame) -> Presence:
    event = frame.get("event")
    return Presence(
        event if event in ("join", "leave") else None,
        optional_text(frame, "user"),
        optional_text(frame, "name"),
        number(frame, "count"),
    )


def receipt(frame: Frame) -> Receipt:
    return Receipt(text(frame, "user"), optional_number(frame, "delivered"), optional_number(frame, "read"))


def _topic_position(frame: Frame) -> TopicPosition:
    return TopicPosition(text(frame, "topic"), number(frame, "epoch"), number(frame, "next_offset"))


def welcome(frame: Frame, more: tuple[TopicPosition, ...] = ()) -> Welcome:
    return Welcome(
        connection_id=text(frame, "connection_id"),
        user=optional_text(frame, "user"),
        name=optional_text(frame, "name"),
        ping_ms=number(frame, "ping_ms"),
        server_time=optional_number(frame, "server_time"),
        expires_at=optional_number(frame, "expires_at"),
        subscriptions=subscriptions(frame) + more,
    )


def subscriptions(frame: Frame) -> tuple[TopicPosition, ...]:
    return listed(frame, "subscriptions", _topic_position)


# ---- answers


def page(reply: Frame) -> Page:
    topic, epoch = text(reply, "topic"), number(reply, "epoch")
    return Page(
        listed(reply, "messages", lambda one: message(one, topic, epoch)),
        epoch,
        number(reply, "first_offset"),
        number(reply, "next_offset"),
    )


def folded_page(reply: Frame) -> FoldedPage:
    topic, epoch = text(reply, "topic"), number(reply, "epoch")
    covers = _object(reply, "covers")
    return FoldedPage(
        listed(reply, "messages", lambda one: _folded(one, topic, epoch)),
        number(covers, "first"),
        number(covers, "last"),
        epoch,
        number(reply, "first_offset"),
        number(reply, "next_offset"),
    )


def _folded(frame: Frame, topic: str, epoch: int) -> FoldedMessage:
    edited = _object(frame, "edited") if "edited" in frame else None
    replies = _object(frame, "replies") if "replies" in frame else None
    return FoldedMessage(
        message(frame, topic, epoch),
        None if edited is None else Edit(number(edited, "offset"), number(edited, "timestamp")),
        listed(frame, "reactions", _reaction),
        0 if replies is None else number(replies, "count"),
        0 if replies is None else number(replies, "last_offset"),
    )


def _reaction(frame: Frame) -> Reaction:
    users = frame.get("users", [])
    if not isinstance(users, list):
        raise BadFrame('"users" is no list')
    return Reaction(
        text(frame, "value"),
        number(frame, "count"),
        tuple(user for user in users if isinstance(user, str)),
        frame.get("mine") is True,
    )


def topic_page(reply: Frame) -> TopicPage:
    return TopicPage(listed(reply, "topics", _topic_position), optional_text(reply, "next"))


def member_page(reply: Frame) -> MemberPage:
    def one(frame: Frame) -> Member:
        return Member(
            optional_text(frame, "user"),
            optional_text(frame, "name"),
            number(frame, "connections"),
            number(frame, "since"),
        )

    return MemberPage(listed(reply, "members", one), number(reply, "count"), optional_text(reply, "next"))


def online_users(reply: Frame) -> tuple[OnlineUser, ...]:
    def one(frame: Frame) -> OnlineUser:
        return OnlineUser(text(frame, "user"), frame.get("online") is True, optional_number(frame, "last_seen"))

    return listed(reply, "users", one)


def cursor_page(reply: Frame) -> CursorPage:
    def one(frame: Frame) -> Cursor:
        return Cursor(
            text(frame, "topic"),
            number(frame, "delivered"),
            number(frame, "read"),
            number(frame, "next_offset"),
            number(frame, "unread"),
        )

    return CursorPage(listed(reply, "cursors", one), optional_text(reply, "next"))


def room(frame: Frame) -> Room:
    policy = frame.get("policy")
    presence = optional_text(policy, "presence") if isinstance(policy, dict) else None
    return Room(
        text(frame, "topic"),
        optional_text(frame, "title"),
        optional_text(frame, "owner"),
        optional_number(frame, "created"),
        optional_number(frame, "members"),
        presence,
    )


def room_page(reply: Frame) -> RoomPage:
    return RoomPage(listed(reply, "rooms", room), optional_text(reply, "next"))
