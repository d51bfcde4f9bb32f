package io.topicstream.aws.dynamo;

import io.topicstream.aws.s3.Objects.Put;
import io.topicstream.aws.s3.Segment;
import io.topicstream.aws.s3.Segments;
import io.topicstream.log.Batch;
import io.topicstream.log.LogUnavailableException;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Archives one topic after the other, a segment at a time. Several may archive one topic at once, and each may die at
/// any instant: what stands in the table decides.
///
/// 1. The segment is put where none is. It begins at the topic's mark, so all who archive the topic put the same
/// object.
///    Where another one stands there, somebody was here before: if it says the same, it is taken as it is.
/// 2. A row is written that stands for it.
/// 3. The mark moves behind it, on the condition that it stood there and nothing was taken back since the head was
///    read. From now on its messages are read in the segment.
/// 4. Its rows lose their messages, keep their ids, and get an end.
///
/// The newest batch is never archived: its slot would look free one day.
final class Sealing {
    private static final int ROWS_AT_ONCE = 100;
    private static final int MAX_TURNS = 20;

    private final LogRows rows;
    private final Archive archive;
    private final ArchiveOptions options;
    private final InstantSource clock;

    Sealing(LogRows rows, Archive archive, ArchiveOptions options, InstantSource clock) {
        this.rows = rows;
        this.archive = archive;
        this.options = options;
        this.clock = clock;
    }

    /// What is to be archived that does not make a whole segment.
    enum Rest {
        /// Nothing.
        STAYS,
        /// If its oldest message is as old as it may be.
        IF_OLD,
        /// All of it.
        GOES
    }

    /// Archives what is due.
    ///
    /// @return how many segments were sealed
    int seal(String topic, Rest rest) {
        int sealed = 0;
        int turns = 0;
        while (true) {
            View view = rows.view(topic);
            finish(topic, view.head());
            Slot newest = view.newest();
            if (newest == null || !isDue(topic, view, newest, rest)) {
                return sealed;
            }
            if (seal(topic, view, newest, rest == Rest.GOES || rest == Rest.IF_OLD)) {
                sealed++;
                turns = 0;
            } else if (++turns > MAX_TURNS) {
                throw new LogUnavailableException("others change the topic " + topic + " all the time");
            }
        }
    }

    private boolean isDue(String topic, View view, Slot newest, Rest rest) {
        long begin = Math.max(view.archived(), Math.min(view.first(), newest.first()));
        if (newest.first() <= begin || newest.first() - begin >= options.messages()) {
            return newest.first() > begin;
        }
        return switch (rest) {
            case STAYS -> false;
            case GOES -> true;
            case IF_OLD -> {
                Slot oldest = rows.at(topic, begin);
                yield oldest != null && oldest.timestamp() + options.age().toMillis() <= clock.millis();
            }
        };
    }

    /// @return whether a segment was sealed; else the topic is to be looked at again
    private boolean seal(String topic, View seen, Slot newest, boolean takesRest) {
        if (seen.first() > seen.archived()) {
            // What has ended is not archived. Where it ended within a batch, that is.
            Slot begin = rows.at(topic, Math.min(seen.first(), newest.first()));
            if (begin == null) {
                throw TopicSlots.missing(seen.first());
            }
            if (begin.first() > seen.archived()) {
                rows.moveArchived(topic, seen.head(), begin.first());
                return false;
            }
        }
        List<LogRows.Held> held = collect(topic, seen.archived(), newest, Long.MAX_VALUE);
        if (held == null) {
            return false;
        }
        Slot last = held.getLast().slot();
        boolean isRest = last.last() + 1 >= newest.first();
        if (isRest && !takesRest && last.last() - seen.archived() + 1 < options.messages()) {
            // Others have archived the most of it.
            return false;
        }
        held = write(topic, seen, newest, held);
        if (held == null) {
            return false;
        }
        Sealed sealed = new Sealed(held.stream().map(LogRows.Held::slot).toList());
        archive.put(topic, sealed);
        if (!rows.moveArchived(topic, seen.head(), sealed.next())) {
            return false;
        }
        return true;
    }

