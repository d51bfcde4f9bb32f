package io.topicstream.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import com.sun.management.UnixOperatingSystemMXBean;
import io.topicstream.gateway.GatewayMetrics;
import io.topicstream.gateway.GatewayMetrics.Series;
import io.topicstream.http.Access;
import io.topicstream.http.Exchange;
import io.topicstream.http.Readiness;
import io.topicstream.http.Route;
import io.topicstream.log.Trimmed;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.server.sink.EventFigures;
import io.topicstream.server.sink.SinkSeries;
import io.topicstream.state.StateFigures;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/// `/metrics`: the server's figures in Prometheus' text format (version 0.0.4). Everything is at hand when it is
/// asked for; nothing is kept here.
public final class MetricsPage {
    private static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";
    private static final Map<String, String> FIELDS =
            Map.of("Cache-Control", "no-store", "X-Content-Type-Options", "nosniff");

    private final Figures figures;
    private final ErrorCounts errors;
    private final Traffic traffic;

    public MetricsPage(Figures figures, ErrorCounts errors, Traffic traffic) {
        this.figures = figures;
        this.errors = errors;
        this.traffic = traffic;
    }

    /// The route.
    public List<Route> routes() {
        return List.of(new Route("GET", "/metrics", Access.OPERATOR, this::show).probe());
    }

    private void show(Exchange exchange) {
        exchange.answer(200, CONTENT_TYPE, FIELDS, text().getBytes(UTF_8));
    }

