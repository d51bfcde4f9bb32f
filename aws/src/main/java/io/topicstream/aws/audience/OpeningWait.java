package io.topicstream.aws.audience;

import io.topicstream.aws.audience.Callbacks.Answer;
import io.topicstream.aws.audience.Connection.Phase;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Waits for one connection to open, of which nobody tells: until its handshake is answered, all that is said to it
/// finds it gone. Blocks; not thread-safe.
final class OpeningWait {
    /// How long a handshake may take, and a little more.
    private static final long LONGEST_MS = 20_000;

    private static final long LOOK_MS = 20;
    /// One that has ended is gone too, and only its row tells which of both it is.
    private static final int LOOKS_PER_ROW = 25;

    private final String connectionId;
    private final ConnectionRows connections;
    private final long untilNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LONGEST_MS);
    private int looks;

    OpeningWait(String connectionId, ConnectionRows connections) {
        this.connectionId = connectionId;
        this.connections = connections;
    }

    /// Waits until the gateway says that it is open.
    ///
    /// @return false if that took too long, or it is closed again
    boolean untilOpen(Callbacks callbacks) {
        boolean isOpen = callbacks.describe(connectionId) == Answer.DONE;
        while (!isOpen && again()) {
            isOpen = callbacks.describe(connectionId) == Answer.DONE;
        }
        return isOpen;
    }

    /// Waits a little, if the connection may yet open.
    boolean again() {
        if (System.nanoTime() - untilNs >= 0 || (++looks % LOOKS_PER_ROW == 0 && hasEnded())) {
            return false;
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_MS));
        return true;
    }

    private boolean hasEnded() {
        ConnectionRows.Row row = connections.load(connectionId);
        return row == null || row.connection().phase() == Phase.ENDED;
    }
}
