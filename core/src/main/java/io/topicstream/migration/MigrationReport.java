package io.topicstream.migration;

/// What a migration has moved, as it was compared at the end.
///
/// @param epoch that the log is in now
/// @param ids message ids that are remembered
/// @param records of state
/// @param largeMessages how many messages are longer than [Migration#FRAME_BYTES] as they are printed
/// @param wasFinished whether all of it was done by an earlier run; then nothing was counted
public record MigrationReport(
        long epoch, long topics, long messages, long ids, long records, long largeMessages, boolean wasFinished) {}
