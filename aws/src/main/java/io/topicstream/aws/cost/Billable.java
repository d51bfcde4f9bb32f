package io.topicstream.aws.cost;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Optional;

/// What AWS counts and bills, with its list price in us-east-1. What is counted is the smallest step, so that
/// counts are whole numbers; a price is for many of them.
public enum Billable {
    WEBSOCKET_MESSAGES(
            "websocket-messages",
            "a million messages of 32 KB, to or from a client",
            1_000_000,
            "1.00",
            Sources.API_GATEWAY),
    CONNECTION_MINUTES(
            "connection-minutes", "a million minutes of a connection", 1_000_000, "0.25", Sources.API_GATEWAY),
    HTTP_REQUESTS("http-requests", "a million requests of 512 KB", 1_000_000, "1.00", Sources.API_GATEWAY),
    FUNCTION_CALLS("function-calls", "a million calls", 1_000_000, "0.20", Sources.LAMBDA),
    /// Megabytes times milliseconds.
    FUNCTION_TIME("function-time", "a GB-second on arm64", 1_024_000, "0.0000133334", Sources.LAMBDA),
    WRITE_UNITS("write-units", "a million write request units of 1 KB", 1_000_000, "0.625", Sources.DYNAMODB),
    /// Halves of read request units: an eventually consistent read of 4 KB is one.
    READ_HALVES("read-units", "a million read request units of 4 KB", 2_000_000, "0.125", Sources.DYNAMODB),
    /// Megabytes times hours.
    TABLE_STORAGE("table-storage", "a GB in DynamoDB for a month", Sources.MB_HOURS_A_GB_MONTH, "0.25", Sources.TABLE),
    OBJECT_PUTS("object-puts", "1,000 PUT requests of S3", 1_000, "0.005", Sources.S3),
    OBJECT_GETS("object-gets", "1,000 GET requests of S3", 1_000, "0.0004", Sources.S3),
    /// Megabytes times hours.
    OBJECT_STORAGE("object-storage", "a GB in S3 for a month", Sources.MB_HOURS_A_GB_MONTH, "0.023", Sources.S3),
    EVENTS("events", "a million events of 64 KB on EventBridge", 1_000_000, "1.00", Sources.EVENTBRIDGE),
    WORKFLOWS("workflows", "a million Express workflows", 1_000_000, "1.00", Sources.STEP_FUNCTIONS),
    /// Megabytes times milliseconds.
    WORKFLOW_TIME("workflow-time", "a GB-second of Express workflows", 1_024_000, "0.00001667", Sources.STEP_FUNCTIONS),
    TRANSITIONS(
            "workflow-transitions",
            "a million transitions of Standard workflows",
            1_000_000,
            "25.00",
            Sources.STEP_FUNCTIONS),
    BYTES_OUT("data-out", "a GB out to the internet", 1L << 30, "0.09", Sources.API_GATEWAY),
    TASK_CPU_HOURS("task-cpu", "an hour of a vCPU on Fargate, ARM", 1, "0.03238", Sources.FARGATE),
    TASK_MEMORY_HOURS("task-memory", "an hour of a GB on Fargate, ARM", 1, "0.00356", Sources.FARGATE),
    CACHE_UNITS("cache-units", "a million ECPUs of serverless Valkey", 1_000_000, "0.0023", Sources.ELASTICACHE),
    /// Megabytes times hours.
    CACHE_MEMORY("cache-memory", "a GB in serverless Valkey for an hour", 1_024, "0.084", Sources.ELASTICACHE),
    BALANCER_HOURS("balancer-hours", "an hour of a network load balancer", 1, "0.0225", Sources.BALANCER),
    BALANCER_BYTES("balancer-data", "a GB through the balancer", 1L << 30, "0.006", Sources.BALANCER);

    private final String key;
    private final String priced;
    private final long perPrice;
    private final BigDecimal listPrice;
    private final String source;

    Billable(String key, String priced, long perPrice, String listPrice, String source) {
        this.key = key;
        this.priced = priced;
        this.perPrice = perPrice;
        this.listPrice = new BigDecimal(listPrice);
        this.source = source;
    }

    /// What it is called on the command line.
    public String key() {
        return key;
    }

    /// What one price is for, in words.
    public String priced() {
        return priced;
    }

    /// The page from which the price is, by its maker and its name.
    public String source() {
        return source;
    }

    /// How many of them one price is for.
    long perPrice() {
        return perPrice;
    }

    BigDecimal listPrice() {
        return listPrice;
    }

    /// The one that is called so.
    public static Optional<Billable> of(String key) {
        return Arrays.stream(values()).filter(one -> one.key.equals(key)).findFirst();
    }

    private static final class Sources {
        private static final long MB_HOURS_A_GB_MONTH = 1_024 * Workload.HOURS_A_MONTH;

        private static final String API_GATEWAY = "API Evangelist, Amazon API Gateway, September 2026";
        private static final String LAMBDA = "Cloudchipr, AWS Lambda Pricing";
        private static final String DYNAMODB = "Airbyte, DynamoDB pricing";
        private static final String TABLE = "AWS, Amazon DynamoDB pricing";
        private static final String S3 = "serverless-streams, README";
        private static final String EVENTBRIDGE = "Cloudburn, EventBridge pricing, March 2026";
        private static final String STEP_FUNCTIONS = "Wring, Step Functions pricing, March 2026";
        private static final String FARGATE = "Vantage, Fargate pricing";
        private static final String ELASTICACHE = "Usage.ai, ElastiCache pricing, June 2026";
        private static final String BALANCER = "AWS Negotiations, Elastic Load Balancer Cost, May 2026";
    }
}
