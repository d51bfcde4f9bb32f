package io.topicstream.aws.cost;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// Counts what AWS would bill while something runs, by what it was for.
///
/// Each call is rounded by itself, as [Units] says. Thread-safe. What is stored is not counted: that has a price for
/// a month.
public final class Meter {
    /// What clients send.
    public static final String FROM_CLIENTS = "messages from clients";
    /// What is sent to clients.
    public static final String TO_CLIENTS = "messages to clients";

    /// By the names of the lines.
    private final Map<String, Units> counted = new TreeMap<>();

    /// Counts them.
    ///
    /// @param what they were for: a line of the bill
    public synchronized void count(String what, Units units) {
        if (!units.equals(Units.NONE)) {
            counted.merge(what, units, Units::plus);
        }
    }

    /// A frame that a client has sent.
    ///
    /// @param bytes 0 to [Units#MAX_WEBSOCKET_BYTES]
    public void fromClient(long bytes) {
        count(FROM_CLIENTS, Units.webSocketMessage(bytes));
    }

    /// A frame that was sent to a client, with its data.
    ///
    /// @param bytes 0 to [Units#MAX_WEBSOCKET_BYTES]
    public void toClient(long bytes) {
        count(TO_CLIENTS, Units.webSocketMessage(bytes).plus(Units.of(Billable.BYTES_OUT, bytes)));
    }

    /// A connection that has ended, or the time that one was open up to now.
    public void connection(Duration open) {
        count("connections", Units.connection(open));
    }

    /// A request of an HTTP API with its answer, and the data of it.
    public void httpRequest(long requestBytes, long answerBytes) {
        count(
                "HTTP requests",
                Units.httpRequest(requestBytes, answerBytes).plus(Units.of(Billable.BYTES_OUT, answerBytes)));
    }

    /// A call of a function.
    ///
    /// @param name of the function
    public void functionCall(String name, long memoryMb, Duration took) {
        count("function " + name, Units.functionCall(memoryMb, took));
    }

    /// An event that was put on a bus.
    public void event(long bytes) {
        count("events", Units.event(bytes));
    }

    /// Steps of a Standard workflow.
    public void transitions(long steps) {
        count("workflow transitions", Units.of(Billable.TRANSITIONS, steps));
    }

    /// Counts from nothing again.
    public synchronized void restart() {
        counted.clear();
    }

    /// One that has counted the same up to now, and counts on by itself.
    public synchronized Meter copy() {
        Meter copy = new Meter();
        copy.counted.putAll(counted);
        return copy;
    }

    /// All that was counted.
    public synchronized Units units() {
        return counted.values().stream().reduce(Units.NONE, Units::plus);
    }

    /// What was counted, a line for each thing that it was for.
    public synchronized Bill priced(Prices prices) {
        Bill.Writer bill = new Bill.Writer(prices);
        counted.forEach(bill::line);
        return bill.bill();
    }

    /// The bill in words: a line for each thing, with dollars and what was counted.
    public List<String> report(Prices prices) {
        return report(priced(prices));
    }

    /// A bill in words: a line for each thing, with dollars and what was counted.
    public static List<String> report(Bill bill) {
        List<String> lines = new ArrayList<>();
        bill.lines().forEach(line -> lines.add(row(line.what(), line.dollars(), words(line.units()))));
        lines.add(row("total", bill.total(), ""));
        return lines;
    }

    private static String row(String what, BigDecimal dollars, String units) {
        return String.format(
                        Locale.ROOT,
                        "%-30s %16s  %s",
                        what,
                        dollars.setScale(9, RoundingMode.HALF_UP).toPlainString(),
                        units)
                .stripTrailing();
    }

    private static String words(Units units) {
        List<String> words = new ArrayList<>();
        for (Billable what : Billable.values()) {
            if (units.count(what) > 0) {
                words.add(words(what, units));
            }
        }
        return String.join(", ", words);
    }

    /// In the steps that people know: read units instead of halves, and GB-seconds.
    private static String words(Billable what, Units units) {
        return switch (what) {
            case READ_HALVES -> BigDecimal.valueOf(units.count(what) * 5, 1).toPlainString() + " read-units";
            case FUNCTION_TIME, WORKFLOW_TIME ->
                units.priced(what).setScale(6, RoundingMode.HALF_UP).toPlainString() + " GB-seconds";
            case BYTES_OUT -> String.format(Locale.ROOT, "%,d bytes out", units.count(what));
            case WEBSOCKET_MESSAGES,
                    CONNECTION_MINUTES,
                    HTTP_REQUESTS,
                    FUNCTION_CALLS,
                    WRITE_UNITS,
                    TABLE_STORAGE,
                    OBJECT_PUTS,
                    OBJECT_GETS,
                    OBJECT_STORAGE,
                    EVENTS,
                    WORKFLOWS,
                    TRANSITIONS,
                    TASK_CPU_HOURS,
                    TASK_MEMORY_HOURS,
                    CACHE_UNITS,
                    CACHE_MEMORY,
                    BALANCER_HOURS,
                    BALANCER_BYTES -> String.format(Locale.ROOT, "%,d %s", units.count(what), what.key());
        };
    }
}
