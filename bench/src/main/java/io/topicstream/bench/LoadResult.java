package io.topicstream.bench;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/// What a run measured. Rates are of the measured window, counts of the whole run.
///
/// @param label the run's name
/// @param connections how many there were
/// @param dropped how many ended before their time
/// @param firstComplaint the first refusal or error, empty if there was none
/// @param seconds length of the measured window
/// @param sentPerS accepted messages, or page requests, a second
/// @param committedPerS acknowledged messages, or answered page requests, a second
/// @param deliveredPerS deliveries, or messages in pages, a second
/// @param latency from the intended time of sending to each delivery
/// @param ackLatency from the intended time of sending to the acknowledgement
record LoadResult(
        String label,
        int connections,
        int dropped,
        String firstComplaint,
        Connecting connecting,
        Gathering gathering,
        Counts counts,
        double seconds,
        double sentPerS,
        double committedPerS,
        double deliveredPerS,
        Percentiles latency,
        Percentiles ackLatency,
        Cpu cpu) {
    /// How connecting went, and what idle connections cost.
    ///
    /// @param seconds until all were ready
    /// @param perS connections that became ready a second
    /// @param handshake time of a handshake
    /// @param serverUs server CPU a connection, in microseconds
    /// @param rssBefore server memory before the first
    /// @param rssIdle server memory with all connected
    /// @param rssEnd server memory at the end
    /// @param rssBytesEach growth a connection
    /// @param idleCpuS server CPU while holding idle connections, in seconds
    record Connecting(
            double seconds,
            double perS,
            Percentiles handshake,
            double serverUs,
            long rssBefore,
            long rssIdle,
            long rssEnd,
            double rssBytesEach,
            double idleCpuS) {}

    /// How a crowd came together; zeros where nobody was waited for.
    ///
    /// @param seconds from the first connection until all subscribers had been told that all are there
    /// @param frames of presence that came until then
    /// @param framesPerS the same a second
    record Gathering(double seconds, long frames, double framesPerS) {
        static final Gathering NONE = new Gathering(0, 0, 0);
    }

    /// What was counted.
    ///
    /// @param topics that were published to, or read
    /// @param sent messages, or page requests, handed to the sockets
    /// @param committed of those, acknowledged
    /// @param refused of those, answered by an error
    /// @param expected deliveries that were due
    /// @param delivered deliveries that came, without duplicates and strays
    /// @param lost deliveries that never came
    /// @param duplicated deliveries that came again
    /// @param outOfOrder deliveries behind a later one of the same publisher and topic
    /// @param misrouted deliveries to a subscriber of another topic, or of what was never sent
    /// @param unmarked messages that were none of ours
    /// @param unanswered still waiting for their acknowledgement at the end
    /// @param stalls times that nothing came for a second with a full window
    /// @param blocked times that no publisher could take what was due
    record Counts(
            int topics,
            long sent,
            long committed,
            long refused,
            long expected,
            long delivered,
            long lost,
            long duplicated,
            long outOfOrder,
            long misrouted,
            long unmarked,
            long unanswered,
            long stalls,
            long blocked) {
        /// Whether nothing was lost, duplicated, out of order or misrouted.
        boolean areClean() {
            return lost == 0 && duplicated == 0 && outOfOrder == 0 && misrouted == 0;
        }
    }

    /// CPU in the measured window.
    ///
    /// @param server cores used by the server
    /// @param serverUs server CPU a delivery (or acknowledgement, where there are none), microseconds
    /// @param serverUserUs the part of it outside the kernel
    /// @param tool cores used by this process
    /// @param foreign cores used by others: the noise
    record Cpu(double server, double serverUs, double serverUserUs, double tool, double foreign) {}

    /// A distribution of times, in microseconds.
    record Percentiles(long count, double p50, double p90, double p99, double p999, double max) {
        static Percentiles of(Histogram histogram) {
            if (histogram.getTotalCount() == 0) {
                return new Percentiles(0, 0, 0, 0, 0, 0);
            }
            return new Percentiles(
                    histogram.getTotalCount(),
                    histogram.getValueAtPercentile(50) / 1e3,
                    histogram.getValueAtPercentile(90) / 1e3,
                    histogram.getValueAtPercentile(99) / 1e3,
                    histogram.getValueAtPercentile(99.9) / 1e3,
                    histogram.getMaxValue() / 1e3);
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT, "p50 %.1f p90 %.1f p99 %.1f p99.9 %.1f max %.1f us", p50, p90, p99, p999, max);
        }
    }

    /// The result as one line of JSON.
    String json() {
        return json(this);
    }

    private static String json(Record record) {
        StringBuilder text = new StringBuilder("{");
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            Object value;
            try {
                value = component.getAccessor().invoke(record);
            } catch (IllegalAccessException | InvocationTargetException e) {
                throw new IllegalStateException(e);
            }
            text.append(text.length() == 1 ? "" : ",")
                    .append('"')
                    .append(component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT))
                    .append("\":")
                    .append(
                            switch (value) {
                                case Record inner -> json(inner);
                                case String word -> quote(word);
                                case Double number -> String.format(Locale.ROOT, "%.3f", number);
                                default -> value.toString();
                            });
        }
        return text.append('}').toString();
    }

    private static String quote(String word) {
        StringBuilder text = new StringBuilder("\"");
        for (int i = 0; i < word.length(); i++) {
            char c = word.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < ' ') {
                text.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                text.append(c);
            }
        }
        return text.append('"').toString();
    }

    /// The result in one line for people.
    String summary() {
        StringBuilder text = new StringBuilder(label.isEmpty() ? "" : label + ": ");
        text.append(String.format(Locale.ROOT, "%d connections at %.0f/s", connections, connecting.perS()));
        if (connecting.rssIdle() > 0) {
            text.append(String.format(Locale.ROOT, ", %.0f B each", connecting.rssBytesEach()));
        }
        if (gathering.seconds() > 0) {
            text.append(String.format(
                    Locale.ROOT,
                    "; all told of all after %.2f s by %d frames (%.0f/s)",
                    gathering.seconds(),
                    gathering.frames(),
                    gathering.framesPerS()));
        }
        if (counts.sent() > 0) {
            text.append(String.format(
                    Locale.ROOT,
                    "; %d topics, accepted %d (%.0f/s), committed %d (%.0f/s), delivered %d (%.0f/s)",
                    counts.topics(),
                    counts.sent(),
                    sentPerS,
                    counts.committed(),
                    committedPerS,
                    counts.delivered(),
                    deliveredPerS));
            if (latency.count() > 0) {
                text.append("; ").append(latency);
            }
            if (ackLatency.count() > 0) {
                text.append("; answers ").append(ackLatency);
            }
            text.append(String.format(
                    Locale.ROOT,
                    "; server %.2f cores %.3f us each (user %.3f), tool %.2f, others %.2f",
                    cpu.server(),
                    cpu.serverUs(),
                    cpu.serverUserUs(),
                    cpu.tool(),
                    cpu.foreign()));
            text.append(String.format(
                    Locale.ROOT,
                    "; lost %d duplicated %d out of order %d misrouted %d refused %d",
                    counts.lost(),
                    counts.duplicated(),
                    counts.outOfOrder(),
                    counts.misrouted(),
                    counts.refused()));
        }
        if (dropped > 0 || !firstComplaint.isEmpty()) {
            text.append("; dropped ")
                    .append(dropped)
                    .append(", first complaint: ")
                    .append(firstComplaint);
        }
        return text.toString();
    }
}
