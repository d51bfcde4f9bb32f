package io.topicstream.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.bench.BareBroadcaster.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class LoadRunTest {
    private static final String SHORT = " --settle 0 --warm 0.1 --dur 0.4 --max-time 30";

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSoundBroadcasterLosesNothingInAClosedLoop(boolean coalesce) {
        try (BareBroadcaster broadcaster = BareBroadcaster.start(0, coalesce)) {
            LoadResult result = load(broadcaster, "--subs 50 --pubs 2 --groups 2 --window 16");

            assertThat(result.counts().sent()).isGreaterThan(100);
            assertThat(result.counts().delivered()).isEqualTo(result.counts().sent() * 25);
            assertThat(result.counts().expected()).isEqualTo(result.counts().delivered());
            assertThat(result.counts().areClean()).as(result.summary()).isTrue();
            assertThat(result.latency().count()).isPositive();
            assertThat(result.dropped()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(Transport.class)
    void anOpenLoopSendsAtItsRate(Transport transport) {
        try (BareBroadcaster broadcaster = BareBroadcaster.start(0, false)) {
            LoadResult result =
                    load(broadcaster, "--subs 20 --pubs 20 --groups 20 --rate 1000 --transport " + transport);

            assertThat(result.counts().sent()).isEqualTo(500);
            assertThat(result.counts().delivered()).isEqualTo(500);
            assertThat(result.counts().areClean()).as(result.summary()).isTrue();
        }
    }

    @Test
    void aMessageToOneselfIsCountedOnce() {
        try (BareBroadcaster broadcaster = BareBroadcaster.start(0, false)) {
            LoadResult result = load(broadcaster, "--both 3 --groups 3 --path /echo --rate 600");

            assertThat(result.counts().delivered()).isEqualTo(300);
            assertThat(result.counts().areClean()).as(result.summary()).isTrue();
        }
    }

    @Test
    void largeMessagesPassWhole() {
        try (BareBroadcaster broadcaster = BareBroadcaster.start(0, true)) {
            LoadResult result = load(broadcaster, "--subs 3 --pubs 1 --window 8 --size 100000");

            assertThat(result.counts().delivered()).isPositive();
            assertThat(result.counts().areClean()).as(result.summary()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(Transport.class)
    void aSocketThatIsFullTakesTheRestLater(Transport transport) {
        try (BareBroadcaster broadcaster = BareBroadcaster.faulty((room, frame) -> {
            LockSupport.parkNanos(5_000_000);
            return Fault.NONE;
        })) {
            LoadResult result = load(broadcaster, "--subs 1 --pubs 1 --rate 800 --size 30000 --transport " + transport);

            assertThat(result.counts().sent()).isEqualTo(400);
            assertThat(result.counts().delivered()).isEqualTo(400);
            assertThat(result.counts().areClean()).as(result.summary()).isTrue();
        }
    }

    @Test
    void whoStoppedReadingGetsEverythingAfterwards() {
        try (BareBroadcaster broadcaster = BareBroadcaster.start(0, false)) {
            LoadResult result = load(broadcaster, "--subs 6 --stall 2 --pubs 1 --rate 400 --size 8192 --drain 20");

            assertThat(result.counts().sent()).isEqualTo(200);
            assertThat(result.counts().expected()).isEqualTo(1_200);
            assertThat(result.counts().delivered()).isEqualTo(1_200);
            assertThat(result.counts().areClean()).as(result.summary()).isTrue();
            assertThat(result.latency().count()).isLessThanOrEqualTo(800);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"DROP", "DUPLICATE", "REORDER", "MISROUTE"})
    void eachWayOfGoingWrongIsFoundOut(Fault fault) {
        int every = 50;
        try (BareBroadcaster broadcaster =
                BareBroadcaster.faulty((room, frame) -> room == 0 && frame % every == 10 ? fault : Fault.NONE)) {
            LoadResult result = load(broadcaster, "--subs 4 --pubs 2 --groups 2 --rate 1000 --drain 0.3");

            LoadResult.Counts counts = result.counts();
            long wrong = counts.sent() / 2 / every * 2;
            assertThat(wrong).isPositive();
            assertThat(counts.areClean()).isFalse();
            assertThat(List.of(counts.lost(), counts.duplicated(), counts.outOfOrder(), counts.misrouted()))
                    .as(result.summary())
                    .isEqualTo(
                            switch (fault) {
                                case NONE -> List.of(0L, 0L, 0L, 0L);
                                case DROP -> List.of(wrong, 0L, 0L, 0L);
                                case DUPLICATE -> List.of(0L, wrong, 0L, 0L);
                                case REORDER -> List.of(0L, 0L, wrong, 0L);
                                case MISROUTE -> List.of(wrong, 0L, 0L, wrong);
                            });
        }
    }

    @Test
    void timeSpentOnConnectingIsNoStall() {
        try (BareBroadcaster broadcaster = BareBroadcaster.start(0, false)) {
            LoadResult result = run(
                    broadcaster.port(),
                    "--subs 30 --pubs 1 --window 1 --connect-rate 25 --settle 0 --warm 0 --dur 0.2 --max-time 30");

            assertThat(result.connecting().seconds()).isGreaterThan(1);
            assertThat(result.counts().stalls()).isZero();
            assertThat(result.counts().areClean()).as(result.summary()).isTrue();
        }
    }

    @Test
    void whatComesAfterAStallMakesNoSecondRoomInTheWindow() {
        // A frame that is held back comes with the next one, and with one in flight there is no next one until the
        // tool gives up waiting. If the late one then made room for two in flight, the second stall would not occur.
        try (BareBroadcaster broadcaster =
                BareBroadcaster.faulty((room, frame) -> frame == 20 || frame == 40 ? Fault.REORDER : Fault.NONE)) {
            LoadResult result =
                    run(broadcaster.port(), "--subs 4 --pubs 1 --window 1 --settle 0 --warm 0 --dur 2.5 --max-time 30");

            LoadResult.Counts counts = result.counts();
            assertThat(counts.stalls()).as(result.summary()).isEqualTo(2);
            assertThat(counts.outOfOrder()).isEqualTo(8);
            assertThat(counts.lost()).isZero();
            assertThat(counts.delivered()).isEqualTo(counts.expected()).isEqualTo(counts.sent() * 4);
        }
    }

    @Test
    void whatIsStillComingIsNotLostHoweverLongItTakes() {
        long frameNs = 10_000_000;
        try (BareBroadcaster broadcaster = BareBroadcaster.faulty((room, frame) -> {
            LockSupport.parkNanos(frameNs);
            return Fault.NONE;
        })) {
            LoadResult result = load(broadcaster, "--subs 2 --pubs 1 --rate 300 --drain 0.2");

            assertThat(result.counts().sent()).isEqualTo(150);
            assertThat(result.counts().delivered()).isEqualTo(300);
            assertThat(result.counts().areClean()).as(result.summary()).isTrue();
        }
    }

    @Test
    void aLossDoesNotStopAClosedLoop() {
        try (BareBroadcaster broadcaster =
                BareBroadcaster.faulty((room, frame) -> frame == 20 ? Fault.DROP : Fault.NONE)) {
            LoadResult result = run(
                    broadcaster.port(),
                    "--subs 4 --pubs 1 --window 1 --settle 0 --warm 0 --dur 1.5 --drain 0.3 --max-time 30");

            assertThat(result.counts().lost()).isEqualTo(4);
            assertThat(result.counts().stalls()).isPositive();
            assertThat(result.counts().sent()).isGreaterThan(100);
        }
    }

    @Test
    void pipelinedRequestsAreEachAnswered() {
        try (BareHttpServer server = BareHttpServer.start(0)) {
            LoadResult result = run(server.port(), "--protocol produce --pubs 4 --window 16" + SHORT);

            assertThat(result.counts().sent()).isGreaterThan(100);
            assertThat(result.counts().committed()).isEqualTo(result.counts().sent());
            assertThat(result.counts().unanswered()).isZero();
            assertThat(result.ackLatency().count()).isPositive();
        }
    }

    @Test
    void anOrdinaryServerAnswersEachRequest() {
        try (JdkHttpServer server = JdkHttpServer.start(0)) {
            LoadResult result = run(server.port(), "--protocol produce --pubs 4 --window 1" + SHORT);

            assertThat(result.counts().sent()).isGreaterThan(100);
            assertThat(result.counts().committed()).isEqualTo(result.counts().sent());
            assertThat(result.counts().refused()).isZero();
        }
    }

    @Test
    void aPageWithoutItsMessagesIsALoss() {
        try (BareHttpServer server = BareHttpServer.start(0)) {
            LoadResult result =
                    run(server.port(), "--protocol consume --pubs 1 --window 1 --stored 100 --count 5" + SHORT);

            assertThat(result.counts().lost()).isEqualTo(500);
        }
    }

    @Test
    void aRunEndsAfterItsCount() {
        try (BareBroadcaster broadcaster = BareBroadcaster.start(0, false)) {
            LoadResult result =
                    run(broadcaster.port(), "--subs 2 --pubs 1 --window 4 --count 100 --dur 60 --max-time 30");

            assertThat(result.counts().sent()).isEqualTo(100);
            assertThat(result.counts().delivered()).isEqualTo(200);
        }
    }

    @Test
    void aRunThatTakesTooLongFails() {
        try (BareBroadcaster broadcaster = BareBroadcaster.start(0, false)) {
            assertThatThrownBy(() -> run(broadcaster.port(), "--subs 1 --dur 0 --hold 30 --max-time 0.5"))
                    .isInstanceOf(LoadFailure.class)
                    .hasMessageContaining("time limit");
        }
    }

    @Test
    void aServerThatIsNotThereIsSaidToBe() {
        int port;
        try (BareBroadcaster gone = BareBroadcaster.start(0, false)) {
            port = gone.port();
        }

        assertThatThrownBy(() -> run(port, "--subs 3" + SHORT))
                .isInstanceOf(LoadFailure.class)
                .hasMessageContaining("only 0 of 3 connections")
                .hasMessageContaining("refused");
    }

    @Test
    void aServerThatRefusesTheHandshakeIsQuoted() {
        try (BareHttpServer server = BareHttpServer.start(0)) {
            assertThatThrownBy(() -> run(server.port(), "--subs 1" + SHORT))
                    .isInstanceOf(LoadFailure.class)
                    .hasMessageContaining("HTTP/1.1 200 OK");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.1", "192.0.2.7", "0.0.0.0", "::"})
    void otherMachinesAreRefused(String host) {
        assertThatThrownBy(() -> LoadOptions.parse(List.of("--host", host, "--port", "80", "--subs", "1")))
                .isInstanceOf(CommandLine.ParameterException.class)
                .hasMessageContaining("not a loopback address");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--subs 0",
                "--both 1 --subs 1",
                "--subs 1 --size 10",
                "--subs 1 --groups 0",
                "--subs 1 --stall 2",
                "--subs 1 --max-time 0",
                "--protocol produce --subs 1",
                "--subs 1 --groups 4 --topics-per-sub 2",
                "--protocol consume --pubs 1 --window 1",
                "--protocol mqtt --subs 1"
            })
    void senselessCommandLinesAreRefused(String arguments) {
        List<String> words = new ArrayList<>(List.of("--port", "80"));
        words.addAll(List.of(arguments.split(" ")));

        assertThatThrownBy(() -> LoadOptions.parse(words)).isInstanceOf(CommandLine.ParameterException.class);
    }

    private static LoadResult load(BareBroadcaster broadcaster, String arguments) {
        return run(broadcaster.port(), arguments + SHORT);
    }

    private static LoadResult run(int port, String arguments) {
        List<String> words = new ArrayList<>(List.of("--port", Integer.toString(port)));
        words.addAll(List.of(arguments.split(" ")));
        return LoadRun.run(LoadOptions.parse(words));
    }
}
