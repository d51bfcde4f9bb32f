package io.topicstream.transport;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/// What is served behind one bound port.
///
/// @param http answers requests
/// @param upgrade decides who may open a WebSocket
/// @param hostAllowed whether the host that a request names (as it came, in lower case, with its port if it has
///     one) is served; others get 421. On a port for this machine only that keeps a foreign page from reaching it
///     by DNS rebinding.
/// @param hostRefused told of each host that was refused
/// @param refusalFields header fields that go with an error of the transport's own, for a request whose head was read
///     to its end: what lets a page of an allowed origin see the error. The head may be one that was refused, so its
///     target says nothing
/// @param anyHost whether a path, by its segments, is served whatever host the request names
/// @param ingress how connections come in
/// @param observer told of what is answered
public record Endpoint(
        HttpHandler http,
        UpgradeHandler upgrade,
        Predicate<String> hostAllowed,
        Consumer<String> hostRefused,
        Function<RequestHead, Map<String, String>> refusalFields,
        Predicate<List<String>> anyHost,
        AnswerObserver observer,
        Ingress ingress) {
    /// Without proxies.
    public Endpoint(
            HttpHandler http,
            UpgradeHandler upgrade,
            Predicate<String> hostAllowed,
            Function<RequestHead, Map<String, String>> refusalFields,
            AnswerObserver observer) {
        this(http, upgrade, hostAllowed, host -> {}, refusalFields, path -> false, observer, Ingress.DIRECT);
    }

    /// Without fields for refusals and without an observer.
    public Endpoint(HttpHandler http, UpgradeHandler upgrade, Predicate<String> hostAllowed) {
        this(http, upgrade, hostAllowed, head -> Map.of(), AnswerObserver.NONE);
    }

    /// The same, reached by TLS.
    public Endpoint over(TlsFiles tls) {
        return new Endpoint(
                http, upgrade, hostAllowed, hostRefused, refusalFields, anyHost, observer, ingress.over(tls));
    }

    /// Now, where somebody wants to know how long things take.
    long watchedNs() {
        return observer.isTimed() ? System.nanoTime() : 0;
    }
}
