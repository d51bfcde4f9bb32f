package io.topicstream.topic;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Direction;
import io.topicstream.log.Draft;
import io.topicstream.log.Extent;
import io.topicstream.log.HandOver;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.Lane;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.From;
import io.topicstream.testkit.Faults;
import io.topicstream.testkit.FaultyLog;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.SteppedExecutor;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/// One seeded run of two lanes over a log that goes wrong: listeners join from everywhere, stall,
/// drain and leave while messages are published, batches and feeds are lost, and the log begins other lives.
/// In the end all is well again, and every listener must have seen every message that is in the log from its
/// first on, once, in order, and none that is not, but those that a reset took back.
final class DeliverySimulation {
    private static final int LISTENERS = 12;
    private static final long FIRST_EPOCH = 7;
    private static final List<TopicName> TOPICS =
            List.of(new TopicName("one"), new TopicName("two"), new TopicName("three"));

    private final Random random;
    private final SteppedExecutor executor;
    private final InMemoryLog log;
    private final FaultyLog faulty;
    private final List<SimulatedLane> lanes = new ArrayList<>();
    private final List<SimulatedListener> listeners = new ArrayList<>();
    private final List<SimulatedListener> everybody = new ArrayList<>();
    private long trace = 17;
    private int made;
    private int longPages;
    private long epoch = FIRST_EPOCH;
    private int resets;

    DeliverySimulation(long seed, Faults faults) {
        random = new Random(seed);
        ManualClock clock = new ManualClock();
        executor = new SteppedExecutor(clock);
        log = new InMemoryLog(clock, executor, FIRST_EPOCH);
        faulty = new FaultyLog(log, new Random(seed + 1), executor, faults);
        OutboundBudget budget = new OutboundBudget(2L * OutboundBudget.PAGE_BYTES);
        for (int i = 0; i < 2; i++) {
            lanes.add(new SimulatedLane(budget));
        }
        for (int i = 0; i < LISTENERS; i++) {
            connect();
        }
    }

    /// Plays the run and checks it.
    ///
    /// @return a hash of everything that was delivered, in order
    long run(int steps) {
        for (int step = 0; step < steps; step++) {
            one();
        }
        faulty.set(Faults.NONE);
        faulty.heal();
        listeners.forEach(listener -> listener.room = Integer.MAX_VALUE);
        TOPICS.forEach(topic -> publish(topic, 1));
        for (int i = 0; i < 200; i++) {
            executor.advance(Duration.ofMillis(100));
            listeners.forEach(SimulatedListener::drain);
        }
        listeners.forEach(SimulatedListener::assertComplete);
        everybody.forEach(SimulatedListener::assertNothingWrong);
        for (SimulatedLane lane : lanes) {
            assertThat(lane.catchingUpSubscriptions()).isZero();
            lane.releaseRecentRuns();
            for (SimulatedEncoding encoding : lane.encodings) {
                assertThat(encoding.held).as("runs that nobody released").isZero();
            }
        }
        return trace;
    }

    int longPages() {
        return longPages;
    }

    int resets() {
        return resets;
    }

    private void one() {
        SimulatedListener listener = listeners.get(random.nextInt(listeners.size()));
        TopicName topic = TOPICS.get(random.nextInt(TOPICS.size()));
        switch (random.nextInt(12)) {
            case 0, 1, 2 -> publish(topic, 1 + random.nextInt(5));
            case 3 -> publish(topic, random.nextInt(30) == 0 ? 400 : 10);
            case 4, 5 -> listener.join(topic, from(topic));
            case 6 -> listener.leave(topic);
            case 7 -> listener.room = random.nextInt(4) * 100;
            case 8 -> listener.drain();
            case 9 -> executor.advance(Duration.ofMillis(random.nextInt(200)));
            case 10 -> {
                for (int i = random.nextInt(5); i >= 0; i--) {
                    executor.step();
                }
            }
            case 11 -> {
                if (random.nextInt(6) == 0) {
                    listener.vanish();
                    listeners.remove(listener);
                    connect();
                } else if (random.nextInt(6) == 0) {
                    faulty.loseFeeds();
                } else if (random.nextInt(20) == 0) {
                    var _ = log.trim(topic, random.nextInt(50));
                } else if (random.nextInt(8) == 0) {
                    beginEpoch();
                }
            }
            default -> throw new IllegalStateException();
        }
    }

    /// A failover or a restore: some topics lose their newest messages.
    private void beginEpoch() {
        Map<TopicName, Long> tails = new HashMap<>();
        for (TopicName topic : TOPICS) {
            if (random.nextInt(3) != 0) {
                tails.put(topic, 1L + random.nextInt(40));
            }
        }
        epoch += 1 + random.nextInt(3);
        var _ = log.beginEpoch(epoch, tails);
    }

    private void connect() {
        int encoding = random.nextInt(3);
        SimulatedListener listener =
                new SimulatedListener("c" + made++, lanes.get(random.nextInt(lanes.size())), encoding);
        listeners.add(listener);
        everybody.add(listener);
    }

