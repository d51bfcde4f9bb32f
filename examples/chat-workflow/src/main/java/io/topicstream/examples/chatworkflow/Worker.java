package io.topicstream.examples.chatworkflow;

import io.topicstream.examples.backend.Callbacks;
import io.topicstream.examples.backend.Endpoints;
import io.topicstream.examples.backend.Environment;
import io.topicstream.examples.backend.Launch;
import java.net.URI;
import java.time.InstantSource;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// The program to which the sink posts.
public final class Worker {
    private static final URI NOWHERE = URI.create("http://127.0.0.1");
    private static final int PAGE = 100;

    private Worker() {}

    public static void main(String[] arguments) {
        Launch.run("chat-worker", Worker::open);
    }

    private static void open(Environment environment, Endpoints endpoints, Deque<AutoCloseable> closing)
            throws Environment.Missing {
        URI backEnd = environment.made(
                "BACK_END_URL",
                "the URL of the back end, such as http://127.0.0.1:8081",
                Environment::url,
                NOWHERE,
                true);
        URI callbacks = environment.made(
                "CALLBACKS_URL",
                "where connections are reached, such as http://127.0.0.1:8080/lobby",
                Environment::url,
                NOWHERE,
                true);
        InstantSource clock = InstantSource.system();
        @Nullable
        Signature signature = environment.<@Nullable Signature>made(
                "WEBHOOK_SECRET",
                "the secret of the sink, whsec_ and base64",
                secret -> new Signature(secret, clock),
                null,
                true);
        String region = environment.region();
        environment.check();
        if (signature == null) {
            throw new IllegalStateException("checked above");
        }
        Counts counts = new Counts();
        MemberList members = new MemberList(backEnd, PAGE);
        closing.push(members);
        Callbacks calls = Callbacks.once(region, Environment.credentials(environment.hasCredentials()));
        closing.push(calls);
        Workflow workflow = new Workflow(members, calls, callbacks.toString(), clock, counts);
        closing.push(workflow);
        new WorkerEndpoint(signature, workflow, counts).addTo(endpoints);
    }
}
