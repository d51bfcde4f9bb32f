package io.topicstream.gateway.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Definitions that are made to do harm end with an error that says what is wrong, soon and without much memory. The
/// time-outs are there for what never ends; all of it together takes a second or two.
@Timeout(60)
class HostileTest {
    private static final String API = """
            Resources:
              Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: WEBSOCKET, RouteSelectionExpression: a, Name: NAME}}
            """;

    @TempDir
    private Path folder;

    private String error(String name, String text) throws IOException {
        return error(Files.writeString(folder.resolve(name), text));
    }

    private static String error(Path file) {
        DefinitionException refused =
                catchThrowableOfType(DefinitionException.class, () -> Definitions.read(file, Map.of()));
        return Objects.requireNonNull(refused, "it was read")
                .findings()
                .getFirst()
                .toString();
    }

    @ParameterizedTest
    @CsvSource({"t.yaml, [, ]", "t.yaml, '{a: ', }", "t.json, [, ]", "t.json, '{\"a\":', }", "t.yaml, '- ', ''"})
    void deepNesting(String file, String open, String close) throws IOException {
        String text = (file.endsWith("json") ? "{\"Resources\":" : "Resources: ")
                + open.repeat(100_000)
                + close.repeat(100_000);

        assertThat(error(file, text)).containsAnyOf("deep", "nesting", "not YAML");
    }

    @Test
    void aBombOfAliases() throws IOException {
        StringBuilder text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 30; i++) {
            text.append("a").append(i).append(": &a").append(i).append(" [");
            text.append(("*a" + (i - 1) + ", ").repeat(9))
                    .append("*a")
                    .append(i - 1)
                    .append("]\n");
        }

