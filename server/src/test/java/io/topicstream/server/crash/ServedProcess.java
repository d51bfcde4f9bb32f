package io.topicstream.server.crash;

import io.topicstream.server.TopicStreamServer;
import io.topicstream.server.config.ServerConfig;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// The process that is killed: one server, which says its port, stops in order on SIGTERM, and ends with the test
/// that started it.
final class ServedProcess {
    private ServedProcess() {}

    /// Runs until it is ended.
    ///
    /// @param args pairs of a setting and its value
    public static void main(String[] args) throws Exception {
        Map<String, String> settings = new HashMap<>();
        for (int i = 0; i < args.length; i += 2) {
            settings.put(args[i], args[i + 1]);
        }
        ServerConfig config = ServerConfig.load((Path) null, Map.of(), settings).config();
        TopicStreamServer server = TopicStreamServer.start(config);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            server.stop().join();
            System.out.println("stopped");
        }));
        System.out.println("port " + server.address().getPort());
        while (System.in.read() >= 0) {
            // Whoever holds the other end lives.
        }
        Runtime.getRuntime().halt(1);
    }
}
