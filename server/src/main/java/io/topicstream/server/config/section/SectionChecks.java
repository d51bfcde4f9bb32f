package io.topicstream.server.config.section;

import io.topicstream.log.Durability;
import io.topicstream.settings.Kind;
import io.topicstream.settings.Problems;
import io.topicstream.settings.Setting;
import io.topicstream.settings.Values;
import io.topicstream.settings.section.MessageSection;
import io.topicstream.settings.section.PolicyEntry;
import io.topicstream.settings.section.PolicySection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What two settings must be to each other. Each alone is held to its kind.
public final class SectionChecks {
    private final Values values;
    private final Problems problems;

    private SectionChecks(Values values, Problems problems) {
        this.values = values;
        this.problems = problems;
    }

    /// Adds what is wrong to the problems.
    public static void check(Values values, Problems problems) {
        new SectionChecks(values, problems).check();
    }

    private void check() {
        atMost(DataSection.QUEUE_SOFT_BYTES, DataSection.QUEUE_HARD_BYTES);
        atMost(ConnectionSection.LOW_WATERMARK_BYTES, ConnectionSection.HIGH_WATERMARK_BYTES);
        atMost(WebSocketSection.FRAME_BYTES, WebSocketSection.MESSAGE_BYTES);
        atMost(MessageSection.PAYLOAD_BYTES, WebSocketSection.MESSAGE_BYTES);
        atMost(MessageSection.PAYLOAD_BYTES, HttpSection.INFLATED_BODY_BYTES);
        checkPolicies(WebSocketSection.MESSAGE_BYTES);
        checkPolicies(HttpSection.INFLATED_BODY_BYTES);
        together(TlsSection.CERTIFICATE, TlsSection.KEY);
        together(TlsSection.KEY, TlsSection.CERTIFICATE);
        together(TlsSection.PORT, TlsSection.CERTIFICATE);
        together(RateSection.CONNECTION_BURST, RateSection.CONNECTION);
        together(RateSection.USER_BURST, RateSection.USER);
        checkPorts();
        checkProxies();
        checkDurability();
        checkStages();
    }

    private void atMost(Setting<Long> smaller, Setting<Long> larger) {
        if (values.get(smaller) > values.get(larger)) {
            String where = values.isWritten(smaller) ? place(smaller) : place(larger);
            problems.add(
                    where,
                    name(smaller) + " is " + Kind.showSize(values.get(smaller)) + "; allowed is at most " + name(larger)
                            + ", which is " + Kind.showSize(values.get(larger)));
        }
    }

    /// A message that a policy allows fits into what carries it.
    private void checkPolicies(Setting<Long> carrier) {
        List<PolicyEntry> entries = values.get(PolicySection.POLICIES);
        for (int i = 0; i < entries.size(); i++) {
            @Nullable Integer bytes = entries.get(i).maxMessage();
            if (bytes != null && bytes > values.get(carrier)) {
                problems.add(
                        place(PolicySection.POLICIES),
                        name(PolicySection.POLICIES) + "[" + i + "].max_message is " + Kind.showSize(bytes)
                                + "; allowed is at most " + name(carrier) + ", which is "
                                + Kind.showSize(values.get(carrier)));
            }
        }
    }

    private void together(Setting<? extends List<?>> one, Setting<? extends List<?>> other) {
        if (!values.get(one).isEmpty() && values.get(other).isEmpty()) {
            problems.add(values.source(one), one.path() + " needs " + other.path());
        }
    }

    private void checkPorts() {
        @Nullable Integer tls = values.orNull(TlsSection.PORT);
        if (tls != null && tls != 0 && tls.equals(values.get(ListenSection.PORT))) {
            problems.add(
                    values.source(TlsSection.PORT),
                    "server.tls.port is server.port; leave it out for one port that speaks TLS alone");
        }
    }

    private void checkProxies() {
        if (values.get(ProxySection.PROXY_PROTOCOL)
                && values.get(ProxySection.TRUSTED_PROXIES).isEmpty()) {
            problems.add(
                    values.source(ProxySection.PROXY_PROTOCOL),
                    "server.proxy_protocol is on, but server.trusted_proxies is empty, so nobody's header is taken");
        }
    }

    private void checkStages() {
        List<StagesKind.Written> stages = values.get(StagesSection.STAGES);
        for (int i = 0; i < stages.size(); i++) {
            Long frame = stages.get(i).frameBytes();
            long message = StagesSection.messageBytes(stages.get(i), values.get(WebSocketSection.MESSAGE_BYTES));
            if (frame != null && frame > message) {
                problems.add(
                        place(StagesSection.STAGES),
                        name(StagesSection.STAGES) + "[" + i + "].frame_bytes is " + Kind.showSize(frame)
                                + "; allowed is at most its message_bytes, which is " + Kind.showSize(message));
            }
        }
    }

    private void checkDurability() {
        if (values.get(ProcessSection.ENGINE) == ProcessSection.Engine.MEMORY
                && values.isWritten(DataSection.DURABILITY)
                && values.get(DataSection.DURABILITY) != Durability.MEMORY) {
            problems.add(
                    place(DataSection.DURABILITY),
                    name(DataSection.DURABILITY) + " is '"
                            + values.get(DataSection.DURABILITY).wireName()
                            + "', but the engine is memory, which keeps nothing; allowed is memory");
        }
    }

    /// Where a setting was written, for a problem that calls it by its [#name]; nothing where the name says it.
    private String place(Setting<?> setting) {
        return isFlag(setting) ? "" : values.source(setting);
    }

    /// What a setting is called in a problem: as it was typed, else by its path.
    private String name(Setting<?> setting) {
        return isFlag(setting) ? values.source(setting) : setting.path();
    }

    private boolean isFlag(Setting<?> setting) {
        return values.isWritten(setting) && values.source(setting).startsWith("--");
    }
}
