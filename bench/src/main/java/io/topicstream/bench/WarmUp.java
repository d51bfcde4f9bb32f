package io.topicstream.bench;

import java.util.List;

/// A short load on a broadcaster in this very process, so that the tool's own code is compiled
/// before it measures a server at a low rate; a cold JVM would add its own 60 µs to every latency.
final class WarmUp {
    private WarmUp() {}

    static void run() {
        try (BareBroadcaster broadcaster = BareBroadcaster.start(0, false)) {
            String port = Integer.toString(broadcaster.port());
            List<String> common = List.of("--port", port, "--settle", "0", "--warm", "0.3", "--dur", "0.7");
            LoadRun.run(LoadOptions.parse(
                    List.of("--port", port, "--settle", "0", "--dur", "0", "--subs", "3000", "--connect-rate", "0")));
            LoadRun.run(LoadOptions.parse(with(common, "--subs", "100", "--pubs", "1", "--window", "4")));
            LoadRun.run(LoadOptions.parse(
                    with(common, "--subs", "50", "--pubs", "50", "--groups", "50", "--rate", "10000")));
        }
    }

    private static List<String> with(List<String> common, String... more) {
        return java.util.stream.Stream.concat(common.stream(), List.of(more).stream())
                .toList();
    }
}
