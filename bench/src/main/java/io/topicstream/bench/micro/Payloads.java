package io.topicstream.bench.micro;

import java.nio.charset.StandardCharsets;

/// What the benchmarks publish: one JSON object of 128 bytes, as the loads of the suite do.
final class Payloads {
    static final int BYTES = 128;

    private static final String START = "{\"d\":\"";
    private static final String END = "\"}";

    private Payloads() {}

    static String text() {
        return START + "x".repeat(BYTES - START.length() - END.length()) + END;
    }

    static byte[] bytes() {
        return text().getBytes(StandardCharsets.US_ASCII);
    }
}
