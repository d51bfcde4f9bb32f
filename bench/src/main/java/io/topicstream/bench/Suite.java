package io.topicstream.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/// The command that runs every workload on the server and beside it on a limit or a peer, in turns,
/// and prints what the one is to the other.
///
/// Both sides of a workload run at the same time, and only one of them under load, so that both
/// meet the same machine. Every workload begins with fresh processes, which are warmed up until
/// they have settled. Figures are medians. A run that others disturbed is repeated.
public final class Suite {
    private static final double QUIET_CORES = 0.3;
    /// Rounds of warming up: enough for a compiler to notice, and an end to it where others disturb.
    private static final int LEAST_WARM_ROUNDS = 3;

    private static final int MOST_WARM_ROUNDS = 10;
    private static final double WARM_SECONDS = 2;

    /// The rows that need a server with TLS.
    private static final Set<String> OVER_TLS = Set.of("F1T", "M1T");

    private static final String MEASURED_ONLY = "measured only";
    private static final String HEAP_EACH = "live heap each, B";
    private static final String RSS_EACH = "RSS growth each, B";

    @Option(names = "--server-command", description = "starts the server; {port} and {dir} are filled in")
    @Nullable
    String serverCommand;

    @Option(
            names = "--server-command-os",
            description = "starts the server with durability os, for L1; without it L1 uses --server-command")
    @Nullable
    String serverCommandOs;

    @Option(
            names = "--server-command-tls",
            description = "starts the server with TLS, for F1T and M1T, which are left out without it; {certificate}"
                    + " and {key} are files in PEM that are made for the run")
    @Nullable
    String serverCommandTls;

    @Option(
            names = "--server-command-guests",
            description = "starts it with guests let in, for P1; else that is left out")
    @Nullable
    String serverCommandGuests;

    @Option(names = "--server-header", description = "a header for the server's connections, 'Name: value'")
    List<String> serverHeaders = new ArrayList<>();

    @Option(names = "--limit-command", description = "another limit; {port} is filled in")
    @Nullable
    String limitCommand;

    @Option(names = "--joining-limit-command", description = "another limit that joins frames; {port} is filled in")
    @Nullable
    String joiningLimitCommand;

    @Option(names = "--only", split = ",", description = "workloads to run, by name")
    Set<String> only = new TreeSet<>();

    @Option(names = "--reps", description = "counted rounds", defaultValue = "3")
    int rounds = 3;

    @Option(names = "--tries", description = "tries of a run that others disturb", defaultValue = "2")
    int tries = 2;

    @Option(names = "--seconds", description = "measured seconds of a run", defaultValue = "2")
    double seconds = 2;

    @Option(names = "--quick", description = "small and short, one round: shows that everything works")
    boolean quick;

    @Option(names = "--out", description = "folder for results and scratch data", defaultValue = "target")
    Path out = Path.of("target");

    @Option(names = "--help", usageHelp = true, description = "this text")
    boolean help;

    /// A comma and the process that works for the server under load, if there is one.
    private String backEndPid = "";

    private final PrintStream print;
    private final List<String> table = new ArrayList<>();
    private final List<String> page = new ArrayList<>();
    private Path results = Path.of("suite.jsonl");
    private boolean wrong;
    private long runs;
    private long checked;
    private long astray;
    private final List<Double> noise = new ArrayList<>();

    private Suite(PrintStream print) {
        this.print = print;
    }

    /// Runs the suite; exit status 1 if a run failed or a message went wrong, 2 for a wrong command
    /// line. A goal that is not reached is a finding, not a failure.
    public static void main(String[] arguments) {
        System.exit(run(System.out, arguments));
    }

    static int run(PrintStream print, String... arguments) {
        Suite suite = new Suite(print);
        CommandLine line = LoadOptions.command(suite);
        try {
            line.parseArgs(arguments);
            if (suite.help) {
                line.usage(print);
                return 0;
            }
            if (suite.serverCommand == null) {
                throw new CommandLine.ParameterException(line, "name the server by --server-command");
            }
            return suite.run(suite.serverCommand);
        } catch (CommandLine.ParameterException e) {
            print.println(e.getMessage());
            e.getCommandLine().usage(print);
            return 2;
        } catch (IOException e) {
            print.println("cannot write results: " + e.getMessage());
            return 2;
        }
    }

