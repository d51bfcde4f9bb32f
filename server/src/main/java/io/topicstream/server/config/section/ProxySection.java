package io.topicstream.server.config.section;

import io.topicstream.settings.Kind;
import io.topicstream.settings.Rows;
import io.topicstream.settings.Setting;
import io.topicstream.settings.Values;
import io.topicstream.settings.section.Networks;
import java.util.List;

/// What stands between the server and its callers.
///
/// @param trusted whose word for whom they speak is taken
/// @param proxyProtocol whether their connections begin with a header of the PROXY protocol; wants one that is trusted
public record ProxySection(Networks trusted, boolean proxyProtocol) {
    public static final Rows ROWS = new Rows();

    static final Setting<List<String>> TRUSTED_PROXIES = ROWS.add(
            "server.trusted_proxies",
            Kind.list("an IP address, or a network as 10.0.0.0/8", Networks::isEntry),
            List.of(),
            "Proxies that are believed when they say (Forwarded, X-Forwarded-For, PROXY) for whom they speak");
    static final Setting<Boolean> PROXY_PROTOCOL = ROWS.add(
            "server.proxy_protocol",
            Kind.onOrOff(),
            false,
            "Whether connections of trusted proxies begin with a header of the PROXY protocol, version 1 or 2");

    /// What the settings say.
    public static ProxySection of(Values values) {
        return new ProxySection(Networks.of(values.get(TRUSTED_PROXIES)), values.get(PROXY_PROTOCOL));
    }
}
