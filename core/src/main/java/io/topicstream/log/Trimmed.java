package io.topicstream.log;

/// How many messages retention has ended, each counted under the limit that ended it.
///
/// @param byAge they were too old
/// @param byCount there were too many behind them
/// @param byBytes there was too much behind them
public record Trimmed(long byAge, long byCount, long byBytes) {
    /// None.
    public static final Trimmed NONE = new Trimmed(0, 0, 0);

    /// With some more.
    public Trimmed plus(long age, long count, long bytes) {
        return new Trimmed(byAge + age, byCount + count, byBytes + bytes);
    }

    /// How many in all.
    public long all() {
        return byAge + byCount + byBytes;
    }
}
