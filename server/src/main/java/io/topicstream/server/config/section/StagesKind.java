package io.topicstream.server.config.section;

import static io.topicstream.settings.Units.KIB;
import static io.topicstream.settings.Units.MIB;
import static io.topicstream.settings.Units.MS;

import io.topicstream.access.ApiKeys;
import io.topicstream.dialect.Dialects;
import io.topicstream.server.websocket.StageDefinition;
import io.topicstream.server.websocket.StageDefinition.Actions;
import io.topicstream.settings.ConfigNode;
import io.topicstream.settings.EntriesKind;
import io.topicstream.settings.Kind;
import io.topicstream.settings.Problems;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The list of stages.
final class StagesKind extends EntriesKind<StagesKind.Written> {
    private static final String MESSAGE_BYTES = "message_bytes";
    private static final String FRAME_BYTES = "frame_bytes";
    private static final String UPGRADE_DEADLINE = "upgrade_deadline";
    private static final String ACTIONS = "actions";
    private static final String GUEST_TOKENS = "guest_tokens";
    private static final String RATE = "rate";
    private static final String BURST = "burst";
    private static final Set<String> KEYS = Set.of(
            "path",
            "dialect",
            "callers",
            MESSAGE_BYTES,
            FRAME_BYTES,
            UPGRADE_DEADLINE,
            ACTIONS,
            GUEST_TOKENS,
            RATE,
            BURST);
    /// One segment that needs no escapes, and cannot be taken for the path to something else of a stage.
    private static final Pattern PATH = Pattern.compile("/(?:[A-Za-z0-9_~-][A-Za-z0-9_.~-]{0,63})?");

    private static final Kind<Dialects.Name> DIALECT =
            Kind.oneOf(List.of(Dialects.Name.values()), Dialects.Name::wireName);
    private static final Kind<StageDefinition.Callers> CALLERS =
            Kind.oneOf(List.of(StageDefinition.Callers.values()), StageDefinition.Callers::wireName);
    private static final Kind<StageDefinition.Actions> ACTION =
            Kind.oneOf(List.of(StageDefinition.Actions.values()), StageDefinition.Actions::wireName);
    private static final Kind<List<String>> TOKENS = Kind.list(
            "1 to 128 visible ASCII characters, not beginning with 'ts_'",
            token -> token.length() <= 128 && token.matches("[!-~]+") && !token.startsWith(ApiKeys.PREFIX));
    private static final Kind<Long> BYTES = Kind.size(KIB, 64 * MIB);
    private static final Kind<Duration> DEADLINE = Kind.time(MS, Duration.ofMinutes(10));

    /// A stage as it is written; what is null is as for all others.
    record Written(
            String path,
            Dialects.Name dialect,
            StageDefinition.Callers callers,
            @Nullable Long messageBytes,
            @Nullable Long frameBytes,
            @Nullable Duration upgradeDeadline,
            @Nullable Actions actions,
            @Nullable List<String> guestTokens,
            @Nullable Integer rate,
            @Nullable Integer burst) {
        static Written of(String path, Dialects.Name dialect, StageDefinition.Callers callers) {
            return new Written(path, dialect, callers, null, null, null, null, null, null, null);
        }

        Written withGuestTokens(String... tokens) {
            return new Written(
                    path,
                    dialect,
                    callers,
                    messageBytes,
                    frameBytes,
                    upgradeDeadline,
                    actions,
                    List.of(tokens),
                    rate,
                    burst);
        }
    }

    StagesKind() {
        super("a list of {path, dialect, callers?, message_bytes?, frame_bytes?, upgrade_deadline?, actions?,"
                + " guest_tokens?, rate?, burst?}; a dialect is " + DIALECT.allowed() + ", callers are "
                + CALLERS.allowed()
                + ", actions (of the chat dialect) are " + ACTION.allowed()
                + ", guest_tokens are what callers may show as a token and are guests all the same, rate and burst"
                + " are how many requests all on the stage may make a second and at once: "
                + RateSection.NUMBER.allowed());
    }

