package io.topicstream.command;

/// What bounds how much callers may ask for: it is asked for each command, before the command is run. Thread-safe;
/// does not block.
@FunctionalInterface
public interface Quota {
    /// Nobody is bounded.
    Quota UNLIMITED = (_, _) -> true;

    /// Takes one command out of what the caller may still ask for.
    ///
    /// @param payloadBytes what it says beside names and numbers
    /// @return false if that is used up for now: nothing was taken, and nothing is run
    boolean take(Caller caller, int payloadBytes);

    /// What has been refused so far.
    default Refusals refusals() {
        return Refusals.NONE;
    }

    /// Commands that were refused, by whose bound it was.
    record Refusals(long byConnection, long byUser, long byStage) {
        static final Refusals NONE = new Refusals(0, 0, 0);
    }
}
