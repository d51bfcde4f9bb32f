package io.topicstream.gateway;

import io.topicstream.gateway.exchange.Opening;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/// Why a handshake is refused, before it reaches a back end or since that failed.
///
/// @param status of the HTTP answer
/// @param errorType the name of the error, by which clients of AWS know it
/// @param type the kind, as access logs name it
/// @param message for the client
/// @param body what the client gets, JSON
record Refusal(int status, String errorType, String type, String message, byte[] body) {
    private static final String JSON_TYPE = "application/json";

    static final Refusal FORBIDDEN = of(403, "ForbiddenException", "MISSING_AUTHENTICATION_TOKEN", "Forbidden");
    static final Refusal INVALID_API_KEY = of(403, "ForbiddenException", "INVALID_API_KEY", "Forbidden");
    static final Refusal UNAUTHORIZED = of(401, "UnauthorizedException", "UNAUTHORIZED", "Unauthorized");
    static final Refusal AUTHORIZER_FAILED =
            of(500, "AuthorizerConfigurationException", "AUTHORIZER_FAILURE", "Internal server error");
    static final Refusal THROTTLED = of(429, "TooManyRequestsException", "THROTTLED", "Too Many Requests");
    static final Refusal QUOTA_EXCEEDED = of(429, "LimitExceededException", "QUOTA_EXCEEDED", "Limit Exceeded");
    static final Refusal URL_TOO_LONG = of(414, "RequestUriTooLongException", "DEFAULT_4XX", "Request-URI Too Long");
    static final Refusal HEADERS_TOO_LONG =
            of(431, "RequestHeadersTooLargeException", "DEFAULT_4XX", "Request Header Fields Too Large");

    /// A policy lets the caller not in.
    static Refusal denied(boolean explicitly) {
        return accessDenied(
                "User is not authorized to access this resource" + (explicitly ? " with an explicit deny" : ""));
    }

    /// The caller may not do that.
    static Refusal accessDenied(String message) {
        // The capital is API Gateway's.
        return new Refusal(403, "AccessDeniedException", "ACCESS_DENIED", message, json("Message", message));
    }

    /// Parameters that must be there are not.
    static Refusal missing(List<String> names, int status) {
        return of(
                status,
                "BadRequestException",
                "BAD_REQUEST_PARAMETERS",
                "Missing required request parameters: [" + String.join(", ", names) + "]");
    }

    /// With the usual body.
    static Refusal of(int status, String errorType, String type, String message) {
        return new Refusal(status, errorType, type, message, json("message", message));
    }

    private static byte[] json(String name, String message) {
        return JsonMapper.shared().writeValueAsString(Map.of(name, message)).getBytes(StandardCharsets.UTF_8);
    }

    /// The same with another body.
    Refusal withBody(byte[] other) {
        return new Refusal(status, errorType, type, message, other);
    }

    /// What the client gets.
    Opening.Refused opening(String requestId) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("x-amzn-RequestId", requestId);
        headers.put("x-amz-apigw-id", requestId);
        headers.put("x-amzn-ErrorType", errorType);
        return new Opening.Refused(status, JSON_TYPE, headers, body);
    }
}
