package io.topicstream.aws.cost;

import java.math.BigDecimal;
import java.math.RoundingMode;

/// What a cluster bills for a [Workload]: tasks on Fargate behind a network load balancer, Valkey, and S3. The tasks
/// are as many as the busy hours need, and run all day.
final class Cluster {
    private static final long HOURS = Workload.HOURS_A_MONTH;

    private Cluster() {}

    static Bill bill(Workload load, Prices prices) {
        long tasks = tasks(load);
        long framesIn = load.frames();
        long delivered = framesIn * load.fanOut();
        Units out = Units.of(Billable.BYTES_OUT, load.frameBytes()).times(delivered);
        Units replies = Units.of(Billable.BYTES_OUT, load.replyBytes()).times(framesIn);
        Units pages = Units.of(Billable.BYTES_OUT, Archive.pageBytes(load)).times(load.historyPages());
        long through =
                load.frameBytes() * framesIn + out.plus(replies).plus(pages).count(Billable.BYTES_OUT);
        long tail = Assumption.CLUSTER_TAIL_HOURS.value();
        return new Bill.Writer(prices)
                .line(
                        tasks + " tasks of " + Assumption.TASK_CPUS.value() + " vCPU and " + Assumption.TASK_GB.value()
                                + " GB",
                        Units.of(Billable.TASK_CPU_HOURS, tasks * Assumption.TASK_CPUS.value() * HOURS)
                                .plus(Units.of(Billable.TASK_MEMORY_HOURS, tasks * Assumption.TASK_GB.value() * HOURS)))
                .line("memory of Valkey", Units.of(Billable.CACHE_MEMORY, cacheMbHours(load, tail)))
                .line("requests of Valkey", requests(load))
                .line(
                        "load balancer",
                        Units.of(Billable.BALANCER_HOURS, HOURS).plus(Units.of(Billable.BALANCER_BYTES, through)))
                .line("data of replies", replies)
                .line("data of deliveries", out)
                .line("pages of history", pages.plus(Units.of(Billable.OBJECT_GETS, load.historyPages())))
                .line("archive", Archive.writing(load, tail))
                .line("storage", Archive.stored(load, tail))
                .bill();
    }

    /// As many as the messages and the connections of a busy second need, and no fewer than [Assumption#TASKS].
    static long tasks(Workload load) {
        BigDecimal aSecond = load.aBusySecond(load.messages() + load.deliveries());
        long forMessages = aSecond.divide(
                        BigDecimal.valueOf(Assumption.TASK_DELIVERIES.value()), 0, RoundingMode.CEILING)
                .longValueExact();
        long forConnections = Math.ceilDiv(load.connections(), Assumption.TASK_CONNECTIONS.value());
        return Math.max(Assumption.TASKS.value(), Math.max(forMessages, forConnections));
    }

    private static long cacheMbHours(Workload load, long tailHours) {
        long least = Assumption.CACHE_GB.value() * 1_024 * HOURS;
        return Math.max(
                least,
                Workload.mbHours(load.messages(), load.storedBytes(), Math.min(tailHours, load.retentionHours())));
    }

    private static Units requests(Workload load) {
        return Units.of(Billable.CACHE_UNITS, Math.ceilDiv(load.rowBytes(), 1_024))
                .times(Assumption.CACHE_UNITS_PER_KB.value())
                .times(load.frames());
    }
}
