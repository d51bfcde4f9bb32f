package io.topicstream.access;

import io.topicstream.log.LogUnavailableException;
import io.topicstream.log.TopicName;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The last changes of rights, in one record, so that a node sees by one cheap look whether it has missed some.
///
/// ```
/// partition   "rights"
/// key         "changes"
/// value       1 byte   format version, 1
///             8 bytes  number of the last change; the first one is 1
///             2 bytes  how many follow, the oldest first, the last one is that of this number
///             each     1 byte kind (1: OfCredential, 2: OfUser, 3: SignedOut, 4: OfRoom),
///                      2 bytes length, the id or the name of the topic in UTF-8
/// ```
///
/// Numbers are big-endian. A change is noted **when what it speaks of is durable**, and only then is the one who made
/// it answered: so what was answered is found by every later look. It says what to look up, and no more; an entry of
/// a kind that this version does not know makes the reader look at everything. Thread-safe.
final class RightsChanges {
    static final String PARTITION = "rights";
    static final String KEY = "changes";
    /// How many are remembered. Who has missed more looks at everything.
    static final int REMEMBERED = 100;

    private static final byte VERSION = 1;
    private static final byte OF_CREDENTIAL = 1;
    private static final byte OF_USER = 2;
    private static final byte SIGNED_OUT = 3;
    private static final byte OF_ROOM = 4;
    /// Each time somebody else's change came first.
    private static final int MAX_TRIES = 100;

    private static final Tail NONE = new Tail(0, List.of());

    private final StateStore store;

    /// The last changes.
    ///
    /// @param last the number of the last one; 0 where there was none
    /// @param recent up to the last one
    record Tail(long last, List<RightsChange> recent) {
        /// Those after the one with this number; null where they are not all remembered.
        @Nullable
        List<RightsChange> after(long seen) {
            long missed = last - seen;
            return missed < 0 || missed > recent.size()
                    ? null
                    : recent.subList(recent.size() - (int) missed, recent.size());
        }

        private Tail with(RightsChange change) {
            List<RightsChange> more = new ArrayList<>(recent);
            more.add(change);
            return new Tail(last + 1, more.subList(Math.max(0, more.size() - REMEMBERED), more.size()));
        }
    }

    RightsChanges(StateStore store) {
        this.store = store;
    }

    /// What has changed last.
    CompletionStage<Tail> read() {
        return store.get(PARTITION, KEY).thenApply(RightsChanges::decode);
    }

    /// Notes a change that is durable.
    ///
    /// @return its number
    CompletionStage<Long> note(RightsChange change) {
        return note(change, MAX_TRIES);
    }

    private CompletionStage<Long> note(RightsChange change, int tries) {
        if (tries == 0) {
            return CompletableFuture.failedFuture(
                    new LogUnavailableException("too many change the rights of callers at once"));
        }
        return store.get(PARTITION, KEY).thenCompose(record -> {
            Tail tail = decode(record).with(change);
            long version = record == null ? StateStore.ABSENT : record.version();
            return store.put(PARTITION, KEY, encode(tail), version, StateStore.NEVER)
                    .thenCompose(stored ->
                            stored == 0 ? note(change, tries - 1) : CompletableFuture.completedFuture(tail.last()));
        });
    }

    static byte[] encode(Tail tail) {
        List<byte[]> ids = new ArrayList<>();
        int size = 1 + Long.BYTES + Short.BYTES;
        for (RightsChange change : tail.recent()) {
            byte[] id = id(change).getBytes(StandardCharsets.UTF_8);
            ids.add(id);
            size += 1 + Short.BYTES + id.length;
        }
        ByteBuffer out =
                ByteBuffer.allocate(size).put(VERSION).putLong(tail.last()).putShort((short) ids.size());
        for (int i = 0; i < ids.size(); i++) {
            out.put(kind(tail.recent().get(i)))
                    .putShort((short) ids.get(i).length)
                    .put(ids.get(i));
        }
        return out.array();
    }

    /// @throws IllegalStateException if the record is not that of the changes
    static Tail decode(@Nullable StateRecord record) {
        if (record == null) {
            return NONE;
        }
        try {
            ByteBuffer in = ByteBuffer.wrap(record.value());
            byte version = in.get();
            if (version != VERSION) {
                throw new IllegalStateException(
                        "the last changes of rights have the format " + version + ", which this version does not know");
            }
            long last = in.getLong();
            List<RightsChange> recent = new ArrayList<>();
            for (int left = Short.toUnsignedInt(in.getShort()); left > 0; left--) {
                byte kind = in.get();
                byte[] id = new byte[Short.toUnsignedInt(in.getShort())];
                in.get(id);
                recent.add(change(kind, new String(id, StandardCharsets.UTF_8)));
            }
            return new Tail(last, recent);
        } catch (BufferUnderflowException e) {
            throw new IllegalStateException("the record of the last changes of rights is damaged", e);
        }
    }

    private static RightsChange change(byte kind, String id) {
        return switch (kind) {
            case OF_CREDENTIAL -> new RightsChange.OfCredential(id);
            case OF_USER -> new RightsChange.OfUser(id);
            case SIGNED_OUT -> new RightsChange.SignedOut(id);
            case OF_ROOM -> new RightsChange.OfRoom(new TopicName(id));
            default -> new RightsChange.Any();
        };
    }

    private static byte kind(RightsChange change) {
        return switch (change) {
            case RightsChange.OfCredential _ -> OF_CREDENTIAL;
            case RightsChange.OfUser _ -> OF_USER;
            case RightsChange.SignedOut _ -> SIGNED_OUT;
            case RightsChange.OfRoom _ -> OF_ROOM;
            // What a newer version has noted is kept as what an older one understands of it.
            case RightsChange.Any _ -> 0;
        };
    }

    private static String id(RightsChange change) {
        return switch (change) {
            case RightsChange.OfCredential(String id) -> id;
            case RightsChange.OfUser(String user) -> user;
            case RightsChange.SignedOut(String user) -> user;
            case RightsChange.OfRoom(TopicName room) -> room.value();
            case RightsChange.Any() -> "";
        };
    }
}
