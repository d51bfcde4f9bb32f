package io.topicstream.tail;

import io.topicstream.log.Backoff;
import io.topicstream.log.Batch;
import io.topicstream.log.Deadlines;
import io.topicstream.log.Direction;
import io.topicstream.log.Extent;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.Timers;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.signal.Following;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A reader of one topic that remembers how far it is: its place is a record, and who opens it again
/// goes on from there. So each message is read at least once, in order. Owned by one thread.
///
/// ## How it reads
///
/// The log is the source, and following the topic only wakes it: a batch that the feed tells of is read
/// from the log like any other. Where a wake-up is lost, it is found by looking at the topic's extent now
/// and then. It reads when its [Reader] asks it to, so the reader says how many pages are in memory.
///
/// ## Its place
///
/// The reader says with [#advance] what it is done with. That is stored with one write under way at a
/// time, so a fast reader is stored less often than it advances; after a crash it reads some messages
/// again. A write holds only for the record that was read: if another has written, since it runs this
/// tail now or since somebody has moved it, this one stops ([Reader#onDisplaced]).
///
/// ## What may happen to the log
///
/// Where messages were trimmed before they were read it goes on with the first that is kept, and counts
/// them ([#missed]). In another life of the log a place may be beyond what is common to both: then it
/// goes back to the last common message ([#resets]).
public final class Tail {
    /// How often it looks at the topic's extent where nobody else does, in milliseconds.
    public static final long LOOK_MS = 1_000;

    private static final System.Logger LOGGER = System.getLogger(Tail.class.getName());

    private final Source source;
    private final TopicName topic;
    private final Start start;
    private final Reader reader;
    private final Ear ear;

    private long version = StateStore.ABSENT;
    private long epoch = Place.ANY_EPOCH;
    private long next;
    private long missed;
    private long readBefore;
    private long resets;
    private long end;

    private boolean opened;
    private boolean resumed;
    private boolean ended;
    private boolean ready;
    private boolean hinted;
    private boolean reading;
    private boolean stored = true;
    private boolean storing;
    private int failures;
    private @Nullable Runnable whenStored;

    /// What all tails of one thread have in common.
    ///
    /// @param places where their places are stored
    /// @param partition of the places; the key of one is its topic's name
    /// @param lookMs how often each looks at its topic's extent; 0: somebody else does, and says so with
    ///     [#look]
    /// @param random how long to wait is drawn from it
    public record Source(
            TopicLog log,
            StateStore places,
            String partition,
            Following.Source following,
            Deadlines deadlines,
            Timers timers,
            RandomGenerator random,
            long lookMs) {}

    /// Where a tail begins that has no place yet.
    @FunctionalInterface
    public interface Start {
        /// The first offset to read.
        CompletionStage<Long> offset(TopicLog log, TopicName topic);

        /// At the first message that is kept.
        static Start first() {
            return (log, topic) -> log.extent(topic).thenApply(Extent::firstOffset);
        }

        /// After the last message.
        static Start next() {
            return (log, topic) -> log.extent(topic).thenApply(Extent::nextOffset);
        }

        /// At the first message of a time or later.
        ///
        /// @param timestamp epoch milliseconds
        static Start since(long timestamp) {
            return (log, topic) -> log.offsetAt(topic, timestamp);
        }
    }

    /// Who reads, on the thread.
    public interface Reader {
        /// There may be something to read, where [#isReady] said that there was not. May be called from
        /// within [#begin].
        void onReady();

        /// The answer to [#read].
        ///
        /// @param messages that follow each other, from the place on; none where nothing is there, or
        ///     where the log did not answer, which it is asked again later
        void onRead(long epoch, List<Message> messages);

        /// Messages were trimmed before they were read; what is kept after them comes with [#onRead].
        ///
        /// @param from the first of them
        /// @param to the first that is kept
        void onMissed(long from, long to);

        /// Somebody else has written its place; it has ended.
        void onDisplaced();
    }

    /// One that has not begun.
    public Tail(Source source, TopicName topic, Start start, Reader reader) {
        this.source = source;
        this.topic = topic;
        this.start = start;
        this.reader = reader;
        this.ear = new Ear(source.following, topic);
    }

    public TopicName topic() {
        return topic;
    }

    /// Reads its place and begins to follow. Called once.
    public void begin() {
        open();
    }

