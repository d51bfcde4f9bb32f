package io.topicstream.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// One row group of the table: a load on the server, the same or its like on a limit or a peer, and
/// what the two are to be to each other.
///
/// @param id the short name it is known by
/// @param what in words
/// @param ours the load on the server
/// @param peer who it is compared with
/// @param theirs the load on the peer
/// @param measures what is compared, and the goals
record Workload(String id, String what, Load ours, Peer peer, Load theirs, List<Measure> measures) {
    /// Who a workload is compared with.
    enum Peer {
        /// The least broadcaster, a write for every delivery.
        LIMIT("limit"),
        /// The least broadcaster, joining what came in one turn.
        JOINING_LIMIT("joining limit"),
        /// The HTTP server that only answers.
        HTTP("bare HTTP"),
        /// Redis, synced before every answer.
        REDIS("Redis"),
        /// The HTTP server behind the gateway, asked without it: the least there is.
        BACK_END("its back end"),
        /// The same, where that is an ordinary server.
        ORDINARY_BACK_END("its back end, the JDK's server"),
        /// The server itself, under another load.
        ITSELF("itself"),
        /// The server itself, on a port without TLS.
        ITSELF_PLAIN("itself without TLS");

        final String words;

        Peer(String words) {
            this.words = words;
        }

        /// The program that stands behind our gateway; null where we are asked directly.
        @Nullable
        Class<?> backEnd() {
            return switch (this) {
                case BACK_END -> BareHttpServer.class;
                case ORDINARY_BACK_END -> JdkHttpServer.class;
                case LIMIT, JOINING_LIMIT, HTTP, REDIS, ITSELF, ITSELF_PLAIN -> null;
            };
        }
    }

    /// Command lines of a load.
    ///
    /// @param prepare what is run once before, or null
    /// @param warmUp what is run before the measurement until the server has settled: the same way through the
    ///     server as what is measured, at full speed
    /// @param measure what is measured
    record Load(@Nullable String prepare, String warmUp, String measure) {
        /// A load that is its own warm-up.
        static Load of(String measure) {
            return new Load(null, measure, measure);
        }

        /// A load of which `measure` is a part, in whose place `warmUp` stands while the server warms up.
        static Load with(String measure, String warmUp, String load) {
            return new Load(null, load + warmUp, load + measure);
        }
    }

    /// One figure of a run.
    ///
    /// @param name with its unit
    /// @param of where it stands in a result
    /// @param goal what its ratio to the peer's is to be; null if it is only measured
    record Measure(
            String name,
            ToDoubleFunction<LoadResult> of,
            @Nullable Goal goal) {
        /// A figure without a goal.
        Measure(String name, ToDoubleFunction<LoadResult> of) {
            this(name, of, null);
        }

        Measure atLeast(double ratio) {
            return new Measure(name, of, new Goal(true, ratio));
        }

        Measure atMost(double ratio) {
            return new Measure(name, of, new Goal(false, ratio));
        }
    }

    /// What a ratio is to be.
    ///
    /// @param atLeast whether more is better
    record Goal(boolean atLeast, double ratio) {
        boolean isReached(double measured) {
            return atLeast ? measured >= ratio : measured <= ratio;
        }

        String text() {
            return String.format(Locale.ROOT, "%s %.2f", atLeast ? "≥" : "≤", ratio);
        }
    }

    private static final String NATIVE = "--protocol native ";

    private static final Measure DELIVERIES = new Measure("deliveries/s", LoadResult::deliveredPerS);
    private static final Measure CPU =
            new Measure("server CPU a delivery, µs", result -> result.cpu().serverUs());
    private static final Measure P50 =
            new Measure("p50, µs", result -> result.latency().p50());
    private static final Measure P99 =
            new Measure("p99, µs", result -> result.latency().p99());
    private static final Measure MEMORY = new Measure(
            "server memory at the end, B", result -> result.connecting().rssEnd());
    private static final Measure CONNECTIONS =
            new Measure("connections/s", result -> result.connecting().perS());

    /// What is measured of a crowd that comes together.
    static final List<Measure> GATHERING = List.of(
            new Measure("all told of all, s", result -> result.gathering().seconds()),
            new Measure("presence frames/s", result -> result.gathering().framesPerS()),
            new Measure("server CPU a user, µs", result -> result.connecting().serverUs()),
            MEMORY);

