package io.topicstream.gateway.mapping;

/// How much one rendering of a template may take.
///
/// @param loops turns of one `#foreach`, at least 1; further ones are left out, as API Gateway does at 1,000
/// @param steps turns of all loops, calls and insertions together, at least 1
/// @param outputChars characters of the result, and of any text on the way to it, at least 1
/// @param workChars characters of all texts that are put together on the way, at least 1
/// @param timeMs how long it may take, in milliseconds, at least 1
public record MappingLimits(int loops, int steps, int outputChars, long workChars, int timeMs) {
    /// Far more than a template needs.
    public static final MappingLimits DEFAULT = new MappingLimits(1_000, 200_000, 10_485_760, 67_108_864L, 1_000);

    public MappingLimits {
        if (loops < 1 || steps < 1 || outputChars < 1 || workChars < 1 || timeMs < 1) {
            throw new IllegalArgumentException("The limits of a mapping are at least 1: " + loops + ", " + steps + ", "
                    + outputChars + ", " + workChars + ", " + timeMs);
        }
    }
}