    /// Ends it. What was advanced is stored all the same.
    public void end() {
        if (!ended) {
            ended = true;
            if (opened) {
                ear.end();
            }
        }
    }

    /// Runs the task when all that was advanced is stored, or never will be; at once where it is.
    public void whenStored(Runnable task) {
        if (storing || (!stored && !ended)) {
            whenStored = task;
        } else {
            task.run();
        }
    }

    /// Whether there may be something to read.
    public boolean isReady() {
        return ready && !ended;
    }

    /// The offset that is wanted next; 0 while its place is not known.
    public long next() {
        return next;
    }

    /// The life of the log in which it reads; [Place#ANY_EPOCH] before the first page.
    public long epoch() {
        return epoch;
    }

    /// How many messages are behind its place and not read, as far as it knows.
    public long lag() {
        return opened ? Math.max(0, end - next) : 0;
    }

    /// How many messages were trimmed before they were read, in all its life.
    public long missed() {
        return missed;
    }

    /// Whether it went on from a place that was stored: then its first messages may have been read
    /// before.
    public boolean isResumed() {
        return resumed;
    }

    /// Messages below this offset may have been read before, since its place was moved back; 0 where it
    /// was not.
    public long readBefore() {
        return readBefore;
    }

    /// How often it had to go back since it began, because the log had another life.
    public long resets() {
        return resets;
    }

    // ---- opening

    private void open() {
        if (ended) {
            return;
        }
        source.deadlines.within(source.places.get(source.partition, topic.value()), (record, failure) -> {
            if (failure != null) {
                later(this::open, failure);
            } else if (!ended) {
                onRecord(record);
            }
        });
    }

    private void onRecord(@Nullable StateRecord record) {
        Place place = Place.of(record);
        if (place != null && record != null) {
            version = record.version();
            epoch = place.epoch();
            missed = place.missed();
            readBefore = place.readBefore();
            resumed = true;
            onPlace(place.next());
            return;
        }
        source.deadlines.within(start.offset(source.log, topic), (offset, failure) -> {
            if (offset == null) {
                later(this::open, failure);
            } else if (!ended) {
                make(offset);
            }
        });
    }

    /// Its first place is stored before anything is read, so that who comes after it knows that it
    /// has read.
    private void make(long offset) {
        byte[] value = Place.at(offset).encode();
        source.deadlines.within(
                source.places.put(source.partition, topic.value(), value, StateStore.ABSENT, StateStore.NEVER),
                (put, failure) -> {
                    if (put == null || put == 0) {
                        // It may be there by now, from this one or another.
                        later(this::open, failure);
                    } else if (!ended) {
                        version = put;
                        onPlace(offset);
                    }
                });
    }

    private void onPlace(long offset) {
        failures = 0;
        next = offset;
        end = offset;
        opened = true;
        ear.begin();
        if (source.lookMs > 0) {
            source.timers.schedule(this::lookItself, source.lookMs);
        }
        wake();
    }

    private void later(Runnable task, @Nullable Throwable failure) {
        failures++;
        LOGGER.log(System.Logger.Level.DEBUG, () -> "the tail of " + topic + " waits", failure);
        source.timers.schedule(task, Backoff.delayMs(failures, source.random));
    }

    // ---- being woken

    /// Tells it how far its topic is.
    public void look(Extent extent) {
        end = Math.max(end, extent.nextOffset());
        if (opened && !ended && (extent.nextOffset() > next || isOther(extent.epoch()))) {
            wake();
        }
    }

    private boolean isOther(long life) {
        return epoch != Place.ANY_EPOCH && epoch != life;
    }

    private void lookItself() {
        if (ended) {
            return;
        }
        if (ready) {
            source.timers.schedule(this::lookItself, source.lookMs);
            return;
        }
        source.deadlines.within(source.log.extent(topic), (extent, failure) -> {
            if (extent != null) {
                look(extent);
            }
            source.timers.schedule(this::lookItself, source.lookMs);
        });
    }

    private void wake() {
        if (reading) {
            hinted = true;
        } else if (!ready) {
            ready = true;
            reader.onReady();
        }
    }

    private final class Ear extends Following {
        Ear(Following.Source source, TopicName name) {
            super(source, name);
        }

        @Override
        protected void onFollowing(Extent extent) {
            look(extent);
        }

