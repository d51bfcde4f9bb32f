package io.topicstream.gateway.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.topicstream.testkit.Seeds;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Templates that were changed by chance are read, or refused with a sentence; nothing else ever happens.
class MutationTest {
    private static final List<String> PIECES = List.of(
            "!Ref ",
            "!Sub ",
            "!GetAtt ",
            "{}",
            "[]",
            "null",
            "~",
            "''",
            "true",
            "-1",
            "99999999999",
            "*a",
            "&a ",
            "<<: ",
            "\"",
            "${",
            "}",
            "{",
            "[",
            "]",
            ": ",
            "- ",
            "\n",
            "  ",
            "$connect",
            "AWS::NoValue",
            "Fn::If",
            "Ref",
            "é",
            "\t",
            ",");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "raw/template.yaml",
                "sam/template.yaml",
                "cdk/ChatStack.template.json",
                "serverless/.serverless/cloudformation-template-update-stack.json",
                "nested/template.yaml",
                "nested/routes.yaml",
                "short/chat.yaml"
            })
    void anythingIsReadOrRefused(String name) throws Exception {
        Random random = Seeds.random(name);
        String template = Files.readString(TemplatesTest.file(name));
        Path file = folder.resolve(Path.of(name).getFileName());
        int refused = 0;
        for (int i = 0; i < 150; i++) {
            String changed = changed(template, random);
            Files.writeString(file, changed);
            try {
                Definitions.read(file, Map.of());
            } catch (DefinitionException e) {
                refused++;
                assertThat(e.findings())
                        .isNotEmpty()
                        .allSatisfy(one -> assertThat(one.text()).isNotBlank());
            } catch (RuntimeException | Error e) {
                fail("step " + i + ":\n" + changed, e);
            }
        }
        assertThat(refused).isPositive();
    }

    private static String changed(String template, Random random) {
        List<String> lines = new ArrayList<>(template.lines().toList());
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            int at = random.nextInt(lines.size());
            String line = lines.get(at);
            int place = line.isEmpty() ? 0 : random.nextInt(line.length());
            switch (random.nextInt(6)) {
                case 0 -> lines.remove(at);
                case 1 -> lines.add(at, lines.get(random.nextInt(lines.size())));
                case 2 ->
                    lines.set(
                            at,
                            line.substring(0, place)
                                    + line.substring(Math.min(line.length(), place + 1 + random.nextInt(6))));
                case 3 -> lines.set(at, line.substring(0, place));
                case 4 ->
                    lines.set(at, line.replaceFirst(":( .*)?$", ": ") + PIECES.get(random.nextInt(PIECES.size())));
                default ->
                    lines.set(
                            at,
                            line.substring(0, place)
                                    + PIECES.get(random.nextInt(PIECES.size()))
                                    + line.substring(place));
            }
        }
        return String.join("\n", lines) + "\n";
    }
}
