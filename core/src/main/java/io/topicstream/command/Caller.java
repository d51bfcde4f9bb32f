package io.topicstream.command;

import io.topicstream.access.Identity;
import io.topicstream.log.Lane;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/// Who asks for a command, through any door: what every command is told of its caller. Commands look at it on the
/// caller's own thread, and may keep it.
public interface Caller {
    Identity identity();

    /// Names the connection; null where the answer is all that comes back, as over HTTP.
    @Nullable
    String connectionId();

    /// Where it calls from.
    InetAddress address();

    /// The mark of what it says, by which that can be kept from coming back to it; null where nothing would.
    @Nullable
    String origin();

    /// The name of the stage by which it came.
    String stage();

    /// What bounds how much it may ask for.
    Quota quota();

    /// Where the log answers it: its own thread.
    Lane answerLane();
}
