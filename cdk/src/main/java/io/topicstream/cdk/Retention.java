package io.topicstream.cdk;

import java.util.List;

/// How long messages are kept, and when the bucket deletes what the archive has of them.
final class Retention {
    /// What can be chosen: a template cannot count, so for each of these the days are written down.
    static final List<String> HOURS = List.of(
            "1", "6", "12", "24", "48", "72", "168", "336", "720", "1440", "2160", "4320", "8760", "17520", "87600");

    /// A segment is put up to a day after its messages, and a day is for what begins late.
    private static final int AFTER_THE_LAST_MESSAGE = 2;

    private static final int HOURS_OF_A_DAY = 24;

    private Retention() {}

    static int archiveDays(String hours) {
        return Math.ceilDiv(Integer.parseInt(hours), HOURS_OF_A_DAY) + AFTER_THE_LAST_MESSAGE;
    }
}
