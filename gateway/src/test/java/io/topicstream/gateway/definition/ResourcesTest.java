package io.topicstream.gateway.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResourcesTest {
    private static final String TEMPLATE = """
            Parameters:
              Stage: {Type: String, AllowedPattern: '[a-z]{2,4}'}
              Rate: {Type: Number, Default: 5, MinValue: 1, MaxValue: 9.5}
              Name: {Type: String, Default: abc, MinLength: 3, MaxLength: 5}
              Secret: {Type: String, Default: abc, NoEcho: true, AllowedPattern: 'a.*'}
              Slow: {Type: String, Default: aaaab, AllowedPattern: '(a+a+)+\\1b'}
              Own: {Type: String, Default: a, AllowedPattern: '[a-z]+', ConstraintDescription: small letters only}
              Several: {Type: CommaDelimitedList, Default: 'a,b', AllowedValues: [a, b, c]}
            Conditions:
              IsLive: !Equals [!Ref Stage, live]
            Resources:
              Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: a, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.a}}
              Table:
                Type: AWS::DynamoDB::Table
                Properties:
                  TableName: !Sub 'table-${Stage}'
                  Keys: [{Name: pk}, {Name: !Ref Name}]
                  Gone: !Ref AWS::NoValue
              Live: {Type: AWS::SQS::Queue, Condition: IsLive}
            """;

    private static Resources read(Map<String, String> given, Map<String, String> usual) throws DefinitionException {
        return Resources.parse(Path.of("t.yaml"), TEMPLATE, new Resources.Values(given, usual));
    }

    @Test
    void whatIsMadeIsThereWithItsValues() throws Exception {
        Resources resources = read(Map.of("Stage", "live"), Map.of("Name", "xyz", "Nobody", "has"));

        assertThat(resources.made()).extracting(TemplateResource::id).containsExactly("Api", "Table", "Live");
        TemplateResource table = resources.made("AWS::DynamoDB::Table").getFirst();
        assertThat(table.ref()).isEqualTo("table-live");
        assertThat(table.attribute("Arn")).endsWith(":table/table-live");
        assertThat(table.properties()).containsExactly("Keys", "TableName");
        assertThat(table.property("Keys").items())
                .extracting(one -> one.at("Name").text())
                .containsExactly("pk", "xyz");
        assertThat(table.property("Keys").at("Name", "Of").isNothing()).isTrue();
        assertThat(read(Map.of("Stage", "test"), Map.of("Stage", "live")).made())
                .extracting(TemplateResource::id)
                .containsExactly("Api", "Table");
    }

    @Test
    void whatIsRefusedIsNamed() throws Exception {
        Resources resources = read(Map.of("Stage", "test"), Map.of());
        TemplateResource table = resources.made("AWS::DynamoDB::Table").getFirst();

        resources.requireNoErrors();
        table.refuse("is not wanted");
        table.refuse("Keys", "are others");
        resources.refuse("is not enough");

        assertThatThrownBy(resources::requireNoErrors)
                .isInstanceOfSatisfying(
                        DefinitionException.class,
                        e -> assertThat(e.findings())
                                .extracting(Object::toString)
                                .containsExactly(
                                        "t.yaml:14: Table: AWS::DynamoDB::Table is not wanted",
                                        "t.yaml:17: Table.Properties.Keys: (AWS::DynamoDB::Table) are others",
                                        "t.yaml: is not enough"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Stage   | LIVE           | Parameters.Stage: must match pattern [a-z]{2,4}, not 'LIVE'
            Rate    | 0.5            | Parameters.Rate: must be a number not less than 1, not '0.5'
            Rate    | 10             | Parameters.Rate: must be a number not greater than 9.5, not '10'
            Rate    | x              | Parameters.Rate: must be a number, not 'x'
            Name    | ab             | Parameters.Name: must contain at least 3 characters, not 'ab'
            Name    | abcdef         | Parameters.Name: must contain at most 5 characters, not 'abcdef'
            Secret  | hidden         | Parameters.Secret: must match pattern a.*
            Own     | ABC            | Parameters.Own: failed to satisfy constraint: small letters only, not 'ABC'
            Several | a, d           | Parameters.Several: must be one of AllowedValues a, b, c, not 'a, d'
            Other   | x              | Parameters: there is no parameter Other
            """)
    void aParameterIsHeldToWhatTheTemplateAllows(String name, String value, String said) {
        assertThat(errors(Map.of(name, value), Map.of("Stage", "test"))).endsWith(said);
    }

    @Test
    void aPatternThatTakesTooLongIsGivenUp() {
        assertThat(errors(Map.of("Slow", "a".repeat(60)), Map.of("Stage", "test")))
                .contains("Parameters.Slow: has an AllowedPattern that takes too long");
    }

    @Test
    void aParameterWithoutAValueIsNamedThoughNothingAsksForIt() {
        assertThat(errors(Map.of(), Map.of())).endsWith("Parameters.Stage: must have a value");
    }

    private static String errors(Map<String, String> given, Map<String, String> usual) {
        try {
            var _ = read(given, usual);
            return "";
        } catch (DefinitionException e) {
            return e.findings().stream().map(Object::toString).collect(Collectors.joining("\n"));
        }
    }
}
