package io.topicstream.aws.dynamo;

import io.topicstream.log.Append;
import io.topicstream.log.ContentHash;
import io.topicstream.log.Details;
import io.topicstream.log.Draft;
import io.topicstream.log.Message;
import io.topicstream.log.RepeatRule;
import io.topicstream.migration.KnownId;
import io.topicstream.row.BadRowException;
import io.topicstream.row.Bytes;
import io.topicstream.row.ContentHash64;
import io.topicstream.row.MessageRow;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The messages of a batch as bytes, and which appends they came with.
///
/// ```
/// value    format version 1 (1) | appends varint, appends × (messages varint, scope of its ids text)
///          | ids varint, ids × (index of its message varint, messages varint, hash 16) | messages, each as in
/// [MessageRow]
///       or format version 1 (2), the same with ids × (… messages varint, length of the hash 1, hash)
/// ```
///
/// The second version is of batches that came out of another engine with hashes of its own, of 8 bytes.
///
/// The scope is there where the append has message ids, so that an id can be looked for in the batch itself. What
/// an id stands for is there where it can no longer be seen: a message of its append was taken back, or has ended.
///
/// @param messages in order; of a batch that has ended they are taken back
/// @param parts one for each append, in order
/// @param stood what an id stood for, by the index of its message
record BatchValue(List<Message> messages, List<Part> parts, Map<Integer, Stood> stood) {
    private static final byte VERSION = 1;
    private static final byte SHORT_HASHES = 2;
    private static final int HASH_BYTES = 16;
    private static final int PART_BYTES = 10;
    private static final byte[] NOTHING = {};

    /// What came with one append.
    ///
    /// @param scope null where no message has an id
    record Part(int count, @Nullable String scope) {}

    /// What an id stood for.
    ///
    /// @param count of messages
    record Stood(int count, byte[] hash) {}

    /// No fewer bytes than an append takes.
    static int maxBytes(Append append) {
        long bytes = (long) PART_BYTES + Bytes.maxTextBytes(append.idScope());
        for (Draft draft : append.drafts()) {
            bytes += MessageRow.maxBytes(append.from(), draft.messageId(), draft.details(), draft.payload());
        }
        return Math.toIntExact(bytes);
    }

    /// What the appends become.
    static BatchValue of(List<Append> appends, long first, long timestamp) {
        List<Message> messages = new ArrayList<>();
        List<Part> parts = new ArrayList<>();
        long offset = first;
        for (Append append : appends) {
            for (Draft draft : append.drafts()) {
                messages.add(new Message(
                        offset++, timestamp, append.from(), draft.messageId(), draft.payload(), draft.details()));
            }
            parts.add(new Part(append.drafts().size(), RepeatRule.hasId(append) ? append.idScope() : null));
        }
        return new BatchValue(messages, parts, Map.of());
    }

    /// What came out of another engine: each id stands for what that one says.
    static BatchValue of(List<Message> messages, List<KnownId> ids) {
        long first = messages.getFirst().offset();
        Map<Integer, KnownId> known = new TreeMap<>();
        ids.forEach(id -> known.put(Math.toIntExact(id.offset() - first), id));
        Map<Integer, Stood> stood = new HashMap<>();
        List<Part> parts = new ArrayList<>();
        int at = 0;
        for (Map.Entry<Integer, KnownId> each : known.entrySet()) {
            KnownId id = each.getValue();
            stood.put(each.getKey(), new Stood(id.count(), HexFormat.of().parseHex(id.contents())));
            if (each.getKey() > at) {
                parts.add(new Part(each.getKey() - at, null));
            }
            parts.add(new Part(1, id.scope()));
            at = each.getKey() + 1;
        }
        if (at < messages.size()) {
            parts.add(new Part(messages.size() - at, null));
        }
        return new BatchValue(messages, parts, stood);
    }

    /// The ids that are in it, for another engine.
    List<KnownId> ids(Slot slot) {
        List<KnownId> ids = new ArrayList<>();
        int index = 0;
        for (Part part : parts) {
            int end = index + part.count();
            String scope = part.scope();
            for (int i = index; i < end && scope != null; i++) {
                String messageId = messages.get(i).messageId();
                if (messageId != null) {
                    Stood id = stoodAt(i, end);
                    String contents = HexFormat.of().formatHex(id.hash());
                    ids.add(new KnownId(
                            slot.first() + i, slot.epoch(), slot.timestamp(), id.count(), contents, scope, messageId));
                }
            }
            index = end;
        }
        return ids;
    }

    byte[] toBytes() {
        boolean hasShortHashes = stood.values().stream().anyMatch(id -> id.hash().length != HASH_BYTES);
        int most = 1 + 2 * PART_BYTES + stood.size() * (PART_BYTES + 1 + HASH_BYTES);
        for (Part part : parts) {
            most += PART_BYTES + Bytes.maxTextBytes(part.scope());
        }
        for (Message message : messages) {
            most += MessageRow.maxBytes(message.from(), message.messageId(), message.details(), message.payload());
        }
        ByteBuffer to = ByteBuffer.allocate(most);
        to.put(hasShortHashes ? SHORT_HASHES : VERSION);
        Bytes.putVarint(to, parts.size());
        for (Part part : parts) {
            Bytes.putVarint(to, part.count());
            Bytes.putText(to, part.scope());
        }
        Bytes.putVarint(to, stood.size());
        stood.forEach((index, id) -> {
            Bytes.putVarint(to, index);
            Bytes.putVarint(to, id.count());
            if (hasShortHashes) {
                to.put((byte) id.hash().length);
            }
            to.put(id.hash());
        });
        for (Message message : messages) {
            MessageRow.put(to, message.from(), message.messageId(), message.details(), message.payload());
        }
        return Arrays.copyOf(to.array(), to.position());
    }

