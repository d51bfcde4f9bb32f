package io.topicstream.command;

import io.topicstream.log.About;
import io.topicstream.log.Message;
import io.topicstream.protocol.Folded;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One message, and what was said about it so far. Used by one thread at a time.
final class Fold {
    private final Message message;
    /// Of each value those who react with it, in the order in which they came.
    private final Map<String, Set<String>> reactions = new LinkedHashMap<>();

    private @Nullable Message edit;
    private int replies;
    private long lastReply;

    Fold(Message message) {
        this.message = message;
    }

    long offset() {
        return message.offset();
    }

    /// Takes what was said about it, in the order of the log. What is not about it, or was taken away, is
    /// nothing.
    void add(Message said) {
        About about = said.about();
        if (about == null || about.offset() != message.offset()) {
            return;
        }
        switch (about.as()) {
            case REPLY -> {
                replies++;
                lastReply = said.offset();
            }
            case EDIT -> edit = said;
            case REACTION -> {
                if (about.value() != null && said.from() != null) {
                    reactions
                            .computeIfAbsent(about.value(), any -> new LinkedHashSet<>())
                            .add(said.from());
                }
            }
            case UNREACTION -> {
                Set<String> users = reactions.get(about.value());
                if (users != null && users.remove(said.from()) && users.isEmpty()) {
                    reactions.remove(about.value());
                }
            }
        }
    }

    /// What came of it.
    ///
    /// @param user who asks, or null
    Folded folded(@Nullable String user) {
        List<Folded.Reaction> told = new ArrayList<>();
        int named = 0;
        for (Map.Entry<String, Set<String>> each : reactions.entrySet()) {
            if (told.size() == Folded.MAX_REACTIONS) {
                break;
            }
            int most = Math.min(Folded.MAX_USERS, Folded.MAX_USERS_OF_ALL - named);
            List<String> users = each.getValue().stream().limit(most).toList();
            named += users.size();
            told.add(new Folded.Reaction(
                    each.getKey(),
                    each.getValue().size(),
                    users,
                    user != null && each.getValue().contains(user)));
        }
        Message last = message.kind() == Message.Kind.REDACTED ? null : edit;
        return new Folded(
                last == null ? message : message.saying(last),
                last == null ? null : new Folded.Edit(last.offset(), last.timestamp()),
                told,
                replies == 0 ? null : new Folded.Replies(replies, lastReply));
    }
}
