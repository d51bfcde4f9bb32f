package io.topicstream.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The loop around an SDK for Java in a process of its own: each line of the input is a call, each of the output what
/// came of it.
abstract class JavaCaller<C> {
    private final Map<List<String>, C> clients = new HashMap<>();

    /// A client as an application makes it.
    abstract C client(String endpoint, Call.Key key);

    /// Makes a call.
    ///
    /// @return what was said of a connection, or nothing
    abstract List<String> call(C client, Call call);

    /// What an exception of the SDK stands for.
    abstract Outcome outcome(RuntimeException thrown);

    final void run() throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        PrintStream out = new PrintStream(System.out, true, UTF_8);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            out.println(outcome(Call.of(line)).line());
        }
    }

    private Outcome outcome(Call call) {
        C client = clients.computeIfAbsent(
                List.of(call.endpoint(), call.key().id(), call.key().secret()),
                _ -> client(call.endpoint(), call.key()));
        try {
            return new Outcome.Ok(call(client, call));
        } catch (RuntimeException e) {
            return outcome(e);
        }
    }
}
