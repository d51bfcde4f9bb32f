package io.topicstream.gateway.http;

/// What calls over HTTP may cost.
///
/// @param callsPerTarget how many may be under way to one target, from 1
/// @param calls how many may be under way at all, from 1; each holds a socket
/// @param answerBytes how large the body of one answer may be
/// @param answersBytes how large the bodies of all answers under way may be together
public record HttpCallLimits(int callsPerTarget, int calls, int answerBytes, long answersBytes) {
    /// 1,000 calls to a target, 4,000 in all, 10 MiB an answer, 128 MiB for all answers.
    public static final HttpCallLimits DEFAULT = new HttpCallLimits(1_000, 4_000, 10 << 20, 128 << 20);

    /// With four times as many calls in all as to one target.
    public HttpCallLimits(int callsPerTarget, int answerBytes, long answersBytes) {
        this(callsPerTarget, Math.clamp(4L * callsPerTarget, 1, Integer.MAX_VALUE), answerBytes, answersBytes);
    }

    public HttpCallLimits {
        if (callsPerTarget < 1 || calls < 1 || answerBytes < 0 || answersBytes < 0) {
            throw new IllegalArgumentException("A limit of calls is too small.");
        }
    }
}