    /// The batches of the next segment, at least one; null where they are not as they were seen any more.
    ///
    /// @param end where it has to end; [Long#MAX_VALUE] where its size says so
    private @Nullable List<LogRows.Held> collect(String topic, long begin, Slot newest, long end) {
        List<LogRows.Held> all = new ArrayList<>();
        long at = begin;
        while (at < newest.first() && at < end) {
            List<Slot> page = rows.from(topic, at, ROWS_AT_ONCE).slots();
            if (page.isEmpty()) {
                return null;
            }
            for (Slot slot : page) {
                if (at >= newest.first() || at >= end) {
                    break;
                }
                LogRows.Held held = slot.first() == at && !slot.hasEnded() ? rows.held(topic, slot) : null;
                if (held == null || held.slot().hasEnded()) {
                    return null;
                }
                if (end == Long.MAX_VALUE && !all.isEmpty() && !goesWith(all, slot)) {
                    return all;
                }
                all.add(held);
                at = slot.last() + 1;
            }
        }
        return all.isEmpty() ? null : all;
    }

    private boolean goesWith(List<LogRows.Held> all, Slot slot) {
        Slot first = all.getFirst().slot();
        Slot last = all.getLast().slot();
        return slot.epoch() == first.epoch()
                && slot.last() - first.first() < options.messages()
                && last.bytes() - first.bytes() < options.bytes();
    }

    /// Puts the segment.
    ///
    /// @return the batches that it has now; null where the topic is to be looked at again
    private @Nullable List<LogRows.Held> write(String topic, View seen, Slot newest, List<LogRows.Held> held) {
        TopicName name = new TopicName(topic);
        Segments segments = archive.segments();
        Segment ours = segment(held);
        Put put = segments.write(name, ours);
        if (put != Put.OTHER) {
            return held;
        }
        Segment stands = segments.get(name, ours.firstOffset());
        if (stands == null || rows.view(topic).archived() != seen.archived()) {
            return null;
        }
        List<LogRows.Held> same = held;
        if (stands.nextOffset() != ours.nextOffset()) {
            same = collect(topic, seen.archived(), newest, stands.nextOffset());
            if (same == null) {
                return null;
            }
        }
        Segment as = segment(same);
        if (isSame(stands, as)) {
            return segments.change(name, as.firstOffset(), found -> isSame(found, as) ? merged(found, as) : found)
                            == null
                    ? null
                    : same;
        }
        // It is of another life of the table, from before a backup was restored.
        return segments.change(name, ours.firstOffset(), found -> isSame(found, ours) ? merged(found, ours) : ours)
                        == null
                ? null
                : held;
    }

    private static Segment segment(List<LogRows.Held> held) {
        return new Segment(held.stream()
                .map(each -> new Batch(each.slot().epoch(), each.value().messages()))
                .toList());
    }

    /// Whether both are of the same messages, some of which may be taken back in one of them.
    private static boolean isSame(Segment one, Segment other) {
        List<Message> messages = one.messages().toList();
        List<Message> others = other.messages().toList();
        return one.firstOffset() == other.firstOffset()
                && one.nextOffset() == other.nextOffset()
                && one.batches().getFirst().epoch()
                        == other.batches().getFirst().epoch()
                && IntStream.range(0, messages.size()).allMatch(i -> isSame(messages.get(i), others.get(i)));
    }

    private static boolean isSame(Message one, Message other) {
        boolean isTakenBack = one.kind() == Message.Kind.REDACTED || other.kind() == Message.Kind.REDACTED;
        return isTakenBack ? one.timestamp() == other.timestamp() : one.equals(other);
    }

    /// What is taken back in one of them is so in both.
    private static Segment merged(Segment stands, Segment ours) {
        List<Message> others = ours.messages().toList();
        List<Batch> batches = new ArrayList<>();
        for (Batch batch : stands.batches()) {
            List<Message> messages = new ArrayList<>();
            for (Message message : batch.messages()) {
                Message other = others.get(Math.toIntExact(message.offset() - stands.firstOffset()));
                boolean isLess = other.kind() == Message.Kind.REDACTED
                        && (message.kind() != Message.Kind.REDACTED || other.equals(message.redacted(true)));
                messages.add(isLess ? other : message);
            }
            batches.add(new Batch(batch.epoch(), messages));
        }
        return new Segment(batches);
    }

    /// Takes their messages from the rows that were archived, also by somebody who died then.
    private void finish(String topic, Head head) {
        if (head.ending() >= head.archived()) {
            return;
        }
        long endsAtMs = clock.millis() + options.rowsKept().toMillis();
        long at = head.ending();
        while (at < head.archived()) {
            LogRows.Rows page = rows.from(topic, at, ROWS_AT_ONCE);
            for (Slot slot : page.slots()) {
                if (slot.first() >= head.archived()) {
                    break;
                }
                rows.writeOver(topic, slot, endsAtMs);
                at = slot.last() + 1;
            }
            if (page.isWhole()) {
                break;
            }
        }
        rows.moveEnding(topic, head.archived());
    }
}
