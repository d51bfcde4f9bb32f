package io.topicstream.gateway.signature;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// Signs requests to one service in one region. Immutable.
public final class Signer {
    private final Credentials credentials;
    private final String region;
    private final String service;

    /// @param service the name in the scope of signatures, for instance `lambda`
    public Signer(Credentials credentials, String region, String service) {
        this.credentials = credentials;
        this.region = region;
        this.service = service;
    }

    /// Signs a request in its header fields.
    ///
    /// @param uri as it is sent: its path and query are encoded already
    /// @param headers further fields to sign, by their names
    /// @return the fields to add: `Authorization`, `X-Amz-Date` and, where there is one, `X-Amz-Security-Token`
    public Map<String, String> sign(String method, URI uri, Map<String, String> headers, byte[] body, Instant now) {
        String time = Canonical.time(now);
        Map<String, String> added = new LinkedHashMap<>();
        added.put(Canonical.DATE, time);
        if (credentials.sessionToken() != null) {
            added.put(Canonical.SECURITY_TOKEN, credentials.sessionToken());
        }
        Map<String, String> signed = new TreeMap<>();
        headers.forEach((name, value) -> signed.put(name.toLowerCase(Locale.ROOT), value));
        added.forEach((name, value) -> signed.put(name.toLowerCase(Locale.ROOT), value));
        signed.put("host", host(uri));
        String query = Canonical.query(Canonical.encodedAnew(parts(uri)));
        String names = String.join(";", signed.keySet());
        Canonical.Scope scope = scope(time);
        String signature = signature(method, uri, query, signed, Canonical.sha256(body), time, scope);
        added.put(
                Canonical.AUTHORIZATION,
                Canonical.ALGORITHM + " Credential=" + credentials.accessKeyId() + "/" + scope + ", SignedHeaders="
                        + names + ", Signature=" + signature);
        return added;
    }

    /// Signs a request without a body in its query, for who cannot add header fields.
    ///
    /// @param uri with the query that it is to have
    /// @param lasts how long the signature holds, in whole seconds
    /// @return the same with the signature in its query
    public URI presign(String method, URI uri, Duration lasts, Instant now) {
        String time = Canonical.time(now);
        Canonical.Scope scope = scope(time);
        List<Map.Entry<String, String>> parts = new ArrayList<>(Canonical.encodedAnew(parts(uri)));
        add(parts, Canonical.ALGORITHM_PARAMETER, Canonical.ALGORITHM);
        add(parts, Canonical.CREDENTIAL, credentials.accessKeyId() + "/" + scope);
        add(parts, Canonical.DATE, time);
        add(parts, Canonical.EXPIRES, Long.toString(lasts.toSeconds()));
        if (credentials.sessionToken() != null) {
            add(parts, Canonical.SECURITY_TOKEN, credentials.sessionToken());
        }
        add(parts, Canonical.SIGNED_HEADERS, "host");
        String query = Canonical.query(parts);
        Map<String, String> signed = Map.of("host", host(uri));
        String signature = signature(method, uri, query, signed, Canonical.sha256(new byte[0]), time, scope);
        return URI.create(uri.getScheme() + "://" + uri.getRawAuthority() + path(uri) + "?" + query + "&"
                + Canonical.SIGNATURE + "=" + signature);
    }

    private String signature(
            String method,
            URI uri,
            String query,
            Map<String, String> signed,
            String payloadHash,
            String time,
            Canonical.Scope scope) {
        StringBuilder lines = new StringBuilder();
        signed.forEach((name, value) -> Canonical.header(lines, name, List.of(value)));
        String path = Encoding.path(Canonical.normalized(path(uri)));
        String names = String.join(";", signed.keySet());
        String request = Canonical.request(method, path, query, lines.toString(), names, payloadHash);
        return Canonical.signature(credentials.secretAccessKey(), scope, Canonical.stringToSign(time, scope, request));
    }

    private Canonical.Scope scope(String time) {
        return new Canonical.Scope(time.substring(0, 8), region, service);
    }

    private static void add(List<Map.Entry<String, String>> parts, String name, String value) {
        parts.add(Map.entry(name, Encoding.percent(value)));
    }

    private static List<Map.Entry<String, String>> parts(URI uri) {
        return uri.getRawQuery() == null ? List.of() : Canonical.parts(uri.getRawQuery());
    }

    private static String path(URI uri) {
        return uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    }

    /// As it stands in the field `Host`.
    private static String host(URI uri) {
        int port = uri.getPort();
        boolean usual = port < 0
                || (port == 443 && ("https".equals(uri.getScheme()) || "wss".equals(uri.getScheme())))
                || (port == 80 && ("http".equals(uri.getScheme()) || "ws".equals(uri.getScheme())));
        return usual ? uri.getHost() : uri.getHost() + ":" + port;
    }
}