    private String text() {
        Text text = new Text();
        text.counter(
                "topicstream_messages_accepted_total",
                "Messages taken into the log's queue.",
                figures.acceptedMessages());
        text.counter(
                "topicstream_messages_committed_total",
                "Messages as durable as the configured mode says.",
                figures.committedMessages());
        text.counter(
                "topicstream_messages_delivered_total", "Copies written to subscribers.", figures.deliveredMessages());
        Trimmed trimmed = figures.trimmedMessages();
        text.head(
                "topicstream_messages_trimmed_total",
                "Messages that were not kept any longer, by the limit.",
                "counter");
        text.line("topicstream_messages_trimmed_total{cause=\"age\"}", trimmed.byAge());
        text.line("topicstream_messages_trimmed_total{cause=\"count\"}", trimmed.byCount());
        text.line("topicstream_messages_trimmed_total{cause=\"bytes\"}", trimmed.byBytes());
        text.gauge("topicstream_queue_bytes", "Bytes waiting in the log's queue.", figures.queueBytes());
        text.gauge(
                "topicstream_store_takes_writes",
                "1 while messages can be stored, 0 from a write that failed until they can be again.",
                figures.storeTakesWrites() ? 1 : 0);
        StateFigures ephemeral = figures.ephemeral();
        text.gauge(
                "topicstream_ephemeral_records",
                "Records of what dies with the process, such as who is connected.",
                ephemeral.records());
        text.gauge("topicstream_ephemeral_bytes", "Bytes that these take.", ephemeral.bytes());
        text.gauge("topicstream_ephemeral_limit_bytes", "Bytes that they may take.", ephemeral.maxBytes());
        text.counter(
                "topicstream_ephemeral_refused_total",
                "Such records that were refused, for want of room.",
                ephemeral.refused());
        text.gauge("topicstream_connections", "Open sockets.", figures.connections());
        text.gauge(
                "topicstream_incomplete_bytes",
                "Requests and messages that are not complete.",
                figures.incompleteBytes());
        text.gauge("topicstream_answer_bytes", "HTTP answers that wait to be sent.", figures.answerBytes());
        text.head(
                "topicstream_slowest_loop_seconds", "How long the slowest event loop has not run its clock.", "gauge");
        text.line("topicstream_slowest_loop_seconds", figures.slowestLoopMs() / 1e3);
        text.gauge("topicstream_connections_limit", "Open sockets that there may be.", figures.connectionLimit());
        text.head("topicstream_connections_refused_total", "Connections turned away, by the limit.", "counter");
        text.line("topicstream_connections_refused_total{limit=\"total\"}", traffic.refusedByTotal());
        text.line("topicstream_connections_refused_total{limit=\"per_address\"}", traffic.refusedByAddress());
        text.head("topicstream_subscriptions", "Subscriptions by how they are served.", "gauge");
        text.line("topicstream_subscriptions{state=\"live\"}", figures.liveSubscriptions());
        text.line("topicstream_subscriptions{state=\"catching_up\"}", figures.catchingUpSubscriptions());
        text.head("topicstream_errors_total", "Errors that clients were answered with.", "counter");
        for (ErrorCode code : ErrorCode.values()) {
            text.line("topicstream_errors_total{code=\"" + code.wireName() + "\"}", errors.of(code));
        }
        AccessFigures access = figures.access();
        text.head(
                "topicstream_credentials_refused_total",
                "Wrong credentials that were presented, by what they were shown for.",
                "counter");
        text.line("topicstream_credentials_refused_total{kind=\"client\"}", access.wrongCredentials());
        text.line("topicstream_credentials_refused_total{kind=\"admin\"}", traffic.wrongAdminTokens());
        text.head("topicstream_rate_refused_total", "Requests beyond a rate, by whose rate it is.", "counter");
        text.line(
                "topicstream_rate_refused_total{limit=\"connection\"}",
                access.refused().byConnection());
        text.line(
                "topicstream_rate_refused_total{limit=\"user\"}",
                access.refused().byUser());
        text.line(
                "topicstream_rate_refused_total{limit=\"stage\"}",
                access.refused().byStage());
        series(
                text,
                "topicstream_rights_ended_total",
                "Connections that ended with the rights of their bearers.",
                "cause",
                access.endedConnections());
        series(
                text,
                "topicstream_authorizer_answers_total",
                "What came of questions to the authorizer.",
                "answer",
                access.authorizer());
        text.head("topicstream_upgrades_refused_total", "WebSockets that were refused, by the error.", "counter");
        for (ErrorCode code : ErrorCode.values()) {
            text.line(
                    "topicstream_upgrades_refused_total{code=\"" + code.wireName() + "\"}",
                    traffic.refusedUpgrades(code));
        }
        text.head(
                "topicstream_http_responses_total", "Answers to HTTP requests, by the class of the status.", "counter");
        for (int firstDigit = 1; firstDigit <= 5; firstDigit++) {
            text.line("topicstream_http_responses_total{class=\"" + firstDigit + "xx\"}", traffic.answered(firstDigit));
        }
        text.head("topicstream_ready", "Whether each condition for serving requests holds.", "gauge");
        for (Readiness.Condition condition : figures.readiness().conditions()) {
            text.line("topicstream_ready{condition=\"" + condition.name() + "\"}", condition.isMet() ? 1 : 0);
        }
        if (figures.freeBytes() >= 0) {
            text.gauge("topicstream_data_free_bytes", "Bytes free where messages are kept.", figures.freeBytes());
        }
        EventFigures events = figures.events();
        text.counter(
                "topicstream_events_lost_total",
                "Connections and presence that were not written down, for want of room.",
                events.lost());
        text.gauge("topicstream_events_waiting", "Such events that wait to be written.", events.waiting());
        sinks(text, events.sinks());
        gateway(text, figures.gateway());
        text.head("topicstream_build_info", "The version that runs.", "gauge");
        text.line("topicstream_build_info{version=\"" + figures.version() + "\"}", 1);
        process(text);
        return text.toString();
    }

    /// Of each sink that this server runs.
    private static void sinks(Text text, List<SinkSeries> all) {
        sinks(text, all, "delivered_total", "Events that the sink took.", "counter", SinkSeries::delivered);
        sinks(text, all, "failed_attempts_total", "Posts that it did not take.", "counter", SinkSeries::failedAttempts);
        sinks(text, all, "dead_letters_total", "Events that were given up.", "counter", SinkSeries::deadLetters);
        sinks(text, all, "missed_total", "Messages trimmed before it came to them.", "counter", SinkSeries::missed);
        sinks(
                text,
                all,
                "not_compared_total",
                "Events that its rules could not be compared with.",
                "counter",
                SinkSeries::notCompared);
        sinks(text, all, "lag_messages", "Messages that wait.", "gauge", SinkSeries::lag);
    }

    private static void sinks(
            Text text, List<SinkSeries> all, String name, String help, String type, ToLongFunction<SinkSeries> figure) {
        if (!all.isEmpty()) {
            text.head("topicstream_sink_" + name, help, type);
            for (SinkSeries one : all) {
                text.line(
                        "topicstream_sink_" + name + "{sink=\"" + escaped(one.sink()) + "\"}", figure.applyAsLong(one));
            }
        }
    }

