package io.topicstream.bench;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/// One load, as its command line says it. The suite describes its workloads by the same words, so
/// that each of them can be repeated by hand.
final class LoadOptions {
    /// What the connections speak.
    enum Protocol {
        /// WebSocket; a text frame to `/pub/{g}` goes to every connection on `/sub/{g}`.
        PLAIN,
        /// WebSocket; TopicStream's own frames, subprotocol `topicstream.v1`.
        NATIVE,
        /// WebSocket; each message runs a route of a gateway, whose answer acknowledges it.
        ROUTE,
        /// HTTP `POST …/produce`, pipelined.
        PRODUCE,
        /// HTTP `GET …/consume` in pages, pipelined.
        CONSUME,
        /// RESP `XADD`, pipelined.
        XADD,
        /// RESP `XRANGE` in pages, pipelined.
        XRANGE;

        boolean isPaged() {
            return this == CONSUME || this == XRANGE;
        }

        boolean isWebSocket() {
            return this == PLAIN || this == NATIVE || this == ROUTE;
        }
    }

    @Option(names = "--label", description = "name of the run in its output", defaultValue = "")
    String label = "";

    @Option(names = "--host", description = "loopback address of the server", defaultValue = "127.0.0.1")
    String host = "127.0.0.1";

    @Option(names = "--port", description = "port of the server", required = true)
    int port;

    @Option(names = "--tls", description = "all connections speak TLS; any certificate will do")
    boolean tls;

    @Option(names = "--protocol", description = "${COMPLETION-CANDIDATES}", defaultValue = "plain")
    Protocol protocol = Protocol.PLAIN;

    @Option(names = "--path", description = "path for all connections; {g} is the group, {i} the connection")
    @Nullable
    String path;

    @Option(names = "--sub-path", description = "path of subscribers")
    @Nullable
    String subscriberPath;

    @Option(names = "--pub-path", description = "path of publishers")
    @Nullable
    String publisherPath;

    @Option(names = "--header", description = "a header for every handshake and request, 'Name: value'")
    List<String> headers = new ArrayList<>();

    @Option(names = "--topic-prefix", description = "topics are this and the group's number", defaultValue = "bench.")
    String topicPrefix = "bench.";

    @Option(names = "--subs", description = "connections that subscribe", defaultValue = "0")
    int subscribers;

    @Option(names = "--pubs", description = "connections that publish, or read pages", defaultValue = "0")
    int publishers;

    @Option(names = "--both", description = "connections that do both", defaultValue = "0")
    int both;

    @Option(names = "--groups", description = "topics; connection i belongs to topic i mod this", defaultValue = "1")
    int groups = 1;

    @Option(names = "--topics-per-sub", description = "topics of each subscriber (native)", defaultValue = "1")
    int topicsPerSubscriber = 1;

    @Option(
            names = "--gather",
            description = "connecting ends when all subscribers were told by presence that all are there (native)")
    boolean gather;

    @Option(names = "--round-robin", description = "every publisher goes round all topics")
    boolean roundRobin;

    @Option(names = "--size", description = "payload bytes", defaultValue = "128")
    int size = 128;

    @Option(names = "--rate", description = "messages a second over all publishers: open loop", defaultValue = "0")
    double rate;

    @Option(names = "--window", description = "closed loop: messages in flight", defaultValue = "0")
    int window;

    @Option(names = "--acks", description = "publishers await acknowledgements; the window is per publisher")
    boolean acks;

    @Option(names = "--count", description = "end after this many messages", defaultValue = "0")
    long count;

    @Option(names = "--page", description = "messages a page", defaultValue = "100")
    int page = 100;

    @Option(names = "--stored", description = "messages in the topic that is read in pages", defaultValue = "0")
    long stored;

    @Option(names = "--explicit-ids", description = "XADD names ids 1-0, 2-0 …, so that pages can be asked by number")
    boolean explicitIds;

    @Option(names = "--warm", description = "seconds before the measurement", defaultValue = "1")
    double warmSeconds = 1;

    @Option(names = "--dur", description = "seconds measured", defaultValue = "5")
    double durationSeconds = 5;

    @Option(names = "--settle", description = "seconds of rest after connecting", defaultValue = "0.5")
    double settleSeconds = 0.5;

    @Option(
            names = "--drain",
            description = "seconds without an arrival after which what is outstanding is lost",
            defaultValue = "5")
    double drainSeconds = 5;

    @Option(names = "--hold", description = "seconds to keep connections idle", defaultValue = "0")
    double holdSeconds;

    @Option(names = "--ready-timeout", description = "seconds for connecting all", defaultValue = "60")
    double readySeconds = 60;

    @Option(names = "--max-time", description = "seconds after which the run fails", defaultValue = "180")
    double maxSeconds = 180;

    @Option(names = "--connect-rate", description = "connections a second, 0 is unbounded", defaultValue = "20000")
    double connectRate = 20_000;

    @Option(names = "--handshakes", description = "handshakes under way at once", defaultValue = "256")
    int handshakesInFlight = 256;

