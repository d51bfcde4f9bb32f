package io.topicstream.server.crash;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Remembers, outside the store, what was sent, acknowledged, delivered and read over all lives of a server, and
/// complains about whatever does not fit together. Each complaint begins with the promise that is broken:
///
/// | | promise |
/// | --- | --- |
/// | P1 | an acknowledged message stands at its offset, with its content |
/// | P3 | one that was not acknowledged is there once, whole, or not at all |
/// | P4 | offsets are 1, 2, 3 … without hole or reuse, and (epoch, offset) names one message for ever |
/// | P5 | what somebody has seen is still there |
/// | P6 | who resumes by position sees every offset once, in order |
/// | P10 | publishes of one connection keep their order |
/// | P11 | a retry with the same id stores nothing and is answered with the first one's place |
///
/// A store that is synced before it answers loses nothing, so the epoch of a topic must never change either.
/// Messages are known by their id, which their whole content follows from ([Texts]). Thread-safe.
final class Oracle {
    private static final int MOST_COMPLAINTS = 100;

    /// What a read of the store gave.
    record Stored(long offset, String text) {}

    private static final class Known {
        final String label;
        boolean acked;
        boolean seen;

        Known(String label) {
            this.label = label;
        }
    }

    private static final class Sent {
        final String topic;
        /// Without an id it cannot be sent again.
        final boolean repeatable;

        @Nullable
        Place acked;

        long storedAt;

        Sent(String topic, boolean repeatable) {
            this.topic = topic;
            this.repeatable = repeatable;
        }
    }

    private static final class Topic {
        long epoch;
        /// By offset, less one.
        final List<@Nullable Known> places = new ArrayList<>();
        /// What those without offsets heard, by connection, since the last read.
        final Map<String, List<String>> heard = new LinkedHashMap<>();
    }

    // All guarded by this.
    private final Map<String, Topic> topics = new HashMap<>();
    private final Map<String, Sent> sent = new HashMap<>();
    private final Map<String, Sent> unanswered = new LinkedHashMap<>();
    private final List<String> ackedSinceResend = new ArrayList<>();
    private final Map<String, Long> nextOf = new HashMap<>();
    private final Map<String, Long> lastAckOf = new HashMap<>();
    private final Map<String, Map<String, Chain>> chains = new TreeMap<>();
    private final List<String> complaints = new ArrayList<>();
    private final @Nullable Writer acks;
    private final @Nullable Writer deliveries;
    private long acked;
    private long seen;
    private long heardBare;
    private long stored;
    private long storedUnacked;
    private long resent;
    private long refused;

    /// An oracle that writes nothing down.
    Oracle() {
        acks = null;
        deliveries = null;
    }

    /// An oracle that writes what it is told into `acks.log` and `deliveries.log` of a directory.
    Oracle(Path directory) throws IOException {
        acks = Files.newBufferedWriter(directory.resolve("acks.log"));
        deliveries = Files.newBufferedWriter(directory.resolve("deliveries.log"));
    }

    /// All that one listener was given of one topic, folded into a number that depends on the order.
    record Chain(long messages, long hash) {
        Chain and(String label) {
            return new Chain(messages + 1, hash * 0x9E3779B97F4A7C15L + label.hashCode());
        }
    }