    private static Measure committed(String name) {
        return new Measure(name, LoadResult::committedPerS);
    }

    private static Workload delivery(String id, String what, Peer peer, String load, Measure... measures) {
        return new Workload(id, what, Load.of(NATIVE + load), peer, Load.of(load), List.of(measures));
    }

    /// The workloads that are one load against another. Memory and allocation need looks into the
    /// server and are the suite's own.
    ///
    /// @param quick few connections and messages, for seeing that everything works
    static List<Workload> all(boolean quick) {
        int thousand = quick ? 100 : 1_000;
        int tenThousand = quick ? 200 : 10_000;
        int topics = quick ? 1_000 : 100_000;
        int stored = quick ? 2_000 : 20_000;
        List<Workload> all = new ArrayList<>();
        String fan = "--subs " + thousand + " --pubs 1 --poll-us 200 ";
        all.add(delivery(
                "F1",
                "1 → " + thousand + ", 128 B, 1 in flight",
                Peer.LIMIT,
                fan + "--window 1",
                DELIVERIES.atLeast(0.80),
                CPU.atMost(1.5)));
        all.add(delivery(
                "F2",
                "1 → " + thousand + ", 128 B, 16 in flight",
                Peer.JOINING_LIMIT,
                fan + "--window 16",
                DELIVERIES.atLeast(0.50)));
        for (int size : new int[] {128, 1_024}) {
            all.add(delivery(
                    "F3",
                    "1 → " + tenThousand + ", " + size + " B",
                    Peer.LIMIT,
                    "--subs " + tenThousand + " --pubs 1 --window 1 --poll-us 200 --size " + size,
                    DELIVERIES.atLeast(0.70)));
        }
        all.add(new Workload(
                "L1",
                "publish to self, 500/s",
                // One in flight warms up what is measured: a message that is alone wherever it comes.
                Load.with("--rate 500", "--window 1", NATIVE + "--both 1 "),
                Peer.LIMIT,
                Load.with("--rate 500", "--window 1", "--both 1 --path /echo "),
                List.of(P50.atMost(2), P99.atMost(3))));
        int pairs = quick ? 50 : 1_000;
        String chats = "--subs " + pairs + " --pubs " + pairs + " --groups " + pairs;
        String chatting = " --rate " + pairs * 10;
        all.add(new Workload(
                "X1",
                pairs + " chats of two, " + pairs * 10 + "/s",
                Load.with(chatting, " --window 64", NATIVE + chats),
                Peer.LIMIT,
                Load.with(chatting, " --window 64", chats),
                List.of(CPU.atMost(2.5), P99.atMost(10))));
        all.add(delivery(
                "E1",
                "1 → 1, 64 in flight",
                Peer.LIMIT,
                "--subs 1 --pubs 1 --window 64 --poll-us 50",
                DELIVERIES.atLeast(0.30)));
        for (int window : new int[] {1, 16}) {
            String load = "--pubs 50 --acks --window " + window;
            all.add(new Workload(
                    window == 1 ? "D1" : "D2",
                    "durable publish, 50 publishers × " + window,
                    Load.of(NATIVE + load),
                    Peer.REDIS,
                    Load.of("--protocol xadd " + load),
                    List.of(committed("acknowledged/s").atLeast(window == 1 ? 0.8 : 0.5))));
        }
        String produce = "--protocol produce --pubs 8 --window 16";
        all.add(new Workload(
                "D3",
                "HTTP produce, 8 connections × 16",
                Load.of(produce),
                Peer.HTTP,
                Load.of(produce),
                List.of(committed("answers/s").atLeast(0.5))));
        all.addAll(routed());
        String fill = " --topic-prefix pages. --pubs 1 --window 64 --dur 60 --warm 0 --count " + stored;
        String pages = " --topic-prefix pages. --pubs 8 --window 4 --page 100 --stored " + stored;
        String consume = "--protocol consume" + pages;
        String range = "--protocol xrange" + pages;
        all.add(new Workload(
                "D4",
                "HTTP consume in pages of 100",
                new Load("--protocol produce" + fill, consume, consume),
                Peer.REDIS,
                new Load("--protocol xadd --explicit-ids" + fill, range, range),
                List.of(new Measure("messages/s", LoadResult::deliveredPerS).atLeast(0.5))));
        int perSubscriber = topics / 200;
        // Ten seconds, or one, in which every topic gets a message.
        int rate = quick ? 1_000 : 10_000;
        String steadily = " --rate " + rate + (quick ? " --warm 0.2 --dur 0.8" : " --warm 1 --dur 9");
        all.add(new Workload(
                "T1",
                String.format(Locale.ROOT, "%,d topics × 1 listener, %,d/s, beside 1 topic", topics, rate),
                Load.with(
                        steadily,
                        " --window 64",
                        NATIVE + "--topic-prefix many. --round-robin --pubs 1 --subs 200 --groups " + topics
                                + " --topics-per-sub " + perSubscriber),
                Peer.ITSELF,
                Load.with(steadily, " --window 64", NATIVE + "--subs 1 --pubs 1"),
                List.of(CPU.atMost(1.2))));
        String connect = "--dur 0 --connect-rate 0 --handshakes 128 --subs ";
        String crowd = quick ? "200" : "2000";
        // Two thousand are there in less than half a second, too short for a round of warming up.
        String greaterCrowd = quick ? "200" : "8000";
        all.add(new Workload(
                "C1",
                "handshake and subscription",
                Load.with(crowd, greaterCrowd, NATIVE + connect),
                Peer.LIMIT,
                Load.with(crowd, greaterCrowd, connect),
                List.of(CONNECTIONS.atLeast(0.4))));
        String steady = " --pubs 1 --rate 50 --size 2048";
        for (int stalled : new int[] {thousand / 100, thousand}) {
            int subscribers = stalled == thousand ? 2 * thousand : thousand;
            all.add(new Workload(
                    "R1",
                    stalled + " of " + subscribers + " subscribers stop reading",
                    Load.of(NATIVE + "--drain 20 --subs " + subscribers + " --stall " + stalled + steady),
                    Peer.ITSELF,
                    Load.of(NATIVE + "--subs " + (subscribers - stalled) + steady),
                    List.of(P99.atMost(1.2), MEMORY.atMost(2))));
        }
        // Last, so that the tool has nothing to do with TLS in the rows before.
        String one = NATIVE + fan + "--window 1";
        all.add(new Workload(
                "F1T",
                "1 → " + thousand + ", 128 B, 1 in flight, over TLS",
                Load.of(one + " --tls"),
                Peer.ITSELF_PLAIN,
                Load.of(one),
                List.of(DELIVERIES, CPU)));
        return all;
    }

