package io.topicstream.aws.audience;

import io.topicstream.dialect.Dialects;
import io.topicstream.door.Origins;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What a front door is told by variables of its own, which a server has not.
public final class DoorVariables {
    public static final String STAGES = "TOPICSTREAM_STAGES";
    public static final String GUESTS = "TOPICSTREAM_GUESTS";
    public static final String ALLOWED_ORIGINS = "TOPICSTREAM_ALLOWED_ORIGINS";
    public static final String WORKFLOW_TOPICS = "TOPICSTREAM_WORKFLOW_TOPICS";

    /// What has to stand in [#STAGES], in words.
    public static final String STAGES_FORM = "names of stages, each once and with its dialect ("
            + Arrays.stream(Dialects.Name.values()).map(Dialects.Name::wireName).collect(Collectors.joining(", "))
            + "), such as v1=native,live=topics";

    /// What has to stand in [#GUESTS], in words.
    public static final String GUESTS_FORM = "true or false";

    /// What has to stand in [#ALLOWED_ORIGINS], in words.
    public static final String ORIGINS_FORM =
            "origins as browsers write them, such as https://example.com,https://example.org:8443";

    private static final Pattern STAGE = Pattern.compile("[A-Za-z0-9_-]{1,128}");

    private DoorVariables() {}

    /// What is spoken under which stage; null where the text is not of that form.
    ///
    /// @param text null for what is usual
    public static @Nullable Map<String, Dialects.Name> stagesOrNull(@Nullable String text) {
        if (text == null) {
            return DoorSettings.USUAL_STAGES;
        }
        Map<String, Dialects.Name> stages = new LinkedHashMap<>();
        for (String one : text.split(",", -1)) {
            String[] parts = one.strip().split("=", 2);
            String stage = parts[0].strip();
            Dialects.@Nullable Name dialect = parts.length == 2 ? dialect(parts[1].strip()) : null;
            if (dialect == null || !STAGE.matcher(stage).matches() || stages.put(stage, dialect) != null) {
                return null;
            }
        }
        return stages;
    }

    private static Dialects.@Nullable Name dialect(String wireName) {
        return Arrays.stream(Dialects.Name.values())
                .filter(name -> name.wireName().equals(wireName))
                .findFirst()
                .orElse(null);
    }

    /// Whether guests are let in; null where the text says neither.
    ///
    /// @param text null for nobody
    public static @Nullable Boolean guestsOrNull(@Nullable String text) {
        if (text == null || text.equals("false")) {
            return false;
        }
        return text.equals("true") ? Boolean.TRUE : null;
    }

    /// Pages of which origins may call without a credential; null where the text is not of that form.
    ///
    /// @param text null for none
    public static @Nullable List<String> originsOrNull(@Nullable String text) {
        if (text == null) {
            return List.of();
        }
        List<String> origins =
                Arrays.stream(text.split(",", -1)).map(String::strip).toList();
        return origins.stream().allMatch(Origins::isEntry) ? origins : null;
    }
}
