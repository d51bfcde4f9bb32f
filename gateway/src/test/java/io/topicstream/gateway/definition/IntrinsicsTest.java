package io.topicstream.gateway.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Each intrinsic function in both its forms.
class IntrinsicsTest {
    private static final Node.Members MAPPINGS = (Node.Members) YamlNodes.read("{M: {a: {x: 1, y: [p, q]}}}");
    private static final Node.Members CONDITIONS = (Node.Members) YamlNodes.read(
            "{Yes: !Equals [a, a], No: !Not [!Condition Yes], Both: !And [!Condition Yes, !Condition No], Either: !Or"
                    + " [Condition: Yes, Condition: No], Strange: yes}");

    private final Intrinsics intrinsics = new Intrinsics(
            new Intrinsics.Names() {
                @Override
                public @Nullable Node ref(String name, int line) {
                    return switch (name) {
                        case "AWS::NoValue" -> null;
                        case "AWS::Region" -> Node.text("eu-west-1");
                        case "List" -> Node.items(Node.text("a"), Node.text("b"));
                        case "Gone" -> throw new Wrong(line, "there is no parameter or resource Gone");
                        default -> Node.text("<" + name + ">");
                    };
                }

                @Override
                public Node attribute(String resource, String attribute, int line) {
                    return Node.text("<" + resource + " " + attribute + ">");
                }
            },
            MAPPINGS,
            CONDITIONS,
            new Bounds());

    private String value(String yaml) {
        @Nullable Node value = intrinsics.evaluate(YamlNodes.read(yaml));
        return value == null ? "none" : JsonNodes.write(value);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            !Ref A                                      | "<A>"
            {Ref: A}                                    | "<A>"
            !Ref AWS::NoValue                           | none
            !GetAtt A.Arn                               | "<A Arn>"
            !GetAtt A.Outputs.Url                       | "<A Outputs.Url>"
            {"Fn::GetAtt": [A, Arn]}                    | "<A Arn>"
            {"Fn::GetAtt": [A, Outputs, Url]}           | "<A Outputs.Url>"
            !Sub "x${A}y${B.C}z"                        | "x<A>y<B C>z"
            !Sub "${!stageVariables.fn} $A ${"          | "${stageVariables.fn} $A ${"
            !Sub ["${a}-${B}", {a: !Ref C}]             | "<C>-<B>"
            {"Fn::Sub": "${A}"}                         | "<A>"
            !Join [",", [a, !Ref B, 3]]                 | "a,<B>,3"
            !Join ["", !Ref List]                       | "ab"
            !Join [".", [a, !Ref AWS::NoValue]]         | "a"
            !Select [1, [a, b]]                         | "b"
            !Select ["0", !Split ["/", "p/q"]]          | "p"
            !Split [",", "a,,b"]                        | ["a","","b"]
            !If [Yes, 1, 2]                             | 1
            !If [No, {"Fn::Gone": x}, 2]                | 2
            {"Fn::If": [Both, a, b]}                    | "b"
            !If [Either, a, b]                          | "a"
            !If [Yes, !Ref AWS::NoValue, b]             | none
            !FindInMap [M, a, x]                        | 1
            !FindInMap [M, a, y]                        | ["p","q"]
            !FindInMap [M, b, x, {DefaultValue: d}]     | "d"
            !Base64 abc                                 | "YWJj"
            !GetAZs ""                                  | ["eu-west-1a","eu-west-1b","eu-west-1c"]
            {"Fn::Length": [a, b]}                      | "2"
            {"Fn::ToJsonString": {a: [1, true, "1"]}}   | "{\\"a\\":[1,true,\\"1\\"]}"
            {a: !Ref AWS::NoValue, b: [!Ref AWS::NoValue, c]} | {"b":["c"]}
            {Ref: a, b: c}                              | {"Ref":"a","b":"c"}
            """)
    void value(String yaml, String json) {
        assertThat(value(yaml)).isEqualTo(json);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            !GetAtt A                        | wants a resource and an attribute
            !Ref [a]                         | wants a plain text here, not a list
            !Sub "${Gone}"                   | there is no parameter or resource Gone (write ${!Gone} where
            !Sub ["${a}"]                    | Fn::Sub wants a list of 2
            !Join [a]                        | Fn::Join wants a list of 2
            !Join [",", a]                   | Fn::Join wants a list, not a text
            !Join [",", [[a]]]               | Fn::Join wants a text, not a list
            !Select [2, [a, b]]              | wants item 2 of a list of 2
            !Select [-1, [a, b]]             | wants item -1
            !Split ["", a]                   | something to split at
            !If [Yess, a, b]                 | there is no condition Yess; did you mean Yes?
            !If [Strange, a, b]              | a condition is a function
            !FindInMap [M, b, x]             | there is no value b.x in the mapping M
            !ImportValue a                   | there is no other stack here
            {"Fn::ForEach": a}               | is no function that is known here
            {"Fn::Sub": a, b: c}             | stands alone
            """)
    void whatHasNoValue(String yaml, String text) {
        assertThatThrownBy(() -> value(yaml)).isInstanceOf(Wrong.class).hasMessageContaining(text);
    }

    @Test
    void aMergeTakesWhatIsNotThere() {
        assertThat(value("{d: &d {a: 1, b: 2}, e: {<<: *d, b: 3}}"))
                .isEqualTo("{\"d\":{\"a\":1,\"b\":2},\"e\":{\"b\":3,\"a\":1}}");
    }

    @Test
    void jsonAndYamlSayTheSame() {
        String json = "{\"a\": [1, \"x\\u00e9\\n\", true, null, {\"Ref\": \"b\"}]}";

        assertThat(JsonNodes.write(JsonNodes.read(json)))
                .isEqualTo(JsonNodes.write(YamlNodes.read(json)))
                .isEqualTo("{\"a\":[1,\"xé\\u000a\",true,null,{\"Ref\":\"b\"}]}");
    }

    @Test
    void aLineIsThatOfTheFile() {
        assertThat(List.of(
                        ((Node.Members) YamlNodes.read("a: 1\nb:\n  c: 2"))
                                .membersAt("b")
                                .at("c")
                                .line(),
                        ((Node.Members) JsonNodes.read("{\"a\": 1,\n\"b\":\n {\"c\":\n 2}}"))
                                .membersAt("b")
                                .at("c")
                                .line()))
                .containsExactly(3, 4);
    }
}