    /// Messages of a gateway that each call a server, beside that server.
    private static List<Workload> routed() {
        String calls = " --pubs 32 --size 128 ";
        Load route = Load.of("--protocol route --window 1" + calls);
        Load direct = Load.of("--protocol produce --window 1" + calls);
        Measure p50 = new Measure("p50, µs", result -> result.ackLatency().p50());
        Measure p99 = new Measure("p99, µs", result -> result.ackLatency().p99());
        List<Measure> measures = List.of(
                new Measure(
                                "answers a second of CPU",
                                result -> 1e6 / result.cpu().serverUs())
                        .atLeast(0.5),
                // The tool's too: asked directly a call is one exchange, through a gateway it is two.
                new Measure(
                        "answers a second of all CPU",
                        result -> result.committedPerS()
                                / (result.cpu().server() + result.cpu().tool())),
                committed("answers/s"),
                p50,
                p99);
        return List.of(
                new Workload(
                        "H1",
                        "gateway route to a server over HTTP, 32 connections × 1",
                        route,
                        Peer.BACK_END,
                        direct,
                        measures),
                new Workload(
                        "H1",
                        "the same, 1000/s",
                        Load.with("--rate 1000", "--window 1", "--protocol route" + calls),
                        Peer.BACK_END,
                        Load.with("--rate 1000", "--window 1", "--protocol produce" + calls),
                        List.of(p50, p99)),
                new Workload(
                        "H1",
                        "gateway route to an ordinary server over HTTP, 32 connections × 1",
                        route,
                        Peer.ORDINARY_BACK_END,
                        direct,
                        measures));
    }
}