    private @Nullable From from(TopicName topic) {
        return switch (random.nextInt(6)) {
            case 0 -> null;
            case 1 -> From.NEW;
            case 2 -> new From.Earliest();
            case 3 -> new From.Last(random.nextInt(30));
            case 4 -> new From.Offset(random.nextInt(40));
            case 5 -> new From.Resume(random.nextLong(FIRST_EPOCH, epoch + 2), random.nextInt(30));
            default -> throw new IllegalStateException(topic.value());
        };
    }

    private void publish(TopicName topic, int messages) {
        for (int i = 0; i < messages; i++) {
            byte[] payload = new byte[random.nextInt(20) == 0 ? 9_000 : 1 + random.nextInt(60)];
            String withheldFrom = random.nextInt(15) == 0
                    ? listeners.get(random.nextInt(listeners.size())).connectionId()
                    : null;
            var _ = faulty.append(new Forgotten(topic, payload, withheldFrom, lanes.getFirst()));
        }
    }

    /// A publish whose answer nobody waits for: what is in the log is what counts.
    private static final class Forgotten extends Append {
        Forgotten(TopicName topic, byte[] payload, @Nullable String withheldFrom, Lane lane) {
            super(topic, List.of(draft(payload, withheldFrom)), null, "", ANY_OFFSET, lane);
        }

        private static Draft draft(byte[] payload, @Nullable String withheldFrom) {
            Draft draft = new Draft(payload, null, null);
            return withheldFrom == null ? draft : draft.withheldFrom(withheldFrom);
        }

        @Override
        public void onAnswered(AppendResult result) {}
    }

    private static final class SimulatedRun extends Encoded {
        private final SimulatedEncoding encoding;
        private final TopicName topic;
        private final List<Message> messages;
        private boolean released;

        SimulatedRun(SimulatedEncoding encoding, TopicName topic, List<Message> messages) {
            this.encoding = encoding;
            this.topic = topic;
            this.messages = List.copyOf(messages);
            encoding.held++;
        }

        @Override
        public int bytes() {
            return messages.stream().mapToInt(Message::sizeBytes).sum();
        }

        @Override
        public void release() {
            assertThat(released).as("let go of twice").isFalse();
            released = true;
            encoding.held--;
        }
    }

    private static final class SimulatedEncoding implements Encoding {
        private int held;

        @Override
        public Encoded delivery(TopicName topic, List<Message> messages) {
            return new SimulatedRun(this, topic, messages);
        }

        @Override
        public @Nullable Encoded signal(TopicName topic, byte[] signal) {
            return null;
        }
    }

    private final class SimulatedLane extends DeliveryLane {
        private final ArrayDeque<HandOver> queue = new ArrayDeque<>();
        private final List<SimulatedEncoding> encodings =
                List.of(new SimulatedEncoding(), new SimulatedEncoding(), new SimulatedEncoding());
        private boolean due;

        SimulatedLane(OutboundBudget budget) {
            super(faulty, faulty, budget, 1 + random.nextInt(4), 1 + random.nextInt(3_000), random);
        }

        @Override
        public void enqueue(HandOver handOver) {
            queue.add(handOver);
            if (!due) {
                due = true;
                executor.execute(() -> {
                    due = false;
                    while (!queue.isEmpty()) {
                        accept(queue.removeFirst());
                    }
                    endTurn();
                });
            }
        }

        @Override
        protected boolean inLane() {
            // Sometimes an answer is moved although it need not be: the order must not depend on it.
            return random.nextBoolean();
        }

        @Override
        protected void execute(Runnable task) {
            executor.execute(task);
        }

        @Override
        protected void schedule(Runnable task, long delayMs) {
            executor.schedule(task, delayMs);
        }

        @Override
        protected void flush() {}
    }

    /// What one subscription has seen, and holds for true.
    private static final class Seen {
        private long first;
        private long next;
        private final TreeMap<Long, Message> messages = new TreeMap<>();

        Seen(long first) {
            this.first = first;
            this.next = first;
        }
    }

    private final class SimulatedListener extends Listener {
        private final SimulatedLane lane;
        private final SimulatedEncoding encoding;
        private final Map<TopicName, Seen> seen = new HashMap<>();
        private final Map<TopicName, Long> asked = new HashMap<>();
        private final List<Runnable> unsent = new ArrayList<>();
        private final List<String> wrong = new ArrayList<>();
        private int room = Integer.MAX_VALUE;
        private boolean gone;
        private long joins;

        SimulatedListener(String id, SimulatedLane lane, int encoding) {
            super(id);
            this.lane = lane;
            this.encoding = lane.encodings.get(encoding);
        }