    @Option(names = "--sources", description = "source addresses 127.0.0.2 and up", defaultValue = "0")
    int sources;

    @Option(
            names = "--stall",
            description = "the first so many subscribers stop reading during the load",
            defaultValue = "0")
    int stalled;

    @Option(names = "--server-pid", split = ",", description = "processes whose CPU and memory are reported")
    List<Long> serverPids = new ArrayList<>();

    @Option(names = "--poll-us", description = "rest between event rounds", defaultValue = "0")
    int pollUs;

    @Option(names = "--transport", description = "${COMPLETION-CANDIDATES}")
    @Nullable
    Transport transport;

    /// Reads a command line and checks it.
    ///
    /// @throws CommandLine.ParameterException with a sentence for the user
    static LoadOptions parse(List<String> arguments) {
        LoadOptions options = new LoadOptions();
        CommandLine line = command(options);
        line.parseArgs(arguments.toArray(String[]::new));
        options.check(line);
        return options;
    }

    /// The command line that fills `target`, which may be more than the options alone.
    static CommandLine command(Object target) {
        return new CommandLine(target)
                .setCommandName("bench/run")
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOverwrittenOptionsAllowed(true);
    }

    /// Refuses what makes no sense, and every target that is not on this machine.
    void check(CommandLine line) {
        address(line);
        if (both > 0 && (subscribers > 0 || publishers > 0)) {
            throw new CommandLine.ParameterException(line, "--both excludes --subs and --pubs");
        }
        if (connections() == 0) {
            throw new CommandLine.ParameterException(line, "name connections by --subs, --pubs or --both");
        }
        if ((!protocol.isWebSocket() || protocol == Protocol.ROUTE) && (subscribers > 0 || both > 0)) {
            throw new CommandLine.ParameterException(line, protocol + " has no subscribers");
        }
        if (size < Marker.MAX_BYTES + 8 || size > 1 << 20) {
            throw new CommandLine.ParameterException(line, "--size is " + (Marker.MAX_BYTES + 8) + " to " + (1 << 20));
        }
        if (groups < 1 || groups > 10_000_000 || topicsPerSubscriber < 1 || topicsPerSubscriber > groups) {
            throw new CommandLine.ParameterException(
                    line, "--groups and --topics-per-sub start at 1, and a " + "subscriber has at most all topics");
        }
        if (topicsPerSubscriber > 1 && protocol != Protocol.NATIVE) {
            throw new CommandLine.ParameterException(line, "only native connections have several topics");
        }
        if (gather && (protocol != Protocol.NATIVE || subscriberCount() == 0 || groups > 1)) {
            throw new CommandLine.ParameterException(line, "--gather wants native subscribers of one topic");
        }
        if (protocol.isPaged() && (stored < page || page < 1 || window < 1)) {
            throw new CommandLine.ParameterException(
                    line, "paged reading needs --stored of a page at least, and --window");
        }
        if (stalled > Math.max(subscribers, both) || window < 0 || rate < 0 || handshakesInFlight < 1) {
            throw new CommandLine.ParameterException(line, "--stall, --window, --rate or --handshakes is out of range");
        }
        if (maxSeconds <= 0 || maxSeconds > 3_600) {
            throw new CommandLine.ParameterException(line, "--max-time is at most an hour");
        }
    }

    /// The server's address.
    ///
    /// @throws CommandLine.ParameterException if it is not a loopback address
    InetSocketAddress address(CommandLine line) {
        try {
            InetAddress address = InetAddress.getByName(host);
            if (!address.isLoopbackAddress()) {
                throw new CommandLine.ParameterException(
                        line, host + " is not a loopback address; this tool loads this machine only");
            }
            return new InetSocketAddress(address, port);
        } catch (UnknownHostException e) {
            throw new CommandLine.ParameterException(line, "unknown host " + host, e);
        }
    }

    int connections() {
        return both > 0 ? both : subscribers + publishers;
    }

    int subscriberCount() {
        return both > 0 ? both : subscribers;
    }

    int publisherCount() {
        return both > 0 ? both : publishers;
    }

    boolean awaitsAcks() {
        return acks || !protocol.isWebSocket() || protocol == Protocol.ROUTE;
    }

    String pathOf(boolean subscriber, int group, int index) {
        String specific = subscriber ? subscriberPath : publisherPath;
        String template = specific != null
                ? specific
                : path != null
                        ? path
                        : switch (protocol) {
                            case PLAIN -> subscriber ? "/sub/{g}" : "/pub/{g}";
                            case NATIVE -> "/v1";
                            case ROUTE -> "/bench";
                            case PRODUCE -> "/topics/{t}/produce";
                            case CONSUME -> "/topics/{t}/consume";
                            case XADD, XRANGE -> "{t}";
                        };
        return template.replace("{g}", Integer.toString(group))
                .replace("{i}", Integer.toString(index))
                .replace("{t}", topic(group));
    }

    String topic(int group) {
        return topicPrefix + group;
    }
}
