package io.topicstream.gateway.http;

/// What calls over HTTP may cost.
///
/// @param callsPerTarget how many may be under way to one target, from 1
/// @param answerBytes how large the body of one answer may be
/// @param answersBytes how large the bodies of all answers under way may be together
public record HttpCallLimits(int callsPerTarget, int answerBytes, long answersBytes) {
    /// 256 calls to a target, 10 MiB an answer, 128 MiB for all.
    public static final HttpCallLimits DEFAULT = new HttpCallLimits(256, 10 << 20, 128 << 20);

    public HttpCallLimits {
        if (callsPerTarget < 1 || answerBytes < 0 || answersBytes < 0) {
            throw new IllegalArgumentException("A limit of calls is too small.");
        }
    }
}