        void join(TopicName topic, @Nullable From from) {
            boolean keeps = from == null && listensTo(topic);
            long number = ++joins;
            if (!keeps) {
                seen.remove(topic);
                asked.put(topic, number);
            }
            lane.join(this, topic, from, new JoinReply() {
                @Override
                public void onJoined(
                        TopicName joined, Extent extent, long commonOffset, boolean truncated, Runnable begin) {
                    if (!keeps && !gone && Long.valueOf(number).equals(asked.get(topic))) {
                        seen.put(topic, new Seen(start(topic, from, extent, commonOffset)));
                    }
                    begin.run();
                }

                @Override
                public void onJoinFailed(TopicName failed, @Nullable Throwable cause) {
                    if (Long.valueOf(number).equals(asked.get(topic))) {
                        asked.remove(topic);
                    }
                }
            });
        }

        private long start(TopicName topic, @Nullable From from, Extent extent, long commonOffset) {
            LongUnaryOperator kept = offset -> Math.max(offset, extent.firstOffset());
            if (commonOffset != JoinReply.NO_RESET) {
                return kept.applyAsLong(commonOffset + 1);
            }
            return switch (from == null ? From.NEW : from) {
                case From.New _ -> extent.nextOffset();
                case From.Earliest _ -> extent.firstOffset();
                case From.Last last -> kept.applyAsLong(extent.nextOffset() - last.count());
                case From.Offset offset -> kept.applyAsLong(offset.offset());
                case From.Resume resume -> kept.applyAsLong(resume.offset() + 1);
                case From.Time _ -> throw new IllegalStateException(topic.value());
            };
        }

        void leave(TopicName topic) {
            lane.leave(this, topic);
            seen.remove(topic);
            asked.remove(topic);
        }

        void vanish() {
            gone = true;
            seen.clear();
            asked.clear();
            lane.leaveAll(this);
            sent();
        }

        void drain() {
            room = Math.max(room, 1_000);
            sent();
            lane.onWritable(this);
        }

        private void sent() {
            List<Runnable> done = List.copyOf(unsent);
            unsent.clear();
            done.forEach(Runnable::run);
        }

        @Override
        protected Encoding encoding() {
            return encoding;
        }

        @Override
        protected boolean isWritable() {
            return !gone && room > 0;
        }

        @Override
        protected boolean isDrained() {
            return unsent.isEmpty();
        }

        @Override
        protected boolean offer(Encoded run) {
            if (!isWritable()) {
                return false;
            }
            take((SimulatedRun) run);
            return true;
        }

        @Override
        protected void writePage(Encoded page, Runnable onSent) {
            SimulatedRun run = (SimulatedRun) page;
            if (run.messages.size() > 1) {
                longPages++;
            }
            take(run);
            run.release();
            unsent.add(onSent);
        }

        private void take(SimulatedRun run) {
            room -= run.bytes();
            if (run.released || run.encoding != encoding) {
                wrong.add("a run that is not ours");
            }
            Seen of = seen.get(run.topic);
            for (Message message : run.messages) {
                trace = trace * 31 + message.offset();
                if (connectionId().equals(message.withheldFrom())) {
                    wrong.add("got back " + message.offset());
                } else if (of == null) {
                    wrong.add(run.topic + " without a subscription");
                } else if (message.offset() < of.next) {
                    wrong.add(run.topic + " " + message.offset() + " again or out of order, wanted " + of.next);
                } else {
                    of.messages.put(message.offset(), message);
                    of.next = message.offset() + 1;
                }
            }
        }

        @Override
        protected void onTruncated(TopicName topic, long epoch, long firstOffset) {
            Seen of = seen.get(topic);
            if (of != null) {
                of.next = Math.max(of.next, firstOffset);
            }
        }

        @Override
        protected void onReset(TopicName topic, long newEpoch, long commonOffset) {
            resets++;
            Seen of = seen.get(topic);
            if (of == null) {
                wrong.add(topic + " reset without a subscription");
            } else {
                of.messages.tailMap(commonOffset, false).clear();
                of.first = Math.min(of.first, commonOffset + 1);
                of.next = commonOffset + 1;
            }
        }

        /// Every message of the log from its first on, but those withheld from this connection; and nothing else.
        void assertComplete() {
            seen.forEach((topic, of) -> {
                List<Message> all = readAll(topic, of.first);
                List<Message> wanted = new ArrayList<>(all);
                wanted.removeIf(message -> connectionId().equals(message.withheldFrom()));
                // What was trimmed since can no longer be compared.
                long kept = all.isEmpty() ? of.next : all.getFirst().offset();
                assertThat(of.messages.tailMap(kept).values())
                        .as("%s: %s from %d, in the epoch %d", connectionId(), topic, of.first, epoch)
                        .containsExactlyElementsOf(wanted);
            });
        }

        private List<Message> readAll(TopicName topic, long first) {
            var page = log.read(topic, first, Direction.FORWARD, Integer.MAX_VALUE, Integer.MAX_VALUE)
                    .toCompletableFuture();
            executor.runAll();
            return page.join().messages();
        }

        void assertNothingWrong() {
            assertThat(wrong).as(connectionId()).isEmpty();
        }
    }
}
