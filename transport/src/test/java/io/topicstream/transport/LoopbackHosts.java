package io.topicstream.transport;

/// For servers of tests: the hosts that they serve.
public final class LoopbackHosts {
    private LoopbackHosts() {}

    /// Whether the host, with or without its port, can only mean this machine.
    public static boolean isLoopback(String hostAndPort) {
        int colon = hostAndPort.lastIndexOf(':');
        String host = colon > hostAndPort.lastIndexOf(']') ? hostAndPort.substring(0, colon) : hostAndPort;
        return host.equals("localhost")
                || host.endsWith(".localhost")
                || host.equals("[::1]")
                || host.matches("127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");
    }
}
