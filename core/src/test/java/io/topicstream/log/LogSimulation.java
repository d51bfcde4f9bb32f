package io.topicstream.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.testkit.Faults;
import io.topicstream.testkit.FaultyLog;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.RecordingLane;
import io.topicstream.testkit.SteppedExecutor;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/// Publishers and followers of a faulty log in memory, played from one seed on one thread.
///
/// Publishers send with message ids and send again what was refused or answered with `Unavailable`.
/// Followers keep a cursor, follow again when their feed is lost, and read what they missed. The wall
/// clock jumps. What was acknowledged and what was heard is written down outside the log, and
/// [#check] compares the two.
final class LogSimulation {
    private static final int PUBLISHERS = 3;
    private static final int MESSAGES_EACH = 120;
    private static final int LANES = 3;
    private static final List<TopicName> TOPICS = List.of(new TopicName("a"), new TopicName("b"), new TopicName("c"));

    private final Random random;
    private final ManualClock wall = new ManualClock();
    private final ManualClock ticks = new ManualClock();
    private final SteppedExecutor executor;
    private final InMemoryLog log;
    private final FaultyLog faulty;
    private final MessageDigest trace;
    private final List<Publisher> publishers = new ArrayList<>();
    private final List<Cursor> cursors = new ArrayList<>();
    private final List<RecordingLane> lanes = new ArrayList<>();
    private long events;

