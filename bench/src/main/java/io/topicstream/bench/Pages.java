package io.topicstream.bench;

import java.nio.ByteBuffer;

/// Which page a reader asks for next, and whether the page that came is that one.
///
/// The topic was filled by one publisher, so that offset `n + 1` holds its message `n`. Readers
/// start evenly spread, go forward page by page and begin again at the end. Offsets being known,
/// requests can be pipelined.
final class Pages {
    private final LoadOptions options;
    private final Tally tally;
    private final Marker marker = new Marker();
    private final long[] answered;
    private final long count;

    Pages(LoadOptions options, Tally tally) {
        this.options = options;
        this.tally = tally;
        count = Math.max(1, options.stored / options.page);
        answered = new long[options.publisherCount()];
    }

    /// The first offset of the reader's page `number`.
    long firstOffset(Connection reader, long number) {
        long start = reader.index * count / options.publisherCount();
        return 1 + (start + number) % count * options.page;
    }

    /// Takes the next answer of a reader, whose messages are in `[from, to)`.
    void onPage(Connection reader, ByteBuffer in, int from, int to, long nowNs) {
        long expected = firstOffset(reader, answered[reader.index]++) - 1;
        int found = 0;
        int misplaced = 0;
        int at = marker.read(in, from, to);
        while (at >= 0) {
            if (marker.number() != expected + found) {
                misplaced++;
            }
            found++;
            at = marker.read(in, at, to);
        }
        tally.onPage(found, misplaced, nowNs);
    }
}
