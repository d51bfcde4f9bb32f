package io.topicstream.aws.s3;

import io.topicstream.aws.s3.Objects.Found;
import io.topicstream.aws.s3.Objects.Listed;
import io.topicstream.aws.s3.Objects.Put;
import io.topicstream.aws.s3.Objects.Stored;
import io.topicstream.log.Direction;
import io.topicstream.log.Extent;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// The segments of topics in a bucket: written once, each beginning where the one before it ends, and read
/// from any offset. What changes later is only what is taken back.
///
/// ## Finding a segment
///
/// A key names the first offset of a segment, a list of S3 only ascends, and what is wanted is the last key
/// at or before an offset. A segment has at most [Segment#MAX_MESSAGES] messages. So it begins less than
/// that before each of them, and who lists from there on comes upon it. Where segments are as large as an
/// archiver makes them, the first [#FEW] names show it and all that a page needs: a read is one list, and
/// one get for each segment that it goes into. Only where messages stand in an object each are there more
/// names; then the next list has a thousand, and a read of up to a thousand messages is three lists at
/// most. Gets of one read are made [Objects#GETS_AT_ONCE] at once.
///
/// What is missing or damaged is a [BadSegmentException], never a shorter answer. Other objects below a
/// topic's prefix are passed over.
///
/// Thread-safe; every method blocks, and throws a [io.topicstream.log.LogUnavailableException] where the
/// bucket cannot be had.
public final class Segments {
    /// How many names are listed at first.
    static final int FEW = 32;

    private final Objects objects;

    public Segments(Objects objects) {
        this.objects = objects;
    }

    /// Writes a segment where none begins at its first offset. Writing it again does no harm.
    ///
    /// @return [Put#OTHER] where another one stands there and stays: one that ends elsewhere, or says
    ///     something else. [#find] shows it
    /// @throws IllegalArgumentException if it could not be read again as it is, such as one with a payload
    ///     that is no JSON; nothing is written then
    public Put write(TopicName topic, Segment segment) {
        long first = segment.firstOffset();
        Stored object = SegmentFormat.encode(topic, segment);
        // The rows that it was made of are deleted because it is there.
        if (!isReadAs(topic, segment, object)) {
            throw new IllegalArgumentException(
                    "messages of " + topic + " from offset " + first + " on would not be read as they are");
        }
        String key = SegmentKey.of(topic, first);
        Put put = objects.putIfAbsent(key, object.bytes(), SegmentFormat.CONTENT_TYPE, object.metadata());
        // Another version may write the same in other words.
        boolean isSame = put == Put.OTHER
                && get(topic, List.of(new Named(first, 0))).getFirst().equals(segment);
        return isSame ? Put.SAME : put;
    }

    /// Changes a segment. Changes by several at once happen one after the other, in some order.
    ///
    /// @param change is given the segment as it stands there, more than once where others change it too
    /// @return the segment as it stands there now; null where none begins at the offset
    public @Nullable Segment change(TopicName topic, long firstOffset, UnaryOperator<Segment> change) {
        String key = SegmentKey.of(topic, firstOffset);
        while (true) {
            Found found = objects.find(key);
            if (found == null) {
                return null;
            }
            Segment stands = SegmentParser.parse(topic, firstOffset, found.stored());
            Segment changed = change.apply(stands);
            if (changed.equals(stands)) {
                return stands;
            }
            Stored object = SegmentFormat.encode(topic, changed);
            if (changed.firstOffset() != firstOffset || !isReadAs(topic, changed, object)) {
                throw new IllegalArgumentException("the segment " + key + " would not be read as it is");
            }
            if (objects.replace(key, found.etag(), object.bytes(), SegmentFormat.CONTENT_TYPE, object.metadata())) {
                return changed;
            }
        }
    }

    /// The segment that begins at the offset; null where none does.
    public @Nullable Segment get(TopicName topic, long firstOffset) {
        Stored object = objects.get(SegmentKey.of(topic, firstOffset));
        return object == null ? null : SegmentParser.parse(topic, firstOffset, object);
    }

    /// What of a topic stands in the bucket, if all of it is segments without a gap: from the first one of the names
    /// to the last. Lists all of them.
    ///
    /// @return null where nothing does
    public @Nullable Extent extent(TopicName topic) {
        String prefix = SegmentKey.prefix(topic);
        String after = "";
        long first = 0;
        long last = 0;
        while (true) {
            List<Listed> page = objects.list(prefix, after, Objects.MOST_PER_CALL);
            for (Listed listed : page) {
                long offset = SegmentKey.firstOffset(topic, listed.key());
                if (offset > 0) {
                    first = first == 0 ? offset : first;
                    last = offset;
                }
            }
            if (page.size() < Objects.MOST_PER_CALL) {
                break;
            }
            after = page.getLast().key();
        }
        if (first == 0) {
            return null;
        }
        Segment newest = get(topic, last);
        if (newest == null) {
            throw missing(topic, last);
        }
        return new Extent(Segment.NO_EPOCH, first, newest.nextOffset());
    }

