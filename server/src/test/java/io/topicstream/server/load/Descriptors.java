package io.topicstream.server.load;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/// What the operating system counts of this process.
public final class Descriptors {
    private Descriptors() {}

    /// Open files and sockets.
    public static long open() {
        return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getOpenFileDescriptorCount();
    }
}