    LogSimulation(long seed, Faults faults) {
        random = new Random(seed);
        executor = new SteppedExecutor(ticks, random);
        log = new InMemoryLog(wall, executor, 1);
        faulty = new FaultyLog(log, random, executor, faults);
        try {
            trace = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
        for (int p = 0; p < PUBLISHERS; p++) {
            RecordingLane lane = RecordingLane.on("publisher-" + p, executor);
            lanes.add(lane);
            publishers.add(new Publisher("p" + p, lane));
        }
        for (int l = 0; l < LANES; l++) {
            RecordingLane lane = RecordingLane.on("follower-" + l, executor);
            lanes.add(lane);
            for (TopicName topic : TOPICS) {
                cursors.add(new Cursor(l + "/" + topic, topic, lane));
            }
        }
    }

    FaultyLog faulty() {
        return faulty;
    }

    /// Plays until everything is sent and heard.
    ///
    /// @return a hash of all that happened, in order
    String play() {
        publishers.forEach(Publisher::begin);
        cursors.forEach(cursor -> executor.schedule(cursor::follow, random.nextInt(2_000)));
        long turns = 0;
        while (!publishers.stream().allMatch(Publisher::isDone)) {
            assertThat(++turns).as("turns").isLessThan(200_000);
            turn();
        }
        faulty.set(Faults.NONE);
        faulty.loseFeeds();
        for (int i = 0; i < 100; i++) {
            executor.advance(Duration.ofSeconds(1));
        }
        return HexFormat.of().formatHex(trace.digest());
    }

    private void turn() {
        if (random.nextInt(20) == 0 || !executor.step()) {
            executor.advance(Duration.ofMillis(1 + random.nextInt(100)));
        }
        if (random.nextInt(200) == 0) {
            wall.advance(Duration.ofSeconds(random.nextInt(-3_600, 3_601)));
        }
    }

    private void trace(String event) {
        events++;
        trace.update((ticks.millis() + " " + event + "\n").getBytes(StandardCharsets.UTF_8));
    }

    // ---- what must hold

    void check() {
        Map<TopicName, List<Message>> stored = new HashMap<>();
        for (TopicName topic : TOPICS) {
            var page = log.read(topic, 1, Direction.FORWARD, Integer.MAX_VALUE, Integer.MAX_VALUE)
                    .toCompletableFuture();
            executor.runAll();
            List<Message> messages = page.join().messages();
            stored.put(topic, messages);
            for (int i = 0; i < messages.size(); i++) {
                assertThat(messages.get(i).offset())
                        .as("offsets without a hole")
                        .isEqualTo(i + 1);
            }
            assertThat(messages.stream().map(Message::timestamp).toList())
                    .as("timestamps")
                    .isSorted();
        }
        checkAcknowledged(stored);
        for (Cursor cursor : cursors) {
            assertThat(cursor.heard).as("heard by %s", cursor.name).isEqualTo(stored.get(cursor.topic));
        }
        lanes.forEach(RecordingLane::close);
        assertThat(events).isGreaterThan(PUBLISHERS * MESSAGES_EACH);
    }

    private void checkAcknowledged(Map<TopicName, List<Message>> stored) {
        int acknowledged = 0;
        for (TopicName topic : TOPICS) {
            Map<String, Long> offsetById = new HashMap<>();
            for (Message message : stored.get(topic)) {
                assertThat(offsetById.put(message.messageId(), message.offset()))
                        .as("id %s is stored once", message.messageId())
                        .isNull();
            }
            TreeMap<Long, Acknowledged> byOffset = new TreeMap<>();
            for (Publisher publisher : publishers) {
                for (Acknowledged ack : publisher.acknowledged) {
                    if (ack.topic.equals(topic)) {
                        assertThat(offsetById.remove(ack.messageId))
                                .as("offset of %s", ack.messageId)
                                .isEqualTo(ack.offset);
                        byOffset.put(ack.offset, ack);
                        acknowledged++;
                    }
                }
            }
            assertThat(offsetById)
                    .as("every message belongs to an acknowledgement in the end")
                    .isEmpty();
            long earliestAnswerAbove = Long.MAX_VALUE;
            for (Acknowledged ack : byOffset.descendingMap().values()) {
                assertThat(ack.sentAt)
                        .as("what is sent after an acknowledgement stands behind it")
                        .isLessThan(earliestAnswerAbove);
                earliestAnswerAbove = Math.min(earliestAnswerAbove, ack.answeredAt);
            }
        }
        assertThat(acknowledged).isEqualTo(PUBLISHERS * MESSAGES_EACH);
    }

    /// @param sentAt when it was sent first, counted in events
    private record Acknowledged(TopicName topic, String messageId, long offset, long sentAt, long answeredAt) {}

    // ---- a publisher

    private final class Publisher {
        private final String name;
        private final RecordingLane lane;
        private final List<Acknowledged> acknowledged = new ArrayList<>();
        private int begun;

        Publisher(String name, RecordingLane lane) {
            this.name = name;
            this.lane = lane;
        }

        void begin() {
            // Four at a time, and one more for each that is done.
            for (int i = 0; i < 4; i++) {
                executor.execute(this::sendNext);
            }
        }

        boolean isDone() {
            return acknowledged.size() == MESSAGES_EACH;
        }

        private void sendNext() {
            if (begun == MESSAGES_EACH) {
                return;
            }
            String messageId = name + "-" + begun++;
            TopicName topic = TOPICS.get(random.nextInt(TOPICS.size()));
            trace("sent " + messageId);
            send(topic, messageId, events);
            if (random.nextInt(10) == 0) {
                sendInVain(topic);
            }
        }

        /// Expects an offset that is far away: refused, and nobody may notice.
        private void sendInVain(TopicName topic) {
            Draft draft = new Draft(new byte[] {'0'}, null, null);
            faulty.append(new Append(topic, List.of(draft), name, name, 1_000_000, lane) {
                @Override
                public void onAnswered(AppendResult result) {
                    trace(name + " in vain " + result);
                    assertThat(result).isInstanceOfAny(AppendResult.Conflict.class, AppendResult.Unavailable.class);
                }
            });
        }

        private void send(TopicName topic, String messageId, long sentAt) {
            Draft draft = new Draft(("\"" + messageId + "\"").getBytes(StandardCharsets.UTF_8), messageId, null);
            Append append = new Append(topic, List.of(draft), name, name, Append.ANY_OFFSET, lane) {
                @Override
                public void onAnswered(AppendResult result) {
                    trace(messageId + " answered " + result);
                    switch (result) {
                        case AppendResult.Appended appended -> {
                            acknowledged.add(
                                    new Acknowledged(topic, messageId, appended.firstOffset(), sentAt, events));
                            sendNext();
                        }
                        case AppendResult.Unavailable unavailable -> retry(topic, messageId, sentAt);
                        case AppendResult.Conflict conflict -> throw new AssertionError(conflict);
                        case AppendResult.IdConflict conflict -> throw new AssertionError(conflict);
                    }
                }
            };
            switch (faulty.append(append)) {
                case ACCEPTED, ACCEPTED_SLOW_DOWN -> {}
                case REFUSED -> retry(topic, messageId, sentAt);
            }
        }

        private void retry(TopicName topic, String messageId, long sentAt) {
            executor.schedule(() -> send(topic, messageId, sentAt), 1 + random.nextInt(50));
        }
    }

    // ---- a follower

    private final class Cursor implements Follower {
        private final String name;
        private final TopicName topic;
        private final RecordingLane lane;
        private final List<Message> heard = new ArrayList<>();
        private long next = 1;
        /// The tail as far as it is known: what is heard of during a read is wanted after it.
        private long until = 1;

        private boolean reading;
        /// The offset of the next batch that the feed owes, and the position from which it owes them.
        private long owed = Long.MAX_VALUE;

        private long followedAt = Long.MAX_VALUE;

        Cursor(String name, TopicName topic, RecordingLane lane) {
            this.name = name;
            this.topic = topic;
            this.lane = lane;
        }

        void follow() {
            faulty.follow(topic, lane, this);
        }

        @Override
        public void onFollowed(Extent extent) {
            trace(name + " followed " + extent);
            owed = extent.nextOffset();
            followedAt = owed;
            catchUp(extent.nextOffset());
        }

        @Override
        public void onCommitted(Batch batch) {
            trace(name + " heard " + batch.firstOffset() + " to " + batch.nextOffset());
            if (batch.firstOffset() >= followedAt) {
                assertThat(batch.firstOffset())
                        .as("every batch at most once, in order")
                        .isGreaterThanOrEqualTo(owed);
                owed = batch.nextOffset();
            }
            if (batch.firstOffset() == next) {
                take(batch.messages());
            } else {
                catchUp(batch.nextOffset());
            }
        }

        @Override
        public void onTail(long epoch, long tail) {
            trace(name + " heard of the tail " + tail);
            catchUp(tail);
        }

        @Override
        public void onSignal(byte[] signal) {
            throw new AssertionError("nobody signals here");
        }

        @Override
        public void onLost() {
            trace(name + " lost");
            executor.schedule(this::follow, random.nextInt(20));
        }

        private void take(List<Message> messages) {
            for (Message message : messages) {
                if (message.offset() >= next) {
                    assertThat(message.offset()).isEqualTo(next);
                    heard.add(message);
                    next++;
                }
            }
        }

        /// Reads until the cursor has reached the offset.
        private void catchUp(long tail) {
            until = Math.max(until, tail);
            if (next >= until || reading) {
                return;
            }
            reading = true;
            faulty.read(topic, next, Direction.FORWARD, 5, Integer.MAX_VALUE)
                    .whenComplete((page, failure) -> executor.execute(() -> {
                        reading = false;
                        if (failure != null) {
                            trace(name + " could not read");
                            executor.schedule(() -> catchUp(until), 10);
                        } else {
                            take(page.messages());
                            catchUp(page.extent().nextOffset());
                        }
                    }));
        }
    }
}
