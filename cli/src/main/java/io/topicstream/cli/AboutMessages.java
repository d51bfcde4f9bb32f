package io.topicstream.cli;

import io.topicstream.client.FoldedMessage;
import io.topicstream.client.FoldedMessages;
import io.topicstream.client.PublishOptions;
import io.topicstream.client.ReceivedMessage;
import io.topicstream.log.About;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The last messages of a room, for those that are about one of them: which one somebody means who names it
/// by its number or not at all, and the lines by which edits and reactions are told. A message's number is
/// its offset. Guarded by the chat's monitor.
final class AboutMessages {
    /// How many messages of a room are known.
    private static final int KEPT = 500;
    /// How much is said of a message that is replied to.
    private static final int EXCERPT = 30;

    private static final Pattern NUMBERED = Pattern.compile("#(\\d{1,18})(?:\\s+(.*))?", Pattern.DOTALL);

    private final @Nullable String me;
    private final FoldedMessages kept;

    /// @param me this user's id, or null
    AboutMessages(@Nullable String me) {
        this.me = me;
        this.kept = new FoldedMessages(KEPT, me);
    }

    /// What was typed behind a command.
    ///
    /// @param offset of the message that is named; 0 for none
    record Typing(long offset, String text) {
        static Typing of(String rest) {
            Matcher numbered = NUMBERED.matcher(rest);
            return numbered.matches()
                    ? new Typing(
                            Long.parseLong(numbered.group(1)),
                            numbered.group(2) == null ? "" : numbered.group(2).strip())
                    : new Typing(0, rest);
        }
    }

    void add(ReceivedMessage message) {
        var _ = kept.add(message);
    }

    PublishOptions editing(Typing typing) {
        return PublishOptions.DEFAULT.editing(meant(typing, this::isMine, "you have said nothing here"));
    }

    PublishOptions replying(Typing typing) {
        return PublishOptions.DEFAULT.replyingTo(meant(typing, said -> !isMine(said), "nobody else has said anything"));
    }

    /// A reaction, or what takes it back where it is known to be there.
    PublishOptions reacting(Typing typing) {
        long offset = meant(typing, said -> !isMine(said), "nobody else has said anything");
        FoldedMessage message = kept.get(offset);
        boolean isThere = message != null
                && message.reactions().stream()
                        .anyMatch(each -> each.mine() && each.value().equals(typing.text()));
        return isThere
                ? PublishOptions.DEFAULT.takingBack(offset, typing.text())
                : PublishOptions.DEFAULT.reactingTo(offset, typing.text());
    }

    private boolean isMine(FoldedMessage message) {
        return me != null && me.equals(message.message().from());
    }

    private long meant(Typing typing, Predicate<FoldedMessage> wanted, String otherwise) {
        if (typing.offset() > 0) {
            return typing.offset();
        }
        for (FoldedMessage message : kept.list().reversed()) {
            if (wanted.test(message)) {
                return message.message().offset();
            }
        }
        throw new IllegalStateException(otherwise + "; name a message by its number, such as #12: /history shows them");
    }

    /// What is said of a message that only changes another one, or null where it has something to say
    /// itself.
    ///
    /// @param which message it is about, for people
    /// @param who safe to show
    /// @param text what it says, safe to show
    static @Nullable ChatLine line(ReceivedMessage message, String which, String who, String text) {
        About about = message.about();
        if (about == null) {
            return null;
        }
        String value = about.value() == null ? "" : TerminalText.line(about.value());
        return switch (about.as()) {
            case REPLY -> null;
            case EDIT -> ChatLine.notice(who + " edited " + which + ": " + text);
            case REACTION -> ChatLine.notice(who + " reacts to " + which + " with " + value);
            case UNREACTION -> ChatLine.notice(who + " takes back " + value + " on " + which);
        };
    }

    /// What stands in front of a reply: to whom and to what; nothing for another message.
    String answered(ReceivedMessage message, ChatText texts) {
        About about = message.about();
        if (about == null || about.as() != About.As.REPLY) {
            return "";
        }
        FoldedMessage meant = kept.get(about.offset());
        if (meant == null) {
            return "(to #" + about.offset() + ") ";
        }
        String said = texts.of(meant.message());
        boolean isLong = said.codePointCount(0, said.length()) > EXCERPT;
        String excerpt = isLong ? said.substring(0, said.offsetByCodePoints(0, EXCERPT)) + "…" : said;
        return "(to " + Chat.shown(meant.message().from(), meant.message().name()) + ": " + excerpt + ") ";
    }

    /// What stands behind a message in the history: that it was edited, and its reactions.
    static String marks(FoldedMessage message) {
        List<FoldedMessage.Reaction> reactions = message.reactions();
        return (message.edited() == null ? "" : " (edited)")
                + (reactions.isEmpty()
                        ? ""
                        : reactions.stream()
                                .map(each -> TerminalText.line(each.value()) + " " + each.count())
                                .collect(Collectors.joining(", ", " [", "]")));
    }
}