    static BatchValue of(Slot slot, byte[] value) {
        ByteBuffer from = ByteBuffer.wrap(value);
        try {
            byte version = from.get();
            if (version != VERSION && version != SHORT_HASHES) {
                throw new BadRowException(
                        "it has the format version " + version + ", which this version does not know");
            }
            List<Part> parts = new ArrayList<>();
            int count = 0;
            for (int left = Bytes.getVarint(from); left > 0; left--) {
                Part part = new Part(Bytes.getVarint(from), Bytes.getText(from));
                parts.add(part);
                count += part.count();
            }
            if (count != slot.count()) {
                throw new BadRowException("it has " + count + " messages and says " + slot.count());
            }
            Map<Integer, Stood> stood = new HashMap<>();
            for (int left = Bytes.getVarint(from); left > 0; left--) {
                int index = Bytes.getVarint(from);
                int standsFor = Bytes.getVarint(from);
                int hashBytes = version == SHORT_HASHES ? from.get() : HASH_BYTES;
                stood.put(index, new Stood(standsFor, Bytes.getBytes(from, hashBytes)));
            }
            List<Message> messages = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                messages.add(MessageRow.get(from, slot.first() + i, slot.timestamp()));
            }
            if (from.hasRemaining()) {
                throw new BadRowException("something follows its last message");
            }
            return new BatchValue(messages, parts, stood);
        } catch (BufferUnderflowException | IllegalArgumentException | BadRowException e) {
            throw new BadRowException("the batch at offset " + slot.first() + " cannot be read: " + e.getMessage(), e);
        }
    }

    /// What an id stands for in this batch; null where it is not in it.
    @Nullable
    Known known(Slot slot, String scope, String messageId) {
        int index = 0;
        for (Part part : parts) {
            int end = index + part.count();
            if (scope.equals(part.scope())) {
                for (int i = index; i < end; i++) {
                    if (messageId.equals(messages.get(i).messageId())) {
                        Stood id = stoodAt(i, end);
                        return new Known(slot.epoch(), slot.first() + i, slot.timestamp(), id.count(), id.hash());
                    }
                }
            }
            index = end;
        }
        return null;
    }

    /// What the id of a message stands for: the message, and those behind it in the append that have none.
    private Stood stoodAt(int index, int end) {
        Stood known = stood.get(index);
        if (known != null) {
            return known;
        }
        int after = index + 1;
        while (after < end && messages.get(after).messageId() == null) {
            after++;
        }
        int count = after - index;
        return new Stood(count, ContentHash.of(draftsAt(index, count), 0, count));
    }

    private List<Draft> draftsAt(int index, int count) {
        return messages.subList(index, index + count).stream()
                .map(message -> new Draft(message.payload(), message.messageId(), message.details()))
                .toList();
    }

    /// The same with some messages taken back; what their ids stood for stays known.
    BatchValue redacted(Collection<Integer> indexes, boolean forgetsAuthors) {
        Map<Integer, Stood> kept = new HashMap<>(stood);
        List<Message> changed = new ArrayList<>(messages);
        int begin = 0;
        for (Part part : parts) {
            int end = begin + part.count();
            int from = begin;
            if (indexes.stream().anyMatch(index -> index >= from && index < end)) {
                for (int i = begin; i < end; i++) {
                    if (messages.get(i).messageId() != null) {
                        kept.put(i, stoodAt(i, end));
                    }
                }
            }
            begin = end;
        }
        for (int index : indexes) {
            changed.set(index, messages.get(index).redacted(forgetsAuthors));
            if (forgetsAuthors) {
                kept.remove(index);
            }
        }
        return new BatchValue(List.copyOf(changed), forgetsAuthors ? withoutEmptyScopes(changed) : parts, kept);
    }

    /// A scope names an author; where no id is left it is not needed.
    private List<Part> withoutEmptyScopes(List<Message> left) {
        List<Part> changed = new ArrayList<>();
        int begin = 0;
        for (Part part : parts) {
            int end = begin + part.count();
            boolean hasIds = left.subList(begin, end).stream().anyMatch(message -> message.messageId() != null);
            changed.add(hasIds ? part : new Part(part.count(), null));
            begin = end;
        }
        return changed;
    }

    /// What is left when its messages have ended: what tells a repeat.
    BatchValue ended() {
        List<Integer> all = IntStream.range(0, messages.size()).boxed().toList();
        List<Message> bare = messages.stream()
                .map(message -> new Message(
                        message.offset(), message.timestamp(), null, message.messageId(), NOTHING, Details.REDACTED))
                .toList();
        return new BatchValue(bare, parts, redacted(all, false).stood);
    }

    /// What is known of an id.
    record Known(long epoch, long offset, long timestamp, int count, byte[] hash) implements RepeatRule.Known {
        @Override
        public boolean isOf(List<Draft> drafts, int from) {
            return hash.length == Long.BYTES
                    ? ByteBuffer.wrap(hash).getLong() == ContentHash64.of(drafts, from, count)
                    : Arrays.equals(hash, ContentHash.of(drafts, from, count));
        }
    }
}