    /// Deletes the segment that begins at the offset, if there is one.
    public void delete(TopicName topic, long firstOffset) {
        objects.delete(List.of(SegmentKey.of(topic, firstOffset)));
    }

    private static boolean isReadAs(TopicName topic, Segment segment, Stored object) {
        try {
            return SegmentParser.parse(topic, segment.firstOffset(), object).equals(segment);
        } catch (BadSegmentException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /// The segment that holds the offset, which is known to be in the bucket. One list and one get; two
    /// lists where messages stand in an object each.
    public Segment find(TopicName topic, long offset) {
        List<Named> names = names(topic, offset, offset + 1);
        if (names.isEmpty()) {
            throw missing(topic, offset);
        }
        Segment found = get(topic, List.of(names.getLast())).getFirst();
        if (!found.holds(offset)) {
            throw missing(topic, offset);
        }
        return found;
    }

    /// Reads consecutive messages, as [io.topicstream.log.TopicLog#read] does.
    ///
    /// @param kept what of the topic stands in the bucket, all of it; messages outside are not read
    /// @param from forward the first message at or after it comes first, backward the last at or before it
    ///     comes last
    /// @param maxBytes counted by [Message#sizeBytes]; the first message comes whatever its size
    /// @return ascending, whatever the direction
    public List<Message> read(
            TopicName topic, Extent kept, long from, Direction direction, int maxMessages, int maxBytes) {
        Taken taken = new Taken(kept, from, direction, maxMessages, maxBytes);
        while (taken.isOpen()) {
            List<Named> names = names(topic, taken.low(), taken.end());
            readInto(taken, topic, direction == Direction.FORWARD ? names : names.reversed());
        }
        return taken.messages();
    }

    /// Goes through segments in the order of the read until the stretch is done that they were listed for.
    private void readInto(Taken taken, TopicName topic, List<Named> names) {
        int at = taken.firstOf(names);
        long end = taken.stretchEnd();
        while (taken.isOpen() && taken.at() != end) {
            if (at < 0 || at >= names.size()) {
                throw missing(topic, taken.at());
            }
            List<Named> some = taken.nextOf(names, at);
            for (Segment segment : get(topic, some)) {
                if (!segment.holds(taken.at())) {
                    throw missing(topic, taken.at());
                }
                taken.takeFrom(segment, end);
                if (!taken.isOpen() || taken.at() == end) {
                    return;
                }
            }
            at += some.size();
        }
    }

    /// The segments that may hold messages from `low` up to but not including `end`.
    private List<Named> names(TopicName topic, long low, long end) {
        String prefix = SegmentKey.prefix(topic);
        String after = SegmentKey.of(topic, Math.max(0, low - Segment.MAX_MESSAGES));
        List<Named> names = new ArrayList<>();
        int limit = FEW;
        while (true) {
            List<Listed> page = objects.list(prefix, after, limit);
            for (Listed listed : page) {
                long first = SegmentKey.firstOffset(topic, listed.key());
                if (first >= end) {
                    return names;
                }
                if (first > 0) {
                    names.add(new Named(first, listed.bytes()));
                }
            }
            if (page.size() < limit) {
                return names;
            }
            after = page.getLast().key();
            limit = Objects.MOST_PER_CALL;
        }
    }

    private List<Segment> get(TopicName topic, List<Named> names) {
        List<String> keys =
                names.stream().map(name -> SegmentKey.of(topic, name.first())).toList();
        List<@Nullable Stored> stored = objects.getAll(keys);
        List<Segment> segments = new ArrayList<>(stored.size());
        for (int i = 0; i < keys.size(); i++) {
            Stored object = stored.get(i);
            if (object == null) {
                throw new BadSegmentException("the segment " + keys.get(i) + " was listed, and is not there");
            }
            segments.add(SegmentParser.parse(topic, names.get(i).first(), object));
        }
        return segments;
    }

    private static BadSegmentException missing(TopicName topic, long offset) {
        return new BadSegmentException("no segment of the topic " + topic + " holds offset " + offset);
    }

    /// A segment that was listed.
    ///
    /// @param bytes of the object
    record Named(long first, long bytes) {}
}