    private static void write(@Nullable Writer log, Object... words) {
        if (log == null) {
            return;
        }
        try {
            for (Object word : words) {
                log.append(String.valueOf(word)).append(' ');
            }
            log.append('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void chain(String topic, String listener, String label) {
        chains.computeIfAbsent(topic, _ -> new TreeMap<>())
                .merge(listener, new Chain(0, 0).and(label), (before, _) -> before.and(label));
    }

    /// By topic and listener, what each was given.
    synchronized Map<String, Map<String, Chain>> chains() {
        return chains;
    }

    /// A message is about to be sent.
    ///
    /// @param repeatable whether it has an id by which the server knows a repeat
    synchronized void sent(String id, String topic, boolean repeatable) {
        Sent message = new Sent(topic, repeatable);
        if (sent.put(id, message) != null) {
            throw new IllegalArgumentException("id used twice by the load: " + id);
        }
        unanswered.put(id, message);
    }

    /// The first answer to a message: it is stored.
    synchronized void acked(String connection, String id, Place place) {
        acked++;
        write(acks, connection, id, place);
        ackedSinceResend.add(id);
        answered(id, place);
        Long before = lastAckOf.put(connection + " " + place.topic(), place.offset());
        if (before != null && before >= place.offset()) {
            complain("P10: " + connection + " got " + place + " after offset " + before);
        }
    }

    /// The answer to a repeat.
    synchronized void repeated(String id, Place place) {
        resent++;
        write(acks, "again", id, place);
        Sent message = sent.get(id);
        if (message != null && message.acked != null && !message.acked.equals(place)) {
            complain("P11: " + id + " was acknowledged at " + message.acked + ", its repeat at " + place);
        }
        if (message != null && message.storedAt != 0 && message.storedAt != place.offset()) {
            complain("P11: " + id + " was stored at " + message.storedAt + ", its repeat is answered with " + place);
        }
        answered(id, place);
    }

    private void answered(String id, Place place) {
        unanswered.remove(id);
        Sent message = sent.get(id);
        if (message == null || !message.topic.equals(place.topic())) {
            complain("P1: an answer about " + id + " at " + place + ", which nobody sent there");
            return;
        }
        message.acked = place;
        Known known = put(place, id, "acknowledged");
        known.acked = true;
    }

    /// The server refused to store the message.
    synchronized void refused(String id) {
        refused++;
        unanswered.remove(id);
    }

    /// A subscriber with a position was given a message.
    synchronized void seen(String subscriber, Place place, String text) {
        seen++;
        String label = Texts.label(text);
        write(deliveries, subscriber, place, label);
        chain(place.topic(), subscriber, label);
        Known known = put(place, label, "seen by " + subscriber);
        known.seen = true;
        String cursor = subscriber + " " + place.topic();
        long next = nextOf.getOrDefault(cursor, 1L);
        if (place.offset() != next) {
            complain("P6: " + subscriber + " was given " + place + " and wanted offset " + next);
        }
        nextOf.put(cursor, place.offset() + 1);
    }

    /// The offset that the subscriber wants next.
    synchronized long nextOf(String subscriber, String topic) {
        return nextOf.getOrDefault(subscriber + " " + topic, 1L);
    }

    /// A connection that gets bare messages was given one.
    synchronized void heard(String connection, String topic, String text) {
        heardBare++;
        String label = Texts.label(text);
        write(deliveries, connection, topic, label);
        chain(topic, connection, label);
        topic(topic).heard.computeIfAbsent(connection, _ -> new ArrayList<>()).add(label);
    }

    /// A promise was seen broken by somebody else.
    synchronized void complain(String complaint) {
        if (complaints.size() < MOST_COMPLAINTS) {
            complaints.add(complaint);
        }
    }

    /// The topic was read from an offset to its end, while nobody published.
    synchronized void read(String name, long epoch, long from, List<Stored> messages) {
        Topic topic = topic(name);
        long next = from;
        for (Stored message : messages) {
            if (message.offset() != next) {
                complain("P4: " + name + " has " + message.offset() + " where " + next + " should be");
            }
            next = message.offset() + 1;
            String label = Texts.label(message.text());
            Place place = new Place(name, epoch, message.offset());
            put(place, label, "read");
            Sent origin = sent.get(label);
            if (origin == null || !origin.topic.equals(name)) {
                complain("P3: " + place + " holds what nobody sent there: " + label);
            } else if (origin.storedAt == 0) {
                origin.storedAt = message.offset();
                stored++;
                if (origin.acked == null && origin.repeatable) {
                    storedUnacked++;
                }
            } else if (origin.storedAt != message.offset()) {
                complain("P3, P11: " + label + " is stored twice, at " + origin.storedAt + " and " + place);
            }
        }
        for (long offset = next; offset <= topic.places.size(); offset++) {
            Known known = topic.places.get((int) offset - 1);
            if (known != null) {
                complain((known.acked ? "P1: acknowledged" : known.seen ? "P5: seen" : "P4: read before")
                        + " and gone: " + known.label + " at " + new Place(name, epoch, offset));
            }
        }
        topic.heard.forEach((connection, labels) -> checkRun(name, connection, labels));
        topic.heard.clear();
    }

    /// Bare messages come live, so they are a run of the topic without a gap.
    private void checkRun(String topic, String connection, List<String> labels) {
        long before = 0;
        for (String label : labels) {
            Sent message = sent.get(label);
            if (message == null || message.storedAt == 0 || !message.topic.equals(topic)) {
                complain("P5: heard by " + connection + " in " + topic + " and not there: " + label);
                before = 0;
            } else {
                if (before != 0 && message.storedAt != before + 1) {
                    complain("P6: " + connection + " heard offset " + message.storedAt + " of " + topic + " after "
                            + before);
                }
                before = message.storedAt;
            }
        }
    }

    /// Notes which message stands where, and complains if it was another.
    private Known put(Place place, String label, String how) {
        Topic topic = topic(place.topic());
        if (topic.epoch == 0) {
            topic.epoch = place.epoch();
        } else if (topic.epoch != place.epoch()) {
            complain("P4: the epoch of " + place.topic() + " was " + topic.epoch + ", " + how + " is " + place);
            topic.epoch = place.epoch();
        }
        if (place.offset() < 1) {
            complain("P4: " + how + " is offset " + place.offset());
            return new Known(label);
        }
        while (topic.places.size() < place.offset()) {
            topic.places.add(null);
        }
        int index = (int) place.offset() - 1;
        Known known = topic.places.get(index);
        if (known == null) {
            known = new Known(label);
            topic.places.set(index, known);
        } else if (!known.label.equals(label)) {
            String promises = (known.acked ? "P1, " : "") + (known.seen ? "P5, " : "") + "P4: ";
            complain(promises + place + " was " + known.label + "; " + how + " is " + label);
        }
        return known;
    }

    private Topic topic(String name) {
        return topics.computeIfAbsent(name, _ -> new Topic());
    }

    /// A message to be sent again.
    record Resend(String id, String topic) {}

    /// After a kill: everything with an id that was not answered, and a tenth of what was since the last time. What
    /// has no id is given up: it is there or it is not.
    synchronized List<Resend> resends(Random random) {
        List<Resend> again = new ArrayList<>();
        unanswered.forEach((id, message) -> {
            if (message.repeatable) {
                again.add(new Resend(id, message.topic));
            }
        });
        unanswered.values().removeIf(message -> !message.repeatable);
        for (String id : ackedSinceResend) {
            Sent message = sent.get(id);
            if (message != null && random.nextInt(10) == 0) {
                again.add(new Resend(id, message.topic));
            }
        }
        ackedSinceResend.clear();
        return again;
    }

    /// Complains about what was stored though its publisher was not told, which an orderly end does not excuse.
    synchronized void requireNothingStoredUnanswered() {
        unanswered.forEach((id, message) -> {
            if (message.repeatable && message.storedAt != 0) {
                complain("P17: " + id + " was stored and not acknowledged");
            }
        });
    }

    synchronized int unansweredNow() {
        return unanswered.size();
    }

    /// What does not fit, so far.
    synchronized List<String> complaints() {
        try {
            if (acks != null && deliveries != null) {
                acks.flush();
                deliveries.flush();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.copyOf(complaints);
    }

    synchronized long acked() {
        return acked;
    }

    synchronized long seen() {
        return seen;
    }

    synchronized long heardBare() {
        return heardBare;
    }

    synchronized long stored() {
        return stored;
    }

    synchronized long storedUnacked() {
        return storedUnacked;
    }

    synchronized long resent() {
        return resent;
    }

    synchronized long refusedCount() {
        return refused;
    }

    @Override
    public synchronized String toString() {
        return "sent " + sent.size() + ", acked " + acked + ", refused " + refused + ", stored " + stored
                + " (of them unanswered " + storedUnacked + "), seen " + seen + ", heard bare " + heardBare
                + ", resent " + resent + ", complaints " + complaints.size();
    }
}
