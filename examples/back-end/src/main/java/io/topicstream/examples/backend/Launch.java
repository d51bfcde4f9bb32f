package io.topicstream.examples.backend;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;

/// Runs a program of an example: reads its environment, opens what it needs, listens, and says where, until it is told
/// to end. What it cannot do without is named, and ends it.
public final class Launch {
    /// As of other programs of the project: the environment is not right, or the address is not to be had.
    private static final int CONFIGURATION = 78;

    private static final int CANNOT_LISTEN = 71;
    private static final int CANNOT_OPEN = 74;

    private Launch() {}

    /// A program.
    public interface Program {
        /// Opens what it needs, and ends the reading of the environment ([Environment#check]).
        ///
        /// @param endpoints where it says what it answers; not started
        /// @param closing what it opens goes here too, and is closed in the opposite order
        void open(Environment environment, Endpoints endpoints, Deque<AutoCloseable> closing)
                throws Environment.Missing;
    }

    /// Runs a program until it is told to end.
    ///
    /// @param name in front of what it says when it fails
    public static void run(String name, Program program) {
        Environment environment = new Environment(System.getenv());
        String host = environment.host();
        int port = environment.port();
        Endpoints endpoints = new Endpoints();
        Deque<AutoCloseable> closing = new ArrayDeque<>();
        try {
            program.open(environment, endpoints, closing);
        } catch (Environment.Missing e) {
            end(name, CONFIGURATION, String.valueOf(e.getMessage()));
        } catch (RecordsException e) {
            end(name, CANNOT_OPEN, String.valueOf(e.getMessage()));
        }
        try {
            endpoints.start(new InetSocketAddress(host, port));
        } catch (IOException e) {
            closing.forEach(Launch::close);
            end(
                    name,
                    CANNOT_LISTEN,
                    "Cannot listen on " + host + ":" + port + " (HTTP_HOST, HTTP_PORT): " + e.getMessage());
        }
        closing.push(endpoints);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(() -> {
            Journal.info("stopping");
            closing.forEach(Launch::close);
        }));
        System.out.println("ready: http://" + host + ":" + endpoints.address().getPort());
    }

    private static void close(AutoCloseable open) {
        try {
            open.close();
        } catch (Exception e) {
            Journal.warn("not closed: " + e);
        }
    }

    private static void end(String name, int exitCode, String text) {
        text.lines().forEach(line -> System.err.println(name + ": " + line));
        System.exit(exitCode);
    }
}