    private int run(String command) throws IOException {
        if (quick) {
            rounds = 1;
            tries = 1;
            seconds = 0.5;
        }
        Files.createDirectories(out);
        results = out.resolve("suite.jsonl");
        Files.deleteIfExists(results);
        long begun = System.nanoTime();
        say("Machine: " + Machine.describe() + ".");
        say("");
        say("Date: " + LocalDate.now(ZoneOffset.UTC) + ". Settings: " + settings(command) + ".");
        table.add("| # | workload | measure | ours | beside | ratio | goal | reached |");
        table.add("| --- | --- | --- | ---: | ---: | ---: | --- | --- |");
        WarmUp.run();
        for (Workload workload : Workload.all(quick)) {
            if (isWanted(workload.id())) {
                attempt(workload.id(), () -> compare(workload, command));
            }
        }
        if (isWanted("M1")) {
            attempt("M1", () -> memory(command));
        }
        if (isWanted("P1")) {
            attempt("P1", this::gathering);
        }
        if (isWanted("M1T")) {
            attempt("M1T", () -> overTls(tls -> memoryOverTls(tls, command)));
        }
        if (isWanted("G1")) {
            attempt("G1", () -> allocation(command));
        }
        row(
                "R2",
                String.format(Locale.ROOT, "every load above: %,d deliveries and answers in %,d runs", checked, runs),
                "lost, duplicated, out of order, misrouted, refused, connections dropped",
                String.format(Locale.ROOT, "%,d", astray),
                "",
                "",
                "0",
                reached(astray == 0));
        say("");
        table.forEach(this::say);
        say("");
        double[] foreign =
                noise.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        if (foreign.length > 0) {
            say(String.format(
                    Locale.ROOT,
                    "Others used %.2f cores during the median run, %.2f during the noisiest. It took %.1f minutes.",
                    foreign[foreign.length / 2],
                    foreign[foreign.length - 1],
                    (System.nanoTime() - begun) / 60e9));
        }
        Files.write(out.resolve("suite.md"), page);
        return wrong ? 1 : 0;
    }

    /// Prints a line of the page that says what was found, and keeps it for the file.
    private void say(String line) {
        page.add(line);
        print.println(line);
    }

    /// What the figures depend on and the machine does not say. The server's command stands without its folder.
    private String settings(String command) {
        List<String> words = new ArrayList<>(ServerProcess.words(command));
        words.set(0, String.valueOf(Path.of(words.getFirst()).getFileName()));
        return (quick ? "quick, which says nothing about speed; " : "") + rounds + " counted rounds of " + seconds
                + " s, server `" + String.join(" ", words) + "`";
    }

    private boolean isWanted(String id) {
        if (!only.isEmpty()) {
            return only.contains(id);
        }
        return OVER_TLS.contains(id) ? serverCommandTls != null : !id.equals("P1") || serverCommandGuests != null;
    }

    private void attempt(String id, Runnable workload) {
        try {
            workload.run();
        } catch (LoadFailure e) {
            wrong = true;
            print.println(id + " failed: " + e.getMessage());
            table.add("| " + id + " | failed: " + firstLine(e) + " | | | | | | no |");
        }
    }

    private static String firstLine(LoadFailure failure) {
        return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
    }

    // ---- one load beside another

    private void compare(Workload workload, String command) {
        if (OVER_TLS.contains(workload.id())) {
            overTls(tls -> compare(workload, tls, command));
        } else if (workload.id().equals("L1") && serverCommandOs != null) {
            compare(workload, serverCommandOs, command);
        } else {
            compare(workload, command, command);
        }
    }

    /// Does something with the command for a server that speaks TLS, while there is a certificate for it.
    private void overTls(Consumer<String> action) {
        if (serverCommandTls == null) {
            throw new LoadFailure("name a server that speaks TLS by --server-command-tls");
        }
        try (LoopbackCertificate made = LoopbackCertificate.make(out)) {
            action.accept(serverCommandTls
                    .replace("{certificate}", made.certificate().toString())
                    .replace("{key}", made.key().toString()));
        }
    }