        assertThat(error("t.yaml", text + API)).contains("too many values, with what its aliases repeat");
    }

    @Test
    void anAliasOfItself() throws IOException {
        assertThat(error("t.yaml", "Resources: &a [*a]"))
                .contains("t.yaml:1")
                .contains("stands for nothing, or for itself");
    }

    @Test
    void aHugeFile() throws IOException {
        Path file = folder.resolve("t.yaml");
        Files.writeString(file, "#".repeat(Bounds.FILE_BYTES + 1));

        assertThat(error(file)).endsWith("is larger than 2 MiB");
    }

    @Test
    void aFileAtTheLimitIsRead() throws IOException {
        String text = API.replace("NAME", "!Ref B");

        assertThat(error("t.yaml", "#".repeat(Bounds.FILE_BYTES - text.length() - 1) + "\n" + text))
                .contains("there is no parameter or resource B");
    }

    @Test
    void manySmallValues() throws IOException {
        assertThat(error("t.yaml", "a: [" + "1,".repeat(Bounds.NODES) + "1]")).contains("has too many values");
        assertThat(error("t.json", "{\"a\": [" + "1,".repeat(Bounds.NODES) + "1]}"))
                .contains("has too many values");
    }

    @Test
    void notAFileAtAll() {
        assertThat(error(folder)).endsWith("is not a file");
        assertThat(error(folder.resolve("gone.yaml"))).endsWith("is not there");
        assertThat(error(Path.of("/dev/zero"))).endsWith("is not a file");
    }

    @Test
    void bytesThatAreNoText() throws IOException {
        assertThat(error(Files.write(folder.resolve("t.yaml"), new byte[] {'a', ':', ' ', (byte) 0xff})))
                .endsWith("is not text in UTF-8");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "[]",
                "hello",
                "{",
                "a: b: c",
                "\t",
                "--- a\n--- b",
                "Resources: []",
                "Resources: {}",
                "Resources: {A: b}",
                "Resources: {A: {}}",
                "Resources: {A: {Type: t, Properties: []}}",
                "{\"Resources\": {}} x",
                "Resources: !!java.net.URL [http://127.0.0.1/]",
                "Resources: !Nope a",
                "? [a]\n: b"
            })
    void nonsense(String text) throws IOException {
        assertThat(error("t.yaml", text)).contains("t.yaml");
    }

    @Test
    void resourcesThatNeedEachOther() throws IOException {
        String text = API.replace("NAME", "!Sub \"${One.Arn}\"")
                + "  One: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Two}}\n"
                + "  Two: {Type: AWS::SQS::Queue, Properties: {QueueName: !GetAtt One.Arn}}\n";

        assertThat(error("t.yaml", text)).contains("needs itself: ").contains("One → Two → One");
    }

    @Test
    void conditionsThatAskForThemselves() throws IOException {
        String text =
                "Conditions: {A: !Not [!Condition B], B: !Not [!Condition A]}\n" + API.replace("NAME", "!If [A, x, y]");

        assertThat(error("t.yaml", text)).contains("asks for itself");
    }

    @Test
    void textsInTextsInTexts() throws IOException {
        String value = "x".repeat(1000);
        for (int i = 0; i < 24; i++) {
            value = "{\"Fn::Sub\": [\"${a}${a}${a}${a}${a}${a}${a}${a}\", {\"a\": "
                    + (i == 0 ? "\"" + value + "\"" : value) + "}]}";
        }

        assertThat(error("t.yaml", API.replace("NAME", value))).contains("put together from too many pieces");
    }

    @Test
    void conditionsUponConditions() throws IOException {
        String conditions = IntStream.range(0, 5000)
                .mapToObj(i -> "  C" + i + ": !Not [!Condition C" + (i + 1) + "]\n")
                .collect(Collectors.joining());

        assertThat(error(
                        "t.yaml",
                        "Conditions:\n" + conditions + "  C5000: !Equals [a, a]\n"
                                + API.replace("NAME", "!If [C0, x, y]")))
                .contains("nested too deep");
    }

    @Test
    void namesUponNames() throws IOException {
        String queues = IntStream.range(0, 1500)
                .mapToObj(i -> "  Q" + i + ": {Type: AWS::SQS::Queue, Properties: {QueueName: !GetAtt Q" + (i + 1)
                        + ".QueueName}}\n")
                .collect(Collectors.joining());

        assertThat(error("t.yaml", API.replace("NAME", "!Ref Q0") + queues + "  Q1500: {Type: AWS::SQS::Queue}\n"))
                .contains("nested too deep");
    }

    @Test
    void tooManyResources() throws IOException {
        String queues = IntStream.range(0, Bounds.RESOURCES)
                .mapToObj(i -> "  Q" + i + ": {Type: AWS::SQS::Queue}\n")
                .collect(Collectors.joining());

        assertThat(error("t.yaml", API + queues)).contains("has more than 2000 resources");
    }

    private static String stack(String file) {
        return "{Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: " + file + "}}";
    }

    @Test
    void aStackInItself() throws IOException {
        assertThat(error("t.yaml", API.replace("NAME", "a") + "  Self: " + stack("./t.yaml")))
                .contains("Self")
                .contains("holds itself");
    }

    @Test
    void stacksInEachOther() throws IOException {
        Files.writeString(folder.resolve("b.yaml"), "Resources:\n  Back: " + stack("sub/../t.yaml"));

        assertThat(error("t.yaml", API.replace("NAME", "a") + "  Other: " + stack("b.yaml")))
                .contains("holds itself");
    }

    @Test
    void stacksUponStacks() throws IOException {
        for (int i = 0; i < 12; i++) {
            Files.writeString(
                    folder.resolve("s" + i + ".yaml"),
                    "Resources:\n  A: " + stack("s" + (i + 1) + ".yaml") + "\n  B: " + stack("s" + (i + 1) + ".yaml"));
        }
        Files.writeString(folder.resolve("s12.yaml"), "Resources: {Q: {Type: AWS::SQS::Queue}}");

        assertThat(error("t.yaml", API.replace("NAME", "a") + "  A: " + stack("s0.yaml")))
                .containsAnyOf("one nested stack too many", "nested too deep");
    }

    @ParameterizedTest
    @CsvSource({
        "https://example.com/t.yaml, only templates on this machine",
        "https://%/t.yaml, only templates on this machine",
        "s3://bucket/t.yaml, only templates on this machine",
        "gone.yaml, is not there",
        "., is not a file"
    })
    void stacksThatAreNotHere(String location, String text) throws IOException {
        assertThat(error("t.yaml", API.replace("NAME", "a") + "  Other: " + stack(location)))
                .contains(text);
    }

    @Test
    void aCircleThroughAnOutput() throws IOException {
        Files.writeString(folder.resolve("in.yaml"), """
                Parameters: {P: {Type: String}}
                Resources: {Q: {Type: AWS::SQS::Queue}}
                Outputs: {O: {Value: !Ref P}}
                """);

        assertThat(error(
                        "t.yaml",
                        API.replace("NAME", "a")
                                + "  In: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: in.yaml, Parameters: {P:"
                                + " !GetAtt In.Outputs.O}}}"))
                .contains("itself");
    }

    @Test
    void errorsAreFewForAFileThatIsFullOfThem() throws IOException {
        String routes = IntStream.range(0, 1500)
                .mapToObj(i -> "  R" + i + ": {Type: AWS::ApiGatewayV2::Route, Properties: {Wrong: 1}}\n")
                .collect(Collectors.joining());
        Path file = Files.writeString(folder.resolve("t.yaml"), API.replace("NAME", "a") + routes);

        DefinitionException refused =
                catchThrowableOfType(DefinitionException.class, () -> Definitions.read(file, Map.of()));
        assertThat(refused.findings()).hasSize(100);
    }

    /// The deepest references there may be, on the smallest stack that a thread is given.
    @Test
    void theDeepestValueNeedsLittleOfTheCallStack() throws Exception {
        String queues = IntStream.range(0, 140)
                .mapToObj(i -> "  Q" + i + ": {Type: AWS::SQS::Queue, Properties: {QueueName: !GetAtt Q" + (i + 1)
                        + ".QueueName}}\n")
                .collect(Collectors.joining());
        Path file = Files.writeString(
                folder.resolve("t.yaml"),
                API.replace("NAME", "!Ref Q0") + queues
                        + "  Q140: {Type: AWS::SQS::Queue, Properties: {QueueName: deep}}\n");
        AtomicReference<Object> end = new AtomicReference<>();
        Thread thread = new Thread(
                null,
                () -> {
                    try {
                        end.set(Definitions.read(file, Map.of())
                                .apis()
                                .getFirst()
                                .name());
                    } catch (DefinitionException | RuntimeException | Error e) {
                        end.set(e);
                    }
                },
                "small",
                512 << 10);
        thread.start();
        thread.join();

        assertThat(end.get()).asString().endsWith("/deep");
    }

    /// What costs a reader most for its size.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "#", "x", "'", "\"\\n", "- ", "a: ", "&a ", "x\n", "? ", "!!str ", "%", "\n\n", "|\n", "{}, ", "*a ",
                "'', "
            })
    void aFullFileOfOneThing(String piece) throws IOException {
        String text = "Resources:\n  A: [" + piece.repeat((Bounds.FILE_BYTES - 20) / piece.length());

        assertThat(error("t.yaml", text)).contains("t.yaml");
    }

    @ParameterizedTest
    @ValueSource(strings = {"${", "${a", "$${!", "${a}${", "${!x}"})
    void aTextOfManyPlaces(String piece) throws IOException {
        String text = piece.repeat(1_000_000 / piece.length());

        assertThat(error(
                        "t.yaml",
                        API.replace("NAME", "!Sub \"" + text + "\"") + "  R: {Type: AWS::ApiGatewayV2::Route}\n"))
                .isNotEmpty();
        assertThat(error(
                        "t.yaml",
                        API.replace("NAME", "!Sub \"" + text + "}\"") + "  R: {Type: AWS::ApiGatewayV2::Route}\n"))
                .isNotEmpty();
    }

    @Test
    void manyMisspeltNames() throws IOException {
        String name = "ResourceWithAVeryLongLogicalIdThatIsComparedWithAllOthers";
        String resources = IntStream.range(0, 490)
                .mapToObj(i -> "  " + name + i + ": {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref " + name
                        + "x" + i + "}}\n")
                .collect(Collectors.joining());

        assertThat(error("t.yaml", API.replace("NAME", "a") + resources)).contains("did you mean " + name);
    }
}
