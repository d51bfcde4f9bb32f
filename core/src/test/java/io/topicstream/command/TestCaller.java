package io.topicstream.command;

import io.topicstream.access.Identity;
import io.topicstream.log.Lane;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/// A caller without a connection.
record TestCaller(Identity identity, String stage, Quota quota) implements Caller {
    TestCaller(Identity identity) {
        this(identity, "test", Quota.UNLIMITED);
    }

    @Override
    public @Nullable String connectionId() {
        return null;
    }

    @Override
    public InetAddress address() {
        return InetAddress.getLoopbackAddress();
    }

    @Override
    public @Nullable String origin() {
        return null;
    }

    @Override
    public Lane answerLane() {
        return Lane.DIRECT;
    }
}
