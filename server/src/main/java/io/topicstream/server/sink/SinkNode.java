package io.topicstream.server.sink;

import io.topicstream.events.Destinations;
import io.topicstream.events.SinkRecord;
import io.topicstream.events.Waits;
import io.topicstream.gateway.http.HttpCaller;
import io.topicstream.log.Deadlines;
import io.topicstream.log.HandOver;
import io.topicstream.log.LogLimit;
import io.topicstream.log.Timers;
import io.topicstream.log.TopicFeed;
import io.topicstream.log.TopicLog;
import io.topicstream.signal.Following;
import io.topicstream.state.StateStore;
import io.topicstream.tail.Tail;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.random.RandomGenerator;

/// What all sinks of a node share: the ports, and one thread that owns all of them.
final class SinkNode {
    private static final System.Logger LOGGER = System.getLogger(SinkNode.class.getName());

    private final TopicLog log;
    private final StateStore state;
    private final StateStore ephemeral;
    private final HttpCaller caller;
    private final Destinations destinations;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Executor thread;
    private final Timers timers;
    private final Deadlines deadlines;
    private final Following.Source following;
    private final LogLimit logLimit;
    private final Waiting waits;
    private final byte[] name;

    /// How long to wait before a post is tried again.
    @FunctionalInterface
    interface Waiting {
        /// The wait, in milliseconds.
        ///
        /// @param failures how often it has failed in a row, from 1
        /// @param askedMs how long the receiver asks to wait at least
        long ms(int failures, long askedMs);
    }

    /// @param thread runs tasks on the sinks' thread
    /// @param timers of the same thread
    SinkNode(
            TopicLog log,
            TopicFeed feed,
            StateStore state,
            StateStore ephemeral,
            HttpCaller caller,
            Destinations destinations,
            InstantSource clock,
            RandomGenerator random,
            Executor thread,
            Timers timers) {
        this.log = log;
        this.state = state;
        this.ephemeral = ephemeral;
        this.caller = caller;
        this.destinations = destinations;
        this.clock = clock;
        this.random = random;
        this.thread = thread;
        this.timers = (task, delayMs) -> timers.schedule(guarded(task), delayMs);
        this.deadlines = new Deadlines(this.timers, this::execute);
        this.following = new Following.Source(feed, this::enqueue, this.timers, random);
        this.logLimit = new LogLimit(clock);
        this.waits = (failures, askedMs) -> Waits.ms(failures, askedMs, random);
        this.name = HexFormat.of().toHexDigits(random.nextLong()).getBytes(StandardCharsets.US_ASCII);
    }

    private void enqueue(HandOver handOver) {
        // A signal says nothing that a sink wants to know.
        if (handOver.dropSignals()) {
            handOver.run();
        } else {
            execute(handOver::run);
        }
    }

    /// Runs a task on the thread, later.
    ///
    /// @return whether it does: no longer when the sinks have stopped
    boolean execute(Runnable task) {
        try {
            thread.execute(guarded(task));
            return true;
        } catch (RejectedExecutionException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "the sinks have stopped", e);
            return false;
        }
    }

    private static Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                LOGGER.log(System.Logger.Level.ERROR, "the sinks go on after something failed", e);
            }
        };
    }

    Tail.Source tails(String sink, long lookMs) {
        return new Tail.Source(log, state, SinkRecord.places(sink), following, deadlines, timers, random, lookMs);
    }

    TopicLog log() {
        return log;
    }

    StateStore state() {
        return state;
    }

    StateStore ephemeral() {
        return ephemeral;
    }

    HttpCaller caller() {
        return caller;
    }

    Destinations destinations() {
        return destinations;
    }

    InstantSource clock() {
        return clock;
    }

    Timers timers() {
        return timers;
    }

    Deadlines deadlines() {
        return deadlines;
    }

    LogLimit logLimit() {
        return logLimit;
    }

    Waiting waits() {
        return waits;
    }

    /// This node, in its leases.
    byte[] name() {
        return name;
    }
}
