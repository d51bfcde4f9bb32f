package io.topicstream.server.load;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// WebSocket clients that ask for much and take nothing: the others do not notice, and when they have
/// left all is as before.
class WebSocketFloodsTest {
    private static final Duration FLOOD = Duration.ofSeconds(4);

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(ints = 25)
    void readsOfLargePagesThatNobodyTakes(int clients, TestReporter report) {
        String read = "{\"action\":\"read\",\"id\":1,\"topic\":\"fat\",\"after\":0,\"limit\":1000}";
        flood(clients, array(read), 4, report);
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(ints = {100, 200, 400})
    void readsOfManyMore(int clients, TestReporter report) {
        readsOfLargePagesThatNobodyTakes(clients, report);
    }

    @ParameterizedTest
    @ValueSource(ints = 25)
    void errorsThatNobodyTakes(int clients, TestReporter report) {
        String unknown = "{\"action\":\"" + "x".repeat(64) + "\",\"id\":\"" + "i".repeat(30) + "\"}";
        flood(clients, array(unknown), 100, report);
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(ints = {50, 100, 800})
    void errorsForManyMore(int clients, TestReporter report) {
        errorsThatNobodyTakes(clients, report);
    }

    @ParameterizedTest
    @ValueSource(ints = 8)
    void signals(int clients, TestReporter report) {
        String signal = "{\"action\":\"signal\",\"topic\":\"fat\",\"message\":\"" + "s".repeat(8000) + "\"}";
        flood(clients, signal, 100_000, report);
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(ints = {16, 32})
    void signalsOfMore(int clients, TestReporter report) {
        signals(clients, report);
    }

    @ParameterizedTest
    @ValueSource(ints = 25)
    void publishesWhoseAnswersNobodyTakes(int clients, TestReporter report) {
        String publish =
                "{\"action\":\"publish\",\"id\":\"" + "i".repeat(60) + "\",\"topic\":\"flooded\",\"message\":1}";
        flood(clients, array(publish), 1_000, report);
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(ints = {50, 100})
    void publishesOfMore(int clients, TestReporter report) {
        publishesWhoseAnswersNobodyTakes(clients, report);
    }

    @ParameterizedTest
    @ValueSource(ints = 25)
    void subscribesThatAreHeld(int clients, TestReporter report) {
        // Each with a name of its own, which is what takes room while it waits.
        StringBuilder array = new StringBuilder("[");
        for (int i = 0; i < 1_000; i++) {
            array.append(i == 0 ? "" : ",")
                    .append("{\"action\":\"subscribe\",\"topic\":\"")
                    .append("t".repeat(60))
                    .append(i)
                    .append("\"}");
        }
        flood(clients, array.append(']').toString(), 100, report);
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(ints = {50, 100, 800})
    void subscribesOfMore(int clients, TestReporter report) {
        subscribesThatAreHeld(clients, report);
    }

    private static String array(String frame) {
        return "[" + (frame + ",").repeat(999) + frame + "]";
    }

    private void flood(int clients, String message, int times, TestReporter report) {
        try (FloodedServer server = new FloodedServer(directory)) {
            server.fill("fat", 30, 40_000);
            FloodedServer.Beside beside;
            try (Floods floods = new Floods(server.uri())) {
                beside = server.during(() -> floods.sendFrames(clients, message, times, FLOOD));
            }
            long afterMs = server.assertUnharmed(beside);
            report.publishEntry(
                    "flood",
                    clients + " clients: " + beside + ", as before after " + afterMs + " ms, " + server.memory());
        }
    }
}
