package io.topicstream.bench;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;

/// Who publishes in a run, who listens, and which topics are between them.
///
/// A *lane* is what one subscriber gets of one publisher on one topic, see [SequenceCheck]. Owned by the run's thread.
final class Topology {
    private static final int MAX_LANES = 64_000_000;

    /// Makes the connections that a topology says there are.
    @FunctionalInterface
    interface Maker {
        Connection make(int index, boolean subscriber, boolean publisher, int group);
    }

    private final LoadOptions options;
    private final List<Connection> connections = new ArrayList<>();
    private final List<Connection> publishers = new ArrayList<>();
    private final List<Connection> connectionsView = Collections.unmodifiableList(connections);
    private final List<Connection> publishersView = Collections.unmodifiableList(publishers);
    private final int[] listeners;
    private final int[] stalledListeners;
    private final int publishersPerTopic;
    private final long stride;
    private final long inverseStride;
    private final int lanes;
    private final int fan;

    /// @throws IllegalArgumentException if there would be more lanes than can be followed
    Topology(LoadOptions options) {
        this.options = options;
        listeners = new int[options.groups];
        stalledListeners = new int[options.groups];
        int publishing = options.publisherCount();
        publishersPerTopic = options.roundRobin ? publishing : (publishing + options.groups - 1) / options.groups;
        stride = stride(options);
        inverseStride = inverse(stride, options.groups);
        long needed = options.protocol.isWebSocket()
                ? (long) options.subscriberCount() * options.topicsPerSubscriber * publishersPerTopic
                : 0;
        if (needed > MAX_LANES) {
            throw new IllegalArgumentException(needed + " sequences to follow are more than " + MAX_LANES);
        }
        lanes = (int) needed;
        long live = (long) options.subscriberCount() - options.stalled;
        fan = (int) Math.max(1, live * options.topicsPerSubscriber / options.groups);
    }

    /// How many topics round robin goes on by: past those of one subscriber, so that consecutive messages go to
    /// different ones, and with no divisor in common with the number of topics, so that it comes by all of them.
    private static long stride(LoadOptions options) {
        long stride = options.topicsPerSubscriber > 1 ? options.topicsPerSubscriber + 1L : 1;
        BigInteger groups = BigInteger.valueOf(options.groups);
        while (!BigInteger.valueOf(stride).gcd(groups).equals(BigInteger.ONE)) {
            stride++;
        }
        return stride;
    }

    private static long inverse(long stride, int groups) {
        return BigInteger.valueOf(stride).modInverse(BigInteger.valueOf(groups)).longValueExact();
    }

    /// Makes all connections, subscribers first.
    void populate(Maker maker) {
        if (options.both > 0) {
            for (int i = 0; i < options.both; i++) {
                add(maker.make(i, true, true, i % options.groups));
            }
            return;
        }
        for (int i = 0; i < options.subscribers; i++) {
            int group = (int) ((long) i * options.topicsPerSubscriber % options.groups);
            add(maker.make(i, true, false, group));
        }
        for (int i = 0; i < options.publishers; i++) {
            add(maker.make(i, false, true, i % options.groups));
        }
    }

    private void add(Connection connection) {
        connections.add(connection);
        if (connection.publisher) {
            publishers.add(connection);
        }
        if (connection.subscriber) {
            int[] counts = connection.index < options.stalled ? stalledListeners : listeners;
            for (int i = 0; i < options.topicsPerSubscriber; i++) {
                counts[(connection.group + i) % options.groups]++;
            }
        }
    }

    List<Connection> connections() {
        return connectionsView;
    }

    List<Connection> publishers() {
        return publishersView;
    }

    int lanes() {
        return lanes;
    }

    /// How many get a message, on average.
    int fan() {
        return fan;
    }

    /// How many of those that read get a message of the topic.
    int listeners(int topic) {
        return listeners[topic];
    }

    /// The topic of a publisher's message.
    int topic(Connection publisher, long number) {
        return options.roundRobin ? topicOfRound(number) : publisher.group;
    }

    private int topicOfRound(long number) {
        return (int) (number % options.groups * stride % options.groups);
    }

    /// The lane of a message at a subscriber, or -1 if it should not have come there or was never
    /// sent.
    int lane(Connection connection, Marker marker) {
        int publisher = marker.publisher();
        if (publisher >= publishers.size() || marker.number() >= publishers.get(publisher).sent) {
            return -1;
        }
        int groups = options.groups;
        int topic = options.roundRobin ? topicOfRound(marker.number()) : publisher % groups;
        int slot = topic - connection.group;
        if (slot < 0) {
            slot += groups;
        }
        if (slot >= options.topicsPerSubscriber) {
            return -1;
        }
        return (connection.index * options.topicsPerSubscriber + slot) * publishersPerTopic
                + (options.roundRobin ? publisher : publisher / groups);
    }

    /// The number of a message in its lane.
    long numberInLane(Marker marker) {
        return options.roundRobin ? marker.number() / options.groups : marker.number();
    }

    /// Deliveries that were sent and that `check` has not seen.
    long lost(SequenceCheck check) {
        long lost = 0;
        for (Connection connection : connections) {
            if (!connection.subscriber) {
                continue;
            }
            for (int slot = 0; slot < options.topicsPerSubscriber; slot++) {
                int topic = (connection.group + slot) % options.groups;
                int lane = (connection.index * options.topicsPerSubscriber + slot) * publishersPerTopic;
                for (int i = 0; i < publishersPerTopic; i++) {
                    int publisher = options.roundRobin ? i : i * options.groups + topic;
                    if (publisher < publishers.size()) {
                        lost += check.lost(lane + i, sentTo(publishers.get(publisher), topic));
                    }
                }
            }
        }
        return lost;
    }

    private long sentTo(Connection publisher, int topic) {
        long place = topic * inverseStride % options.groups;
        return options.roundRobin ? (publisher.sent + options.groups - 1 - place) / options.groups : publisher.sent;
    }

    /// Deliveries due so far to those that stopped reading.
    long expectedByStalled() {
        long total = 0;
        if (options.stalled > 0) {
            for (Connection publisher : publishers) {
                if (options.roundRobin) {
                    for (int topic = 0; topic < options.groups; topic++) {
                        total += sentTo(publisher, topic) * stalledListeners[topic];
                    }
                } else {
                    total += publisher.sent * stalledListeners[publisher.group];
                }
            }
        }
        return total;
    }

    /// How many topics were published to, or read.
    int publishedTopics() {
        BitSet topics = new BitSet(options.groups);
        for (Connection publisher : publishers) {
            if (publisher.sent > 0 && !options.roundRobin) {
                topics.set(publisher.group);
            }
            for (long number = 0; options.roundRobin && number < Math.min(publisher.sent, options.groups); number++) {
                topics.set(topicOfRound(number));
            }
        }
        return topics.cardinality();
    }
}
