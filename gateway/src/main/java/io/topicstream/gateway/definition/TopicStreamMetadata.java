package io.topicstream.gateway.definition;

import io.topicstream.gateway.model.Integration;
import io.topicstream.gateway.model.Integration.ContentHandling;
import io.topicstream.gateway.model.Integration.Passthrough;
import io.topicstream.gateway.model.Route;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Integrations with TopicStream itself: a `MOCK` of a template whose metadata says so. On AWS it stays a mock, so the
/// template can be deployed there as it is.
final class TopicStreamMetadata {
    /// What the integration is: `topicstream`.
    static final String INTEGRATION = "Integration";
    /// The dialect of its frames.
    static final String DIALECT = "Dialect";
    /// What makes a frame of a message.
    static final String TEMPLATE = "Template";

    private static final String TOPICSTREAM = "topicstream";
    private static final int TEMPLATE_BYTES = 300 << 10;
    private static final Set<String> DIALECTS = Set.of("native", "topics", "chat", "rooms");
    private static final Set<String> KNOWN = Set.of(INTEGRATION, DIALECT, TEMPLATE);

    private TopicStreamMetadata() {}

    /// The integration with TopicStream; null for another one.
    ///
    /// @param type that it has on AWS
    static @Nullable Integration read(Properties one, Integration.Type type) {
        Node.Members says = one.resource().attributes().membersAt("Metadata").membersAt("TopicStream");
        if (!says.has(INTEGRATION)) {
            return null;
        }
        // Of the short form the names are those of the route.
        boolean isShort = !one.resource().places().isEmpty();
        String place = isShort ? "" : "Metadata.TopicStream.";
        for (String name : says.members().keySet()) {
            if (!KNOWN.contains(name)) {
                one.error(place + name + " is not known here" + Spelling.didYouMean(name, KNOWN));
            }
        }
        if (!says.textAt(INTEGRATION).equals(TOPICSTREAM)) {
            one.error(place + (isShort ? "type" : INTEGRATION) + " is " + TOPICSTREAM + ", not '"
                    + says.textAt(INTEGRATION) + "'");
        } else if (type != Integration.Type.MOCK) {
            one.error("IntegrationType", "is MOCK where " + place + INTEGRATION + " stands, not " + type);
        }
        String dialect = says.has(DIALECT) ? says.textAt(DIALECT) : "native";
        if (!DIALECTS.contains(dialect)) {
            one.error(place + (isShort ? "dialect" : DIALECT) + " is native, topics, chat or rooms, not '" + dialect
                    + "'");
        }
        @Nullable String template = says.at(TEMPLATE) instanceof Node.Text text ? text.text() : null;
        String templateName = place + (isShort ? "template" : TEMPLATE);
        if (template == null && says.has(TEMPLATE)) {
            one.error(templateName + " is a text, not " + says.at(TEMPLATE).kind());
        } else if (template != null && template.getBytes(StandardCharsets.UTF_8).length > TEMPLATE_BYTES) {
            one.error(templateName + " is larger than 300 KiB");
        }
        @Nullable
        Integer timeoutMs = one.integer("TimeoutInMillis", Integration.MIN_TIMEOUT_MS, Integration.MAX_TIMEOUT_MS);
        return new Integration(
                Integration.Type.TOPICSTREAM,
                dialect,
                "POST",
                ContentHandling.NONE,
                Passthrough.WHEN_NO_MATCH,
                Map.of(),
                template == null ? Map.of() : Map.of("$default", template),
                template == null ? null : "\\$default",
                Objects.requireNonNullElse(timeoutMs, Integration.MAX_TIMEOUT_MS),
                Map.of(),
                null);
    }

    /// Refuses an API whose routes speak several dialects: a connection has one conversation.
    static void requireOneDialect(Properties api, Collection<Route> routes) {
        Set<String> dialects = new TreeSet<>();
        for (Route route : routes) {
            @Nullable Integration integration = route.integration();
            if (integration != null && integration.type() == Integration.Type.TOPICSTREAM) {
                dialects.add(integration.uri());
            }
        }
        if (dialects.size() > 1) {
            api.error("its routes to TopicStream speak one dialect, not " + String.join(" and ", dialects));
        }
    }
}