        @Override
        public void onCommitted(Batch batch) {
            end = Math.max(end, batch.nextOffset());
            if (!ended && batch.nextOffset() > next) {
                wake();
            }
        }

        @Override
        public void onTail(long life, long offset) {
            end = Math.max(end, offset);
            if (!ended && (offset > next || isOther(life))) {
                wake();
            }
        }

        @Override
        public void onSignal(byte[] signal) {
            // Nothing is said there that is not in the log.
        }
    }

    // ---- reading

    /// Reads a page from its place on; answered by [Reader#onRead], once. One page is read at a time.
    ///
    /// @param maxBytes counted by [Message#sizeBytes]; the first message comes whatever its size
    public void read(int maxMessages, int maxBytes) {
        if (reading || !opened) {
            throw new IllegalStateException("a page is read at a time, when there may be one");
        }
        reading = true;
        hinted = false;
        readPage(maxMessages, maxBytes);
    }

    private void readPage(int maxMessages, int maxBytes) {
        source.deadlines.within(
                source.log.read(topic, next, Direction.FORWARD, maxMessages, maxBytes), (page, failure) -> {
                    if (page == null) {
                        onUnread(failure);
                    } else if (isOther(page.extent().epoch())) {
                        onOtherLife(page.extent().epoch(), maxMessages, maxBytes);
                    } else {
                        onPage(page);
                    }
                });
    }

    /// Offsets hold in the new life up to the last that both have.
    private void onOtherLife(long life, int maxMessages, int maxBytes) {
        source.deadlines.within(source.log.lastOffsetIn(topic, epoch), (common, failure) -> {
            if (common == null) {
                onUnread(failure);
                return;
            }
            if (next - 1 > common) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "the log has another life, and a reader of " + topic + " goes back from offset " + next + " to "
                                + (common + 1));
                next = common + 1;
                end = next;
                resets++;
            }
            epoch = life;
            readPage(maxMessages, maxBytes);
        });
    }

    private void onUnread(@Nullable Throwable failure) {
        reading = false;
        ready = false;
        later(this::wake, failure);
        if (!ended) {
            reader.onRead(epoch, List.of());
        }
    }

    private void onPage(Page page) {
        reading = false;
        failures = 0;
        if (ended) {
            return;
        }
        Extent extent = page.extent();
        epoch = extent.epoch();
        end = Math.max(end, extent.nextOffset());
        List<Message> messages = page.messages();
        long first =
                messages.isEmpty() ? extent.firstOffset() : messages.getFirst().offset();
        if (first > next) {
            missed += first - next;
            reader.onMissed(next, first);
            next = first;
        }
        ready = !messages.isEmpty() || hinted;
        boolean again = messages.isEmpty() && hinted;
        reader.onRead(epoch, messages);
        if (again && !reading && !ended) {
            reader.onReady();
        }
    }

    // ---- the place

    /// The reader is done with everything before the offset.
    ///
    /// @param offset not below [#next]
    public void advance(long offset) {
        if (offset < next) {
            throw new IllegalArgumentException("a reader of " + topic + " goes from " + next + " to " + offset);
        }
        next = offset;
        stored = false;
        if (!storing && !ended) {
            store();
        }
    }

    private void store() {
        storing = true;
        stored = true;
        byte[] value = new Place(epoch, next, missed, readBefore).encode();
        source.deadlines.within(
                source.places.put(source.partition, topic.value(), value, version, StateStore.NEVER),
                (put, failure) -> {
                    storing = false;
                    if (put == null) {
                        onUnstored(failure);
                    } else if (put == 0) {
                        displace();
                    } else {
                        version = put;
                        if (stored) {
                            tellStored();
                        } else {
                            store();
                        }
                    }
                });
    }

    /// It may have been stored all the same. Then the next write does not hold, and the tail is opened
    /// anew.
    private void onUnstored(@Nullable Throwable failure) {
        stored = false;
        if (ended) {
            tellStored();
        } else {
            later(
                    () -> {
                        if (!storing && !stored && !ended) {
                            store();
                        }
                    },
                    failure);
        }
    }

    private void displace() {
        boolean wasEnded = ended;
        end();
        tellStored();
        if (!wasEnded) {
            reader.onDisplaced();
        }
    }

    private void tellStored() {
        Runnable task = whenStored;
        whenStored = null;
        if (task != null) {
            task.run();
        }
    }
}