    private static void series(Text text, String name, String help, String label, Map<String, Long> values) {
        if (values.isEmpty()) {
            return;
        }
        text.head(name, help, "counter");
        values.forEach((value, count) -> text.line(name + "{" + label + "=\"" + value + "\"}", count));
    }

    /// The six metrics of API Gateway. Those of routes have names of their own, so that sums over a name are right.
    private static void gateway(Text text, List<GatewayMetrics.Series> all) {
        for (String kind : List.of("stage", "route")) {
            List<GatewayMetrics.Series> some = all.stream()
                    .filter(one -> (one.route() == null) == kind.equals("stage"))
                    .toList();
            if (some.isEmpty()) {
                continue;
            }
            String prefix = "topicstream_gateway_" + kind + "_";
            gateway(text, some, prefix + "connects_total", "Connections (ConnectCount).", Series::connects);
            gateway(text, some, prefix + "messages_total", "Messages, both ways (MessageCount).", Series::messages);
            gateway(
                    text,
                    some,
                    prefix + "integration_errors_total",
                    "Answers of back ends that were errors (IntegrationError).",
                    Series::integrationErrors);
            gateway(
                    text,
                    some,
                    prefix + "client_errors_total",
                    "What was refused before a back end was called (ClientError).",
                    Series::clientErrors);
            gateway(
                    text,
                    some,
                    prefix + "execution_errors_total",
                    "Calls of back ends that failed (ExecutionError).",
                    Series::executionErrors);
            String latency = prefix + "integration_latency_seconds";
            text.head(latency, "From the call of a back end to its answer (IntegrationLatency).", "summary");
            for (GatewayMetrics.Series one : some) {
                text.line(latency + "_sum" + labels(one), one.integrationLatencyMs() / 1e3);
                text.line(latency + "_count" + labels(one), one.calls());
            }
        }
    }

    private static void gateway(
            Text text,
            List<GatewayMetrics.Series> some,
            String name,
            String help,
            ToLongFunction<GatewayMetrics.Series> figure) {
        text.head(name, help, "counter");
        for (GatewayMetrics.Series one : some) {
            text.line(name + labels(one), figure.applyAsLong(one));
        }
    }

    private static String labels(GatewayMetrics.Series one) {
        return "{api=\"" + escaped(one.apiId()) + "\",stage=\"" + escaped(one.stage()) + "\""
                + (one.route() == null ? "" : ",route=\"" + escaped(one.route()) + "\"") + "}";
    }

    private static String escaped(String label) {
        return label.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    /// What the process uses, under the names that Prometheus' own clients have for it.
    private static void process(Text text) {
        if (ManagementFactory.getThreadMXBean() instanceof ThreadMXBean threads) {
            text.counter(
                    "jvm_allocated_bytes_total",
                    "Bytes that all threads have allocated.",
                    threads.getTotalThreadAllocatedBytes());
        }
        text.gauge(
                "jvm_heap_used_bytes",
                "Heap in use.",
                ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
            text.head("process_cpu_seconds_total", "Processor time of the process.", "counter");
            text.line("process_cpu_seconds_total", system.getProcessCpuTime() / 1e9);
        }
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
            long open = system.getOpenFileDescriptorCount();
            // Counting them takes one, and there may be none left.
            text.gauge(
                    "process_open_fds", "Open file descriptors.", open < 0 ? system.getMaxFileDescriptorCount() : open);
            text.gauge("process_max_fds", "File descriptors that may be open.", system.getMaxFileDescriptorCount());
        }
        text.head("process_start_time_seconds", "When the process started, since the epoch.", "gauge");
        text.line(
                "process_start_time_seconds",
                ManagementFactory.getRuntimeMXBean().getStartTime() / 1e3);
    }

    /// The format: help, type, then a line for each value.
    private static final class Text {
        private final StringBuilder out = new StringBuilder(2048);

        void counter(String name, String help, long value) {
            head(name, help, "counter");
            line(name, value);
        }

        void gauge(String name, String help, long value) {
            head(name, help, "gauge");
            line(name, value);
        }

        void head(String name, String help, String type) {
            out.append("# HELP ").append(name).append(' ').append(help).append('\n');
            out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
        }

        void line(String series, long value) {
            out.append(series).append(' ').append(value).append('\n');
        }

        void line(String series, double value) {
            out.append(series).append(' ').append(value).append('\n');
        }

        @Override
        public String toString() {
            return out.toString();
        }
    }
}
