package io.topicstream.cli;

/// How a command ends, as numbers; those of `sysexits.h` where it has one. `docs/operations.md` has the same
/// table.
final class ExitCodes {
    /// Done.
    static final int OK = 0;
    /// The server refused what was asked for, or does not have it.
    static final int REFUSED = 1;
    /// The command line is wrong.
    static final int USAGE = 2;
    /// There was no memory on the heap. The JVM itself ends a server with this, by a flag of the launcher.
    static final int NO_MEMORY = 3;
    /// The server cannot be reached, or did not answer.
    static final int UNREACHABLE = 69;
    /// A fault of the program's own.
    static final int FAULT = 70;
    /// The address cannot be listened on.
    static final int CANNOT_LISTEN = 71;
    /// The data directory or a backup cannot be used: locked, damaged, not ours. Or the output cannot be written.
    static final int DATA = 74;
    /// A thread of the server could not go on, or stopping took too long: start it again.
    static final int CANNOT_GO_ON = 75;
    /// Not allowed: missing or wrong credentials.
    static final int NOT_ALLOWED = 77;
    /// The configuration cannot be used.
    static final int CONFIGURATION = 78;
    /// The reader of the output has gone away, as after SIGPIPE.
    static final int READER_GONE = 141;

    private ExitCodes() {}
}
