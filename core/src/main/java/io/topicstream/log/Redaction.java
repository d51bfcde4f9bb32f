package io.topicstream.log;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is taken back of one topic.
///
/// A message that is taken back keeps its offset, its timestamp, its message id, the connection that
/// published it and from whom it is withheld. Its payload goes, and so do its key and all its headers, the
/// display name too. Where its author is forgotten, all goes but offset and timestamp.
///
/// @param offsets of the messages: 1 to [#MAX_OFFSETS], rising
/// @param forgottenScope null where the authors stay. Else they go, and the message ids too: the engine no longer
///     knows those of this scope ([Append#idScope])
public record Redaction(List<Long> offsets, @Nullable String forgottenScope) {
    /// The most messages that are taken back at once.
    public static final int MAX_OFFSETS = 1_000;

    public Redaction {
        offsets = List.copyOf(offsets);
        if (offsets.isEmpty() || offsets.size() > MAX_OFFSETS) {
            throw new IllegalArgumentException("1 to " + MAX_OFFSETS + " messages are taken back at once");
        }
        for (int i = 1; i < offsets.size(); i++) {
            if (offsets.get(i) <= offsets.get(i - 1)) {
                throw new IllegalArgumentException("the offsets of a redaction rise");
            }
        }
    }

    /// Of one message, whose author stays.
    public static Redaction of(long offset) {
        return new Redaction(List.of(offset), null);
    }

    /// Whether the authors go too.
    public boolean forgetsAuthors() {
        return forgottenScope != null;
    }
}