    @Override
    protected @Nullable Written entry(ConfigNode node, String path, Place where, Problems problems) {
        @Nullable Map<String, ConfigNode> members = members(node, path, KEYS, where, problems);
        if (members == null) {
            return null;
        }
        int before = problems.lines().size();
        @Nullable String at = required(members, "path", node, path, where, problems);
        if (at != null && !PATH.matcher(at).matches()) {
            problems.add(
                    where.at(node),
                    path + ".path is " + describe(new ConfigNode.Text(at, 0))
                            + "; allowed is / or a slash and 1 to 64 characters of A-Z a-z 0-9 _ . ~ -, not beginning"
                            + " with a dot");
        }
        @Nullable String named = required(members, "dialect", node, path, where, problems);
        Dialects.@Nullable Name dialect =
                named == null ? null : member(members, "dialect", DIALECT, path, where, problems);
        StageDefinition.@Nullable Callers callers = member(members, "callers", CALLERS, path, where, problems);
        @Nullable Long messageBytes = member(members, MESSAGE_BYTES, BYTES, path, where, problems);
        @Nullable Long frameBytes = member(members, FRAME_BYTES, BYTES, path, where, problems);
        @Nullable Duration deadline = member(members, UPGRADE_DEADLINE, DEADLINE, path, where, problems);
        StageDefinition.@Nullable Actions actions = member(members, ACTIONS, ACTION, path, where, problems);
        @Nullable List<String> guestTokens = member(members, GUEST_TOKENS, TOKENS, path, where, problems);
        @Nullable Integer rate = member(members, RATE, RateSection.NUMBER, path, where, problems);
        @Nullable Integer burst = member(members, BURST, RateSection.NUMBER, path, where, problems);
        if (burst != null && !members.containsKey(RATE)) {
            problems.add(where.at(node), path + ".burst needs a rate");
        }
        if (actions != null && dialect != null && dialect != Dialects.Name.CHAT) {
            problems.add(where.at(node), path + ".actions is for the chat dialect; this stage speaks " + named);
        }
        if (at == null || dialect == null || problems.lines().size() > before) {
            return null;
        }
        return new Written(
                at,
                dialect,
                callers == null ? StageDefinition.Callers.CONFIGURED : callers,
                messageBytes,
                frameBytes,
                deadline,
                actions,
                guestTokens,
                rate,
                burst);
    }

    @Override
    protected boolean fit(List<Written> stages, ConfigNode.Sequence list, String path, Place where, Problems problems) {
        if (stages.size() < list.items().size()) {
            // What is wrong with the others is said, and their places are not known.
            return true;
        }
        Set<String> paths = new HashSet<>();
        boolean right = true;
        for (int i = 0; i < stages.size(); i++) {
            String at = stages.get(i).path();
            if (!paths.add(at)) {
                right = false;
                problems.add(where.at(list.items().get(i)), path + "[" + i + "].path is " + at + ", as another's is");
            }
        }
        return right;
    }

    @Override
    public String show(List<Written> stages) {
        return stages.stream().map(StagesKind::shown).collect(Collectors.joining(", ", "[", "]"));
    }

    private static String shown(Written stage) {
        StringBuilder shown = new StringBuilder("{path: ")
                .append(stage.path())
                .append(", dialect: ")
                .append(DIALECT.show(stage.dialect()));
        if (stage.callers() != StageDefinition.Callers.CONFIGURED) {
            shown.append(", callers: ").append(CALLERS.show(stage.callers()));
        }
        show(shown, MESSAGE_BYTES, BYTES, stage.messageBytes());
        show(shown, FRAME_BYTES, BYTES, stage.frameBytes());
        show(shown, UPGRADE_DEADLINE, DEADLINE, stage.upgradeDeadline());
        show(shown, ACTIONS, ACTION, stage.actions());
        if (stage.guestTokens() != null) {
            shown.append(", ")
                    .append(GUEST_TOKENS)
                    .append(": [")
                    .append(TOKENS.show(stage.guestTokens()))
                    .append(']');
        }
        show(shown, RATE, RateSection.NUMBER, stage.rate());
        show(shown, BURST, RateSection.NUMBER, stage.burst());
        return shown.append('}').toString();
    }

    private static <T> void show(StringBuilder shown, String key, Kind<T> kind, @Nullable T value) {
        if (value != null) {
            shown.append(", ").append(key).append(": ").append(kind.show(value));
        }
    }
}