    private void compare(Workload workload, String ourCommand, String command) {
        Class<?> behind = workload.peer().backEnd();
        if (behind != null) {
            try (ServerProcess backEnd = ServerProcess.start(GatewayPeer.backEnd(behind), out);
                    ServerProcess gateway = ServerProcess.start(
                            GatewayPeer.command(ServerProcess.words(ourCommand), backEnd, out), out)) {
                compare(workload, gateway, backEnd);
            }
            return;
        }
        try (ServerProcess ours = ServerProcess.start(ServerProcess.words(ourCommand), out);
                ServerProcess theirs = ServerProcess.start(peerCommand(workload.peer(), command), out)) {
            compare(workload, ours, theirs);
        }
    }

    private void compare(Workload workload, ServerProcess ours, ServerProcess theirs) {
        backEndPid = workload.peer().backEnd() != null ? "," + theirs.pid() : "";
        prepare(workload, "ours", workload.ours(), ours);
        prepare(workload, workload.peer().words, workload.theirs(), theirs);
        warmUp(workload.id() + " ours", workload.ours().warmUp(), ours);
        warmUp(workload.id() + " " + workload.peer().words, workload.theirs().warmUp(), theirs);
        List<LoadResult> our = new ArrayList<>();
        List<LoadResult> their = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            our.add(measured(workload, "ours", round, workload.ours().measure(), ours));
            their.add(measured(
                    workload, workload.peer().words, round, workload.theirs().measure(), theirs));
        }
        for (Workload.Measure measure : workload.measures()) {
            double a = median(our, measure.of());
            double b = median(their, measure.of());
            Workload.Goal goal = measure.goal();
            row(
                    workload.id(),
                    what(workload, our.getLast()),
                    measure.name(),
                    number(a),
                    number(b),
                    number(a / b),
                    goal == null ? MEASURED_ONLY : goal.text(),
                    goal == null ? "" : reached(a > 0 && b > 0 && goal.isReached(a / b)));
        }
        backEndPid = "";
    }

    private static String what(Workload workload, LoadResult result) {
        if (workload.ours().measure().contains("--round-robin")) {
            return workload.what()
                    + String.format(
                            Locale.ROOT, "; %,d published to", result.counts().topics());
        }
        return workload.peer() == Workload.Peer.ITSELF
                ? workload.what() + ", beside itself without them"
                : workload.what() + ", beside " + workload.peer().words;
    }

    private List<String> peerCommand(Workload.Peer peer, String command) {
        return switch (peer) {
            case LIMIT ->
                limitCommand != null
                        ? ServerProcess.words(limitCommand)
                        : ServerProcess.own(BareBroadcaster.class, "{port}");
            case JOINING_LIMIT ->
                joiningLimitCommand != null
                        ? ServerProcess.words(joiningLimitCommand)
                        : ServerProcess.own(BareBroadcaster.class, "{port}", "--coalesce");
            case HTTP -> ServerProcess.own(BareHttpServer.class, "{port}");
            case REDIS -> RedisPeer.command();
            case BACK_END, ORDINARY_BACK_END, ITSELF, ITSELF_PLAIN -> ServerProcess.words(command);
        };
    }

    private void prepare(Workload workload, String side, Workload.Load load, ServerProcess server) {
        String arguments = load.prepare();
        if (arguments != null) {
            LoadResult filled = LoadRun.run(options(workload.id() + " " + side + " filling", arguments, server));
            if (filled.counts().refused() > 0 || filled.dropped() > 0) {
                throw new LoadFailure(side + " refused what it should store: " + filled.firstComplaint());
            }
        }
    }

    /// Puts a load on a server until what a message, or a connection, costs it stays the same.
    private void warmUp(String label, String arguments, ServerProcess server) {
        String times = "--warm 0 --dur " + (quick ? seconds / 2 : WARM_SECONDS) + " ";
        Settling settling = new Settling(quick ? 1 : LEAST_WARM_ROUNDS, quick ? 1 : MOST_WARM_ROUNDS);
        LoadResult result;
        do {
            result = LoadRun.run(options(
                    label + " warming up " + (settling.rounds() + 1),
                    times + arguments.replace("{round}", "warm" + settling.rounds()),
                    server));
            record(result);
        } while (settling.goesOnAfter(
                result.seconds() > 0
                        ? result.cpu().serverUs()
                        : result.connecting().serverUs()));
    }

    private LoadResult measured(Workload workload, String side, int round, String arguments, ServerProcess server) {
        LoadResult best = null;
        for (int i = 0; i < tries; i++) {
            String times =
                    arguments.contains("--dur") ? "" : " --warm " + Math.min(0.75, seconds / 2) + " --dur " + seconds;
            LoadResult result =
                    LoadRun.run(options(workload.id() + " " + side + " " + round, arguments + times, server));
            record(result);
            noise(result);
            if (best == null || result.cpu().foreign() < best.cpu().foreign()) {
                best = result;
            }
            if (result.cpu().foreign() <= QUIET_CORES) {
                break;
            }
        }
        if (best == null) {
            throw new LoadFailure("--tries is at least 1");
        }
        return best;
    }

    private LoadOptions options(String label, String arguments, ServerProcess server) {
        List<String> all = new ArrayList<>(ServerProcess.words(arguments));
        all.addAll(List.of(
                "--label",
                label,
                "--port",
                Integer.toString(server.port()),
                "--server-pid",
                server.pid() + (label.contains(" ours") ? backEndPid : ""),
                "--settle",
                "0.2"));
        if (label.contains("ours") || label.contains(Workload.Peer.ITSELF.words)) {
            for (String header : serverHeaders) {
                all.addAll(List.of("--header", header));
            }
        }
        return LoadOptions.parse(all);
    }

    private void record(LoadResult result) {
        print.println(result.summary());
        LoadResult.Counts counts = result.counts();
        runs++;
        checked += counts.delivered() + counts.committed();
        astray += counts.lost()
                + counts.duplicated()
                + counts.outOfOrder()
                + counts.misrouted()
                + counts.refused()
                + result.dropped();
        if (!result.counts().areClean()
                || result.dropped() > 0
                || result.counts().refused() > 0) {
            wrong = true;
        }
        try {
            Files.writeString(results, result.json() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new LoadFailure("cannot write " + results, e);
        }
    }

    private void noise(LoadResult measured) {
        if (measured.seconds() > 0) {
            noise.add(measured.cpu().foreign());
        }
    }

    // ---- looks into the server

    /// What an idle connection costs, in bytes.
    private record Memory(double heap, double rss) {}

    private void memory(String command) {
        int count = quick ? 500 : 10_000;
        Memory each = idleMemory("M1 ours", count, "", command);
        String what = String.format(Locale.ROOT, "%,d idle connections, authenticated, one topic each", count);
        row("M1", what, HEAP_EACH, number(each.heap), "", "", "≤ 3,500", reached(each.heap <= 3_500));
        row("M1", what, RSS_EACH, number(each.rss), "", "", "≤ 8,000", reached(each.rss <= 8_000));
    }

    private void memoryOverTls(String tlsCommand, String command) {
        // Fewer, as each handshake takes both sides milliseconds.
        int count = quick ? 200 : 2_000;
        Memory tls = idleMemory("M1T ours", count, " --tls", tlsCommand);
        Memory plain = idleMemory("M1T " + Workload.Peer.ITSELF_PLAIN.words, count, "", command);
        String what = String.format(Locale.ROOT, "%,d idle connections over TLS, beside itself without TLS", count);
        row(
                "M1T",
                what,
                HEAP_EACH,
                number(tls.heap),
                number(plain.heap),
                number(tls.heap / plain.heap),
                MEASURED_ONLY,
                "");
        row("M1T", what, RSS_EACH, number(tls.rss), number(plain.rss), number(tls.rss / plain.rss), MEASURED_ONLY, "");
    }

    private Memory idleMemory(String label, int count, String more, String command) {
        long[] live = new long[2];
        try (ServerProcess server = ServerProcess.start(ServerProcess.words(command), out)) {
            // A server that has been running has had connections, and has lost them again.
            int some = Math.max(200, count / 5);
            String load = "--protocol native --dur 0" + more + " --subs ";
            warmUp(label, load + some + " --groups " + some, server);
            LoadRun.run(options(label + " after them", load + "1 --hold 1", server));
            live[0] = server.liveHeapBytes();
            LoadResult result = LoadRun.run(
                    options(label + " 1", load + count + " --groups " + count + " --hold 1", server),
                    new LoadRun.Observer() {
                        @Override
                        public void onIdle() {
                            live[1] = server.liveHeapBytes();
                        }

                        @Override
                        public void onDrained() {}
                    });
            record(result);
            return new Memory(
                    (double) (live[1] - live[0]) / count, result.connecting().rssBytesEach());
        }
    }

    /// Users come together in a room, in each round in another one.
    private void gathering() {
        if (serverCommandGuests == null) {
            throw new LoadFailure("name a server that takes guests by --server-command-guests");
        }
        int users = quick ? 300 : 10_000;
        String load = "--protocol native --gather --path /v1?user=u{i} --topic-prefix room:{round}. --subs ";
        List<LoadResult> all = new ArrayList<>();
        try (ServerProcess server = ServerProcess.start(ServerProcess.words(serverCommandGuests), out)) {
            warmUp("P1 guests", load + users / 10, server);
            for (int round = 1; round <= rounds; round++) {
                String arguments = load.replace("{round}", Integer.toString(round)) + users + " --dur 0";
                all.add(LoadRun.run(options("P1 guests " + round, arguments, server)));
                record(all.getLast());
            }
        }
        String what = String.format(Locale.ROOT, "%,d users join one room", users);
        for (Workload.Measure measure : Workload.GATHERING) {
            row("P1", what, measure.name(), number(median(all, measure.of())), "", "", MEASURED_ONLY, "");
        }
    }

    private void allocation(String command) {
        int[] fans = {1, quick ? 20 : 100};
        double[] bytesEach = new double[2];
        for (int i = 0; i < 2; i++) {
            double[] allocated = new double[2];
            try (ServerProcess server = ServerProcess.start(ServerProcess.words(command), out)) {
                String load = "--protocol native --pubs 1 --subs " + fans[i];
                // One in flight, so that each message is a commit of its own, as in the load that is measured.
                warmUp("G1 ours " + fans[i], load + " --window 1", server);
                // The first look makes the page's own classes, which allocates as much as thousands of messages.
                server.metric("jvm_allocated_bytes_total");
                String measured = load + " --rate 2000 --dur " + seconds;
                double[] committed = new double[2];
                double[] delivered = new double[2];
                LoadResult result =
                        LoadRun.run(options("G1 ours " + fans[i], measured, server), new LoadRun.Observer() {
                            @Override
                            public void onIdle() {
                                look(0);
                            }

                            @Override
                            public void onDrained() {
                                look(1);
                            }

                            private void look(int moment) {
                                allocated[moment] = server.metric("jvm_allocated_bytes_total");
                                committed[moment] = server.metric("topicstream_messages_committed_total");
                                delivered[moment] = server.metric("topicstream_messages_delivered_total");
                            }
                        });
                record(result);
                noise(result);
                if (!result.counts().areClean() || result.counts().sent() == 0) {
                    throw new LoadFailure("the load went wrong: " + result.summary());
                }
                double messages = committed[1] - committed[0];
                double expected = messages * fans[i];
                if (messages < result.counts().sent() || delivered[1] - delivered[0] < expected) {
                    throw new LoadFailure("the server counts " + messages + " committed and "
                            + (delivered[1] - delivered[0]) + " delivered, the tool "
                            + result.counts().sent() + " sent and "
                            + result.counts().delivered() + " delivered");
                }
                bytesEach[i] = (allocated[1] - allocated[0]) / messages;
            }
        }
        double delivery = (bytesEach[1] - bytesEach[0]) / (fans[1] - fans[0]);
        double message = bytesEach[0] - delivery * fans[0];
        String what = "allocation, fan-out " + fans[0] + " and " + fans[1];
        // Two runs differ by what else the server does meanwhile; less than a byte is none.
        row("G1", what, "B a delivery", number(delivery), "", "", "0", reached(delivery < 1));
        row("G1", what, "B a published message", number(message), "", "", "≤ 300", reached(message <= 300));
    }

    // ---- the table

    private void row(
            String id,
            String what,
            String measure,
            String ours,
            String theirs,
            String ratio,
            String goal,
            String reached) {
        table.add("| " + String.join(" | ", id, what, measure, ours, theirs, ratio, goal, reached) + " |");
    }

    private static String reached(boolean reached) {
        return reached ? "yes" : "no";
    }

    private static double median(List<LoadResult> results, ToDoubleFunction<LoadResult> measure) {
        double[] sorted = results.stream().mapToDouble(measure).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static String number(double value) {
        return String.format(
                Locale.ROOT, Math.abs(value) >= 1_000 ? "%,.0f" : Math.abs(value) >= 10 ? "%.1f" : "%.2f", value);
    }
}
