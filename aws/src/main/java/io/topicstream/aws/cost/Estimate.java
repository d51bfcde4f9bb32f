package io.topicstream.aws.cost;

import java.math.BigDecimal;
import java.util.Optional;

/// What a month of a [Workload] costs, without servers and in a cluster, and where one becomes the cheaper.
///
/// @param breakEven the fewest messages a month with which the cluster costs less, all else as it is: 0 where it
///     always does, empty where it never does
public record Estimate(Workload load, Bill serverless, Bill cluster, Optional<Workload> breakEven) {
    public static Estimate of(Workload load, Prices prices) {
        return new Estimate(load, Serverless.bill(load, prices), Cluster.bill(load, prices), breakEven(load, prices));
    }

    /// What a million messages cost, all in all; empty without any.
    public Optional<BigDecimal> perMillionMessages(Bill bill) {
        return bill.perMillion(load.messages());
    }

    /// What a million deliveries cost, all in all; empty without any.
    public Optional<BigDecimal> perMillionDeliveries(Bill bill) {
        return bill.perMillion(load.deliveries());
    }

    private static Optional<Workload> breakEven(Workload load, Prices prices) {
        long least = 0;
        long most = Math.min(Workload.MAX_MESSAGES, Workload.MAX_DELIVERIES / Math.max(1, load.fanOut()));
        if (!isClusterCheaper(load.withMessages(most), prices)) {
            return Optional.empty();
        }
        while (least < most) {
            long middle = (least + most) >>> 1;
            if (isClusterCheaper(load.withMessages(middle), prices)) {
                most = middle;
            } else {
                least = middle + 1;
            }
        }
        return Optional.of(load.withMessages(least));
    }

    private static boolean isClusterCheaper(Workload load, Prices prices) {
        return Cluster.bill(load, prices)
                        .total()
                        .compareTo(Serverless.bill(load, prices).total())
                < 0;
    }
}
