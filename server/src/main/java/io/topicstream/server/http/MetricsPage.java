package io.topicstream.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.server.transport.HttpExchange;
import java.lang.management.ManagementFactory;
import java.util.Map;

/// `/metrics`: the server's figures in Prometheus' text format (version 0.0.4). Everything is at hand when it is
/// asked for; nothing is kept here.
final class MetricsPage {
    private static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";
    private static final Map<String, String> FIELDS =
            Map.of("Cache-Control", "no-store", "X-Content-Type-Options", "nosniff");

    private final Figures figures;
    private final ErrorCounts errors;

    MetricsPage(Figures figures, ErrorCounts errors) {
        this.figures = figures;
        this.errors = errors;
    }

    void show(HttpLoop loop, HttpExchange exchange, String none) {
        exchange.respond(200, CONTENT_TYPE, FIELDS, text().getBytes(UTF_8));
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
        text.gauge("topicstream_queue_bytes", "Bytes waiting in the log's queue.", figures.queueBytes());
        text.gauge("topicstream_connections", "Open sockets.", figures.connections());
        text.head(
                "topicstream_slowest_loop_seconds", "How long the slowest event loop has not run its clock.", "gauge");
        text.line("topicstream_slowest_loop_seconds", figures.slowestLoopMs() / 1e3);
        text.head("topicstream_subscriptions", "Subscriptions by how they are served.", "gauge");
        text.line("topicstream_subscriptions{state=\"live\"}", figures.liveSubscriptions());
        text.line("topicstream_subscriptions{state=\"catching_up\"}", figures.catchingUpSubscriptions());
        text.head("topicstream_errors_total", "Errors that clients were answered with.", "counter");
        for (ErrorCode code : ErrorCode.values()) {
            text.line("topicstream_errors_total{code=\"" + code.wireName() + "\"}", errors.of(code));
        }
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
        return text.toString();
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
