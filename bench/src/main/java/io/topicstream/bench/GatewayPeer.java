package io.topicstream.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A server with a gateway whose one route calls a server over HTTP that does nothing but answer.
final class GatewayPeer {
    private GatewayPeer() {}

    /// The command for what stands behind the gateway.
    ///
    /// @param program that is a server, given its port
    static List<String> backEnd(Class<?> program) {
        return ServerProcess.own(program, "{port}");
    }

    /// The command for a server that has a gateway too.
    ///
    /// @param server the command for one without
    /// @param scratch where the gateway's definition is written
    static List<String> command(List<String> server, ServerProcess backEnd, Path scratch) {
        Path definition = scratch.resolve("gateway.yaml").toAbsolutePath();
        try {
            Files.writeString(definition, """
                    api: bench
                    stage: bench
                    routes:
                      call: {url: "http://127.0.0.1:%d/topics/bench.0/produce", two_way: true}
                    """.formatted(backEnd.port()));
        } catch (IOException e) {
            throw new LoadFailure("cannot write " + definition, e);
        }
        List<String> words = new ArrayList<>(server);
        words.addAll(List.of("--set", "gateway.definition=" + definition));
        return words;
    }
}
