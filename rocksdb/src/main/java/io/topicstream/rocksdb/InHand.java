package io.topicstream.rocksdb;

import io.topicstream.log.Append;
import org.jspecify.annotations.Nullable;

/// What the writer is deciding about: not in the queue any more, and not yet in the group or parked. So it is answered
/// too where the writer fails over it.
///
/// It is an append, or a command, or nothing: two fields, so that none needs an object around it. Owned by the writer.
final class InHand {
    @Nullable
    Append append;

    @Nullable
    Command command;

    void take(Append next) {
        append = next;
        command = null;
    }

    void take(Command next) {
        append = null;
        command = next;
    }

    void take(Parked next) {
        switch (next) {
            case Parked.Publish publish -> take(publish.append());
            case Command.OfTopic ofTopic -> take((Command) ofTopic);
        }
    }

    void clear() {
        append = null;
        command = null;
    }
}
