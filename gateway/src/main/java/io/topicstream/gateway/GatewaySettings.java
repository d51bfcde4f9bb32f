package io.topicstream.gateway;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// How the gateway presents itself, what it allows, and what it does where the documents of API Gateway are
/// silent or contradict each other: each such choice is a component here, so that a correction is a change
/// of a default.
///
/// @param region in ARNs
/// @param account in ARNs, twelve digits
/// @param apiId in place of the one that the definition's only API has, or null
/// @param domainName that events name in place of the host that the client asked for, with a port where it
///     needs one; or null
/// @param handshakes choices about handshakes
/// @param messages choices about messages
/// @param sockets choices about sockets
/// @param callbacks choices about the callback API
/// @param limits how much is allowed
public record GatewaySettings(
        String region,
        String account,
        @Nullable String apiId,
        @Nullable String domainName,
        Handshakes handshakes,
        Messages messages,
        Sockets sockets,
        Callbacks callbacks,
        Limits limits) {
    /// What holds unless something else is said.
    public static final GatewaySettings DEFAULTS = new GatewaySettings(
            "us-east-1",
            "000000000000",
            null,
            null,
            Handshakes.DEFAULTS,
            Messages.DEFAULTS,
            Sockets.DEFAULTS,
            Callbacks.DEFAULTS,
            Limits.DEFAULTS);

    public GatewaySettings {
        if (!account.matches("[0-9]{12}")) {
            throw new IllegalArgumentException("an account is twelve digits");
        }
        if (apiId != null && !apiId.matches("[a-z0-9]{1,32}")) {
            throw new IllegalArgumentException("the id of an API has lower-case letters and digits");
        }
        domainName = domainName == null ? null : domainName.toLowerCase(Locale.ROOT);
    }

    /// The same in another region and account.
    public GatewaySettings at(String otherRegion, String otherAccount) {
        return new GatewaySettings(
                otherRegion, otherAccount, apiId, domainName, handshakes, messages, sockets, callbacks, limits);
    }

    /// The same with other names for the API and the domain.
    public GatewaySettings named(@Nullable String otherApiId, @Nullable String otherDomainName) {
        return new GatewaySettings(
                region, account, otherApiId, otherDomainName, handshakes, messages, sockets, callbacks, limits);
    }

    /// The same with other choices about handshakes.
    public GatewaySettings with(Handshakes others) {
        return new GatewaySettings(region, account, apiId, domainName, others, messages, sockets, callbacks, limits);
    }

    /// The same with other choices about messages.
    public GatewaySettings with(Messages others) {
        return new GatewaySettings(region, account, apiId, domainName, handshakes, others, sockets, callbacks, limits);
    }

    /// The same with other choices about sockets.
    public GatewaySettings with(Sockets others) {
        return new GatewaySettings(region, account, apiId, domainName, handshakes, messages, others, callbacks, limits);
    }

    /// The same with other choices about the callback API.
    public GatewaySettings with(Callbacks others) {
        return new GatewaySettings(region, account, apiId, domainName, handshakes, messages, sockets, others, limits);
    }

    /// The same with other limits.
    public GatewaySettings with(Limits others) {
        return new GatewaySettings(
                region, account, apiId, domainName, handshakes, messages, sockets, callbacks, others);
    }

    /// Choices about handshakes.
    ///
    /// @param throttleFirst whether throttles come before authorization instead of after the API key
    /// @param explicitDenyIsNamed whether a refusal says that a policy denied explicitly
    /// @param identityHeadersIgnoreCase whether the case of header names in identity sources does not count
    /// @param nullsOfContextAreTexts whether a null in an authorizer's context becomes the text `null`
    ///     instead of nothing
    /// @param functionFailureStatus when the function of a proxy was not to be had, threw or made no sense
    /// @param serverFailureStatus when a server over HTTP was not reached, or its answer could not be mapped
    /// @param otherFailureStatus when another back end failed, or there is none
    /// @param timeoutStatus when a back end took too long
    /// @param failuresNameTheConnection whether the body of a failure has the ids of connection and request
    /// @param missingParameterStatus when a required parameter is not there
    /// @param refusalsHaveHeaders whether header fields of a back end that refused go to the client
    public record Handshakes(
            boolean throttleFirst,
            boolean explicitDenyIsNamed,
            boolean identityHeadersIgnoreCase,
            boolean nullsOfContextAreTexts,
            int functionFailureStatus,
            int serverFailureStatus,
            int otherFailureStatus,
            int timeoutStatus,
            boolean failuresNameTheConnection,
            int missingParameterStatus,
            boolean refusalsHaveHeaders) {
        public static final Handshakes DEFAULTS =
                new Handshakes(false, true, true, false, 502, 504, 500, 504, true, 400, false);
    }

    /// Choices about messages.
    ///
    /// @param ordered whether messages of a connection run one after the other instead of side by side
    /// @param onlyObjectsSelectRoutes whether JSON that is not an object goes to `$default`, even by a
    ///     constant expression
    /// @param reservedRoutesSelectable whether a message may select `$connect` and `$disconnect`
    /// @param proxiesAreChecked whether models hold for routes of proxies too
    /// @param timeoutText of the frame when a back end took too long
    /// @param throttledText of the frame when there are too many
    /// @param unsupportedText of the frame when there is no template for a body
    /// @param badRequestAsDocumented whether the frame about a body that fits no model has the spaces of the
    ///     documents, and the id of the message; instead of those of other frames
    /// @param emptyBodiesAreSent whether an answer without a body becomes an empty message
    /// @param countInUsagePlans whether messages take from the limits of the usage plan too
    /// @param disconnectsAreThrottled whether the end of a connection is throttled as a message is
    public record Messages(
            boolean ordered,
            boolean onlyObjectsSelectRoutes,
            boolean reservedRoutesSelectable,
            boolean proxiesAreChecked,
            String timeoutText,
            String throttledText,
            String unsupportedText,
            boolean badRequestAsDocumented,
            boolean emptyBodiesAreSent,
            boolean countInUsagePlans,
            boolean disconnectsAreThrottled) {
        public static final Messages DEFAULTS = new Messages(
                false,
                true,
                false,
                true,
                "Endpoint request timed out",
                "Too Many Requests",
                "Unsupported Media Type",
                true,
                false,
                false,
                false);

        /// The same, with the messages of a connection run one after the other, or side by side.
        public Messages inOrder(boolean isOrdered) {
            return new Messages(
                    isOrdered,
                    onlyObjectsSelectRoutes,
                    reservedRoutesSelectable,
                    proxiesAreChecked,
                    timeoutText,
                    throttledText,
                    unsupportedText,
                    badRequestAsDocumented,
                    emptyBodiesAreSent,
                    countInUsagePlans,
                    disconnectsAreThrottled);
        }

        /// The same, with answers without a body sent as empty messages, or not at all.
        public Messages sendingEmptyBodies(boolean areSent) {
            return new Messages(
                    ordered,
                    onlyObjectsSelectRoutes,
                    reservedRoutesSelectable,
                    proxiesAreChecked,
                    timeoutText,
                    throttledText,
                    unsupportedText,
                    badRequestAsDocumented,
                    areSent,
                    countInUsagePlans,
                    disconnectsAreThrottled);
        }

        /// The same, with messages counted in usage plans, or handshakes alone.
        public Messages countedInUsagePlans(boolean areCounted) {
            return new Messages(
                    ordered,
                    onlyObjectsSelectRoutes,
                    reservedRoutesSelectable,
                    proxiesAreChecked,
                    timeoutText,
                    throttledText,
                    unsupportedText,
                    badRequestAsDocumented,
                    emptyBodiesAreSent,
                    areCounted,
                    disconnectsAreThrottled);
        }
    }

    /// Choices about sockets.
    ///
    /// @param plainRequestStatus of a request for a stage that is no upgrade
    /// @param plainRequestText its message
    /// @param pingsAreActivity whether a client's pings keep a connection open
    /// @param deflate whether permessage-deflate is negotiated
    /// @param binaryReason of the close with 1003
    /// @param tooLongReason of the close with 1009
    public record Sockets(
            int plainRequestStatus,
            String plainRequestText,
            boolean pingsAreActivity,
            boolean deflate,
            String binaryReason,
            String tooLongReason) {
        public static final Sockets DEFAULTS =
                new Sockets(426, "Upgrade Required", false, false, "Unsupported data", "Message too long");
    }

    /// Choices about the callback API.
    ///
    /// @param tooLongIsNamed whether a post that is too long is answered with the name of the error
    /// @param invalidTextIsBinary whether a post that is no UTF-8 becomes a binary frame
    /// @param absentUserAgentIsNull whether a client without a user agent is described with a null
    /// @param otherMethodStatus of methods that there are not
    public record Callbacks(
            boolean tooLongIsNamed, boolean invalidTextIsBinary, boolean absentUserAgentIsNull, int otherMethodStatus) {
        public static final Callbacks DEFAULTS = new Callbacks(false, true, false, 403);

        /// The same, with the error of a post that is too long named, or not.
        public Callbacks withLongPostsNamed(boolean areNamed) {
            return new Callbacks(areNamed, invalidTextIsBinary, absentUserAgentIsNull, otherMethodStatus);
        }
    }

    /// How much is allowed. The first two are quotas of accounts, which AWS raises when asked: here there
    /// are none unless they are set.
    ///
    /// @param connects new connections, of all APIs together
    /// @param events handshakes, messages and callbacks, of all APIs together
    /// @param callsPerConnection how many messages of a connection may be under way; the next ones wait
    /// @param waitingPerConnection how many may wait; what comes then is answered as throttled
    /// @param maxWaitMs how long one may wait, in milliseconds
    /// @param callsPerStage how many handshakes and messages of a stage may be under way or wait; what comes
    ///     then is throttled
    /// @param bytesPerStage how many bytes they may have
    /// @param authorizerTimeoutMs how long an authorizer may take, in milliseconds
    /// @param maxAuthorizerBytes how long its result may be
    /// @param maxUrlChars how long the path and the query of a handshake may be
    /// @param maxHeaderBytes how long its header may be
    /// @param maxReplyBytes how long a message to a client may be
    /// @param maxPostBytes how long a post may be
    /// @param maxFrameBytes how long a frame of a client may be
    /// @param maxMessageBytes how long a message of a client may be
    /// @param idleMs how long a connection stays open without messages, in milliseconds
    /// @param maxAgeMs how long a connection stays open, in milliseconds
    public record Limits(
            Rate connects,
            Rate events,
            int callsPerConnection,
            int waitingPerConnection,
            long maxWaitMs,
            int callsPerStage,
            long bytesPerStage,
            int authorizerTimeoutMs,
            int maxAuthorizerBytes,
            int maxUrlChars,
            int maxHeaderBytes,
            int maxReplyBytes,
            int maxPostBytes,
            int maxFrameBytes,
            int maxMessageBytes,
            long idleMs,
            long maxAgeMs) {
        public static final Limits DEFAULTS = new Limits(
                Rate.UNLIMITED,
                Rate.UNLIMITED,
                64,
                256,
                29_000,
                10_000,
                128L << 20,
                29_000,
                8192,
                4096,
                10_240,
                131_072,
                131_072,
                32_768,
                131_072,
                600_000,
                7_200_000);

        public Limits {
            if (callsPerConnection < 1 || waitingPerConnection < 0 || callsPerStage < 1 || bytesPerStage < 1) {
                throw new IllegalArgumentException("something must be allowed to be under way");
            }
        }
    }

    /// How many may come.
    ///
    /// @param perSecond how many a second, or null for no limit; 0 lets none through
    /// @param burst how many at once, or null for as many as come in a second; 0 lets none through
    public record Rate(@Nullable Double perSecond, @Nullable Integer burst) {
        /// As many as there are.
        public static final Rate UNLIMITED = new Rate(null, null);
    }
}
