package io.topicstream.gateway.definition;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Definition;
import io.topicstream.gateway.model.Definition.Finding;
import io.topicstream.gateway.model.Integration;
import io.topicstream.gateway.model.Route;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Integrations with TopicStream in both forms of definitions, and what is refused in them.
class TopicStreamMetadataTest {
    private static final String TEMPLATE = """
            Resources:
              Chat:
                Type: AWS::ApiGatewayV2::Api
                Properties: {Name: chat, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action}
              Topics:
                Type: AWS::ApiGatewayV2::Integration
                Metadata: {TopicStream: %s}
                Properties:
                  ApiId: !Ref Chat
                  IntegrationType: %s
                  RequestTemplates: {$default: '{"statusCode": 200}'}
                  TemplateSelectionExpression: \\$default
                  TimeoutInMillis: 5000
              Route:
                Type: AWS::ApiGatewayV2::Route
                Properties:
                  ApiId: !Ref Chat
                  RouteKey: $default
                  RouteResponseSelectionExpression: $default
                  Target: !Sub integrations/${Topics}
              Stage:
                Type: AWS::ApiGatewayV2::Stage
                Properties: {ApiId: !Ref Chat, StageName: dev, AutoDeploy: true}
            """;

    @TempDir
    private Path folder;

    private Definition read(String text) throws DefinitionException, IOException {
        return Definitions.read(Files.writeString(folder.resolve("api.yaml"), text), Map.of());
    }

    private static Route route(Definition definition) {
        Api api = definition.apis().getFirst();
        return Objects.requireNonNull(api.routes().get("$default"));
    }

    private String error(String text) throws IOException {
        try {
            read(text);
            return "";
        } catch (DefinitionException e) {
            List<Finding> errors = e.findings();
            assertThat(errors).hasSize(1);
            return errors.getFirst().place() + ": " + errors.getFirst().text();
        }
    }

    @Test
    void theShortFormHasAType() throws Exception {
        Definition definition = read("""
                routes:
                  $connect: {type: topicstream}
                  $default: {type: topicstream, dialect: native, template: '{"a": $input.body}', timeout_ms: 300}
                """);

        Integration integration = Objects.requireNonNull(route(definition).integration());
        assertThat(integration.type()).isEqualTo(Integration.Type.TOPICSTREAM);
        assertThat(integration.uri()).isEqualTo("native");
        assertThat(integration.requestTemplates()).containsExactly(Map.entry("$default", "{\"a\": $input.body}"));
        assertThat(integration.templateSelectionExpression()).isEqualTo("\\$default");
        assertThat(integration.timeoutMs()).isEqualTo(300);
        assertThat(definition.findings()).isEmpty();
    }

    @Test
    void aMockOfATemplateIsOneByItsMetadata() throws Exception {
        Definition definition =
                read(TEMPLATE.formatted("{Integration: topicstream, Dialect: chat, Template: $input.body}", "MOCK"));

        Integration integration = Objects.requireNonNull(route(definition).integration());
        assertThat(integration.type()).isEqualTo(Integration.Type.TOPICSTREAM);
        assertThat(integration.uri()).isEqualTo("chat");
        // What the mock says on AWS is not for here.
        assertThat(integration.requestTemplates()).containsExactly(Map.entry("$default", "$input.body"));
        assertThat(integration.timeoutMs()).isEqualTo(5000);
        assertThat(route(definition).twoWay()).isFalse();
        assertThat(definition.findings()).isEmpty();
    }

    @Test
    void otherMetadataLeavesAMockAsItIs() throws Exception {
        Definition definition = read(TEMPLATE.formatted("{}", "MOCK"));

        assertThat(Objects.requireNonNull(route(definition).integration()).type())
                .isEqualTo(Integration.Type.MOCK);
        assertThat(route(definition).twoWay()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {Integration: kafka}                          | MOCK | Topics: Metadata.TopicStream.Integration is topicstream, not 'kafka'
                    {Integration: topicstream, Dialect: irc}      | MOCK | Topics: Metadata.TopicStream.Dialect is native, topics, chat or rooms, not 'irc'
                    {Integration: topicstream, Dialekt: chat}     | MOCK | Topics: Metadata.TopicStream.Dialekt is not known here; did you mean Dialect?
                    {Integration: topicstream, Template: [a]}     | MOCK | Topics: Metadata.TopicStream.Template is a text, not a list
                    """)
    void metadataThatIsWrongIsRefused(String metadata, String type, String error) throws Exception {
        assertThat(error(TEMPLATE.formatted(metadata, type))).isEqualTo(error);
    }

    @Test
    void onlyAMockIsOne() throws Exception {
        String http = TEMPLATE.formatted("{Integration: topicstream}", "HTTP_PROXY")
                .replace("TimeoutInMillis: 5000", "IntegrationUri: http://a.example");

        assertThat(error(http)).startsWith("Topics.Properties.IntegrationType: is MOCK where");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {type: kafka}                                   | type is topicstream, not 'kafka'
                    {type: topicstream, dialect: irc}               | dialect is native, topics, chat or rooms, not 'irc'
                    {type: topicstream, two_way: true}              | two_way: does not go with type: topicstream
                    {type: topicstream, response: a}                | response: does not go with type: topicstream
                    {type: topicstream, method: GET}                | method: goes with url
                    {mock: a, dialect: chat}                        | dialect: goes with type: topicstream
                    {mock: a, type: topicstream}                    | has one of url, function, mock, type
                    """)
    void aShortRouteThatIsWrongIsRefused(String route, String error) throws Exception {
        assertThat(error("routes: {$default: " + route + "}"))
                .startsWith("routes.$default")
                .contains(error);
    }

    @Test
    void anApiSpeaksOneDialect() throws Exception {
        assertThat(error("""
                routes: {$connect: {type: topicstream}, $default: {type: topicstream, dialect: chat}}
                """)).contains("its routes to TopicStream speak one dialect, not chat and native");
    }
}
