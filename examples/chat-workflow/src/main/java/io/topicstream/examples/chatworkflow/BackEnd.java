package io.topicstream.examples.chatworkflow;

import io.topicstream.examples.backend.Endpoints;
import io.topicstream.examples.backend.Environment;
import io.topicstream.examples.backend.Launch;
import io.topicstream.examples.backend.Records;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Deque;

/// The program that the gateway calls.
public final class BackEnd {
    private static final URI NOWHERE = URI.create("http://127.0.0.1");

    private BackEnd() {}

    public static void main(String[] arguments) {
        Launch.run("chat-workflow", BackEnd::open);
    }

    private static void open(Environment environment, Endpoints endpoints, Deque<AutoCloseable> closing)
            throws Environment.Missing {
        Path folder = environment.made("ROCKSDB_DIR", "a folder", Path::of, Path.of(""), true);
        URI topic = environment.made(
                "BUS_URL",
                "the URL of a topic, such as http://127.0.0.1:8080/topics/chat",
                Environment::url,
                NOWHERE,
                true);
        String token = environment.required("BUS_TOKEN", "a token that may publish there");
        environment.check();
        Records records = Records.open(folder);
        closing.push(records);
        Bus bus = new Bus(topic, token);
        closing.push(bus);
        InstantSource clock = InstantSource.system();
        new Chat(new Members(records, clock), bus, clock).addTo(endpoints);
    }
}
