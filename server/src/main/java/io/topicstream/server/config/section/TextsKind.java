package io.topicstream.server.config.section;

import io.topicstream.settings.ConfigNode;
import io.topicstream.settings.Kind;
import io.topicstream.settings.Problems;
import io.topicstream.settings.YamlText;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Texts by their names. As one text (a variable, a flag) it is the same mapping in YAML's or JSON's short form.
final class TextsKind extends Kind<Map<String, String>> {
    TextsKind() {
        super("a mapping of names to texts");
    }

    @Override
    public @Nullable Map<String, String> read(ConfigNode written, String path, Place where, Problems problems) {
        @Nullable ConfigNode node = written;
        if (written instanceof ConfigNode.Text text) {
            node = YamlText.read(text.text(), path, new Problems());
        }
        if (!(node instanceof ConfigNode.Mapping mapping)) {
            problems.add(where.at(written), path + " is no such mapping; allowed is " + allowed());
            return null;
        }
        Map<String, String> texts = new LinkedHashMap<>();
        for (ConfigNode.Entry entry : mapping.entries()) {
            if (!(entry.value() instanceof ConfigNode.Text text)) {
                problems.add(
                        where.at(entry.value()),
                        path + "." + entry.key() + " is " + describe(entry.value()) + "; allowed is a text");
                return null;
            }
            texts.put(entry.key(), text.text());
        }
        return Collections.unmodifiableMap(texts);
    }

    @Override
    public String show(Map<String, String> value) {
        return value.isEmpty()
                ? ""
                // Values of parameters may be secret.
                : value.keySet().stream().collect(Collectors.joining(", ", "(hidden) for ", ""));
    }
}
