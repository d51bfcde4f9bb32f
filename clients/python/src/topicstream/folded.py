"""The last messages of a topic as they are to be shown."""

from dataclasses import replace

from .model import About, Edit, FoldedMessage, FoldedPage, Message, Reaction

MOST_VALUES = 50
"""The most different values that are kept for one message."""
MOST_USERS = 1_000
"""The most users who are known by their ids for one value."""


class _Users:
    """Those who react with one value: some by their ids, of others only how many."""

    def __init__(self) -> None:
        self.known: dict[str, None] = {}
        self.others = 0
        self.mine = False


class _Entry:
    def __init__(self, message: Message) -> None:
        self.message = message
        self.edit: Edit | None = None
        self.reactions: dict[str, _Users] = {}
        self.replies = 0
        self.last_reply = 0

    def folded(self) -> FoldedMessage:
        return FoldedMessage(
            self.message,
            self.edit,
            tuple(
                Reaction(value, len(users.known) + users.others, tuple(users.known), users.mine)
                for value, users in self.reactions.items()
            ),
            self.replies,
            self.last_reply,
        )


class FoldedMessages:
    """Takes what a subscription hears, and puts edits, reactions and replies with what they are about.

    It knows only what it was told. So it begins with a page that the server has folded (`begin`), or with the
    first message of the topic; what is about an older message changes nothing.
    """

    def __init__(self, most: int, user: str | None) -> None:
        if most < 1:
            raise ValueError(f"at least one message is kept, not {most}")
        self._most = most
        self._user = user
        self._entries: dict[int, _Entry] = {}

    def begin(self, page: FoldedPage) -> None:
        """Takes the messages of a page that are not there yet, with what was said about them up to now.

        A subscription from the page's `next_offset` on tells the rest.
        """
        for folded in page.messages:
            entry = _Entry(folded.message)
            entry.edit, entry.replies, entry.last_reply = folded.edited, folded.replies, folded.last_reply
            for reaction in folded.reactions:
                users = _Users()
                users.known = dict.fromkeys(reaction.users)
                users.others = max(0, reaction.count - len(users.known))
                users.mine = reaction.mine
                if users.mine and self._user is not None and users.others > 0 and self._user not in users.known:
                    users.known[self._user] = None
                    users.others -= 1
                entry.reactions[reaction.value] = users
            self._entries.setdefault(folded.message.offset, entry)
        self._keep_the_last()

    def add(self, message: Message) -> FoldedMessage | None:
        """Takes the next message, and tells what is to be shown anew.

        That is the message itself, or the one that an edit or a reaction is about; `None` where that is not there,
        and where nothing changes.
        """
        about = message.about
        meant = None if about is None else self._entries.get(about.offset)
        if about is not None and about.kind != "reply":
            return meant.folded() if meant is not None and self._changes(meant, about, message) else None
        if meant is not None and message.offset > meant.last_reply:
            meant.replies += 1
            meant.last_reply = message.offset
        entry = _Entry(message)
        self._entries[message.offset] = entry
        self._keep_the_last()
        return entry.folded()

    def get(self, offset: int) -> FoldedMessage | None:
        entry = self._entries.get(offset)
        return None if entry is None else entry.folded()

    def list(self) -> "list[FoldedMessage]":
        """All that are kept, ascending."""
        return [self._entries[offset].folded() for offset in sorted(self._entries)]

    def _keep_the_last(self) -> None:
        for offset in sorted(self._entries)[: -self._most]:
            del self._entries[offset]

    def _changes(self, entry: _Entry, about: About, said: Message) -> bool:
        match about.kind:
            case "edit":
                if entry.message.redacted or (entry.edit is not None and entry.edit.offset >= said.offset):
                    return False
                entry.edit = Edit(said.offset, said.timestamp)
                entry.message = replace(entry.message, payload=said.payload, content_type=said.content_type)
                return True
            case "reaction":
                return self._reacts(entry, about.value, said.sender)
            case _:
                return self._takes_back(entry, about.value, said.sender)

    def _reacts(self, entry: _Entry, value: str | None, who: str | None) -> bool:
        if value is None or who is None or (value not in entry.reactions and len(entry.reactions) == MOST_VALUES):
            return False
        users = entry.reactions.setdefault(value, _Users())
        if who in users.known:
            return False
        if len(users.known) == MOST_USERS:
            users.others += 1
        else:
            users.known[who] = None
        users.mine |= who == self._user
        return True

    def _takes_back(self, entry: _Entry, value: str | None, who: str | None) -> bool:
        users = None if value is None else entry.reactions.get(value)
        if users is None or value is None or who is None:
            return False
        if who in users.known:
            del users.known[who]
        elif users.others == 0:
            return False
        else:
            users.others -= 1
        users.mine &= who != self._user
        if not users.known and users.others == 0:
            del entry.reactions[value]
        return True
