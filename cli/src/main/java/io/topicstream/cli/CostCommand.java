package io.topicstream.cli;

import io.topicstream.aws.cost.Assumption;
import io.topicstream.aws.cost.Billable;
import io.topicstream.aws.cost.Estimate;
import io.topicstream.aws.cost.MeteredPrice;
import io.topicstream.aws.cost.Prices;
import io.topicstream.aws.cost.Workload;
import io.topicstream.settings.Nearest;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `topicstream cost`: what a month on AWS would cost for what somebody has to carry.
@Command(
        name = "cost",
        description = "Estimate what a month on AWS costs: without servers, and in a cluster on Fargate.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        footer = {
            "",
            "All numbers are whole and without separators, but for --rate and --price.",
            "Neither deployment is there yet. What the estimate rests on: docs/aws.md"
        })
final class CostCommand implements Runnable {
    private final Surroundings surroundings;

    @Option(
            names = "--messages",
            paramLabel = "N",
            description = "Messages published in a month, up to 100000000000; 1000000 by default.")
    private @Nullable String messages;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Instead: messages published in a second of the busy hours, such as 0.5 or 200.")
    private @Nullable String rate;

    @Option(names = "--bytes", paramLabel = "N", description = "Bytes of a message, up to 122880; 900 by default.")
    private String bytes = "900";

    @Option(
            names = "--fan-out",
            paramLabel = "N",
            description = "Connections that get each message, up to 1000000; 10 by default.")
    private String fanOut = "10";

    @Option(
            names = "--per-frame",
            paramLabel = "N",
            description = "Messages that travel in one frame, 1 to 1000; 1 by default.")
    private String perFrame = "1";

    @Option(
            names = "--connections",
            paramLabel = "N",
            description =
                    "Connections open on average in the busy hours, up to 100000000; as many as --fan-out by default.")
    private @Nullable String connections;

    @Option(
            names = "--hours",
            paramLabel = "N",
            description = "The busy hours of a day, in which all of this happens, 1 to 24; 24 by default.")
    private String hours = "24";

    @Option(
            names = "--websocket-percent",
            paramLabel = "N",
            description = "How many of 100 messages are published over WebSockets, the others over HTTP; 100 by"
                    + " default.")
    private String webSocketPercent = "100";

    @Option(
            names = "--id-percent",
            paramLabel = "N",
            description = "How many of 100 messages have a message_id; 100 by default.")
    private String idPercent = "100";

    @Option(
            names = "--history",
            paramLabel = "N",
            description = "Pages of 100 messages read in a month, up to 10000000000; 0 by default.")
    private String history = "0";

    @Option(
            names = "--retention-days",
            paramLabel = "N",
            description = "Days that messages are kept, 1 to 3650; 30 by default.")
    private String retentionDays = "30";

    @Option(
            names = "--price",
            paramLabel = "NAME=DOLLARS",
            description = "Another price than the list's, by the name that --assumptions prints. May be given several"
                    + " times.")
    private Map<String, String> prices = new LinkedHashMap<>();

    @Option(
            names = "--assumptions",
            description = "Print what the estimate takes for granted, what was metered, and all prices, too.")
    private boolean assumptions;

    @Option(names = "--json", description = "Print each thing as JSON.")
    private boolean json;

    CostCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public void run() {
        Prices asked = prices();
        Estimate estimate = Estimate.of(workload(), asked);
        List<String> lines = json ? CostReport.json(estimate) : CostReport.text(estimate, prices.isEmpty());
        lines.forEach(line -> surroundings.out().println(line));
        if (assumptions) {
            Stream.of(Assumption.values())
                    .forEach(one -> surroundings.out().println(json ? CostReport.json(one) : CostReport.text(one)));
            Stream.of(MeteredPrice.values())
                    .forEach(one -> surroundings.out().println(json ? CostReport.json(one) : CostReport.text(one)));
            Stream.of(Billable.values())
                    .forEach(one -> surroundings
                            .out()
                            .println(json ? CostReport.json(one, asked.of(one)) : CostReport.text(one, asked.of(one))));
        } else if (!json) {
            surroundings.out().println("What this rests on, and all prices: --assumptions");
        }
    }

    private Workload workload() {
        long hoursADay = number("--hours", hours, 1, 24);
        long receivers = number("--fan-out", fanOut, 0, Workload.MAX_FAN_OUT);
        String open = connections;
        try {
            return new Workload(
                    messages(hoursADay),
                    number("--bytes", bytes, 0, Workload.MAX_MESSAGE_BYTES),
                    receivers,
                    number("--per-frame", perFrame, 1, Workload.MAX_PER_FRAME),
                    open == null ? receivers : number("--connections", open, 0, Workload.MAX_CONNECTIONS),
                    hoursADay,
                    number("--websocket-percent", webSocketPercent, 0, 100),
                    number("--id-percent", idPercent, 0, 100),
                    number("--history", history, 0, Workload.MAX_HISTORY_PAGES),
                    number("--retention-days", retentionDays, 1, Workload.MAX_RETENTION_DAYS));
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitCodes.USAGE, String.valueOf(e.getMessage()));
        }
    }

    private long messages(long hoursADay) {
        String aMonth = messages;
        String aSecond = rate;
        if (aSecond == null) {
            return aMonth == null ? 1_000_000 : number("--messages", aMonth, 0, Workload.MAX_MESSAGES);
        }
        if (aMonth != null) {
            throw new CommandFailure(ExitCodes.USAGE, "--messages and --rate say the same; give one of them");
        }
        return Workload.messagesOf(decimal("--rate", aSecond), hoursADay);
    }

    private Prices prices() {
        Prices changed = Prices.list();
        for (Map.Entry<String, String> price : prices.entrySet()) {
            String name = price.getKey();
            Billable what = Billable.of(name)
                    .orElseThrow(() -> new CommandFailure(
                            ExitCodes.USAGE,
                            "--price " + name + " is unknown"
                                    + Nearest.didYouMean(
                                            name,
                                            Stream.of(Billable.values())
                                                    .map(Billable::key)
                                                    .toList())));
            changed = changed.with(what, decimal("--price " + name, price.getValue()));
        }
        return changed;
    }

    private static long number(String option, String text, long least, long most) {
        long number = text.matches("[0-9]{1,18}") ? Long.parseLong(text) : -1;
        if (number < least || number > most) {
            throw new CommandFailure(
                    ExitCodes.USAGE,
                    option + " is '" + text + "'; allowed is a whole number from " + least + " to " + most);
        }
        return number;
    }

    private static BigDecimal decimal(String option, String text) {
        if (!text.matches("[0-9]{1,9}([.][0-9]{1,12})?")) {
            throw new CommandFailure(
                    ExitCodes.USAGE,
                    option + " is '" + text + "'; allowed is a number from 0 to 999999999, with up to 12 decimals");
        }
        return new BigDecimal(text);
    }
}
