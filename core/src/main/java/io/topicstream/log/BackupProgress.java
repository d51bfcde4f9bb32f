package io.topicstream.log;

/// Hears how far the making, checking or putting back of a backup is. Called on the thread that does the work, often.
@FunctionalInterface
public interface BackupProgress {
    /// For those who do not want to hear.
    BackupProgress NONE = (doneBytes, totalBytes) -> {};

    /// So many bytes of so many are done.
    void at(long doneBytes, long totalBytes);
}
