package io.topicstream.command;

/// How many requests may be made: so many a second in the long run, and so many at once.
///
/// @param perSecond from 1
/// @param burst from 1
public record Rate(int perSecond, int burst) {
    public Rate {
        if (perSecond < 1 || burst < 1) {
            throw new IllegalArgumentException("a rate lets at least one request a second through");
        }
    }
}
