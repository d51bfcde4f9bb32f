package io.topicstream.row;

import io.topicstream.log.About;
import io.topicstream.log.Draft;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/// A short hash of what [io.topicstream.log.RepeatRule] compares of messages. It is stored, so it never changes.
public final class ContentHash64 {
    private ContentHash64() {}

    /// The hash of some consecutive drafts ([Hash64]). Of JSON it is that of the payload alone: so it was stored when
    /// there was nothing else.
    public static long of(List<Draft> drafts, int from, int count) {
        long hash = 0;
        for (int i = from; i < from + count; i++) {
            Draft draft = drafts.get(i);
            hash = switch (draft.kind()) {
                case JSON -> hash;
                case BYTES ->
                    Hash64.then(
                            ~hash, Objects.requireNonNull(draft.contentType()).getBytes(StandardCharsets.UTF_8));
                case REDACTED -> ~hash;
            };
            About about = draft.about();
            if (about != null) {
                // No content type reads like this.
                String meant = about.as().wireName() + ' ' + about.offset() + ' ' + about.value();
                hash = Hash64.then(~hash, meant.getBytes(StandardCharsets.UTF_8));
            }
            hash = Hash64.then(hash, draft.payload());
        }
        return hash;
    }
}
