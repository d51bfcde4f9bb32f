package io.topicstream.gateway.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.expression.ContextVariables;
import io.topicstream.gateway.expression.Events;
import io.topicstream.gateway.expression.SelectionExpression;
import io.topicstream.gateway.expression.SelectionExpression.Use;
import io.topicstream.gateway.json.JsonBody;
import io.topicstream.gateway.model.Authorization;
import io.topicstream.gateway.model.Model;
import io.topicstream.gateway.model.Route;
import io.topicstream.testkit.Seeds;
import java.util.Map;
import java.util.Random;
import org.apache.velocity.Template;
import org.junit.jupiter.api.Test;

/// Messages of all kinds, most of them broken, meet expressions, templates and models: each has an answer.
class HostileMessagesTest {
    private static final String[] PIECES = {
        "{",
        "}",
        "[",
        "]",
        "\"a\"",
        "\"action\"",
        ":",
        ",",
        "1",
        "-0",
        "1e400",
        "1.10",
        "true",
        "null",
        "\"",
        "\\",
        "\\u0000",
        "\ud800",
        "é",
        "\"#set($x=1)$x\"",
        "\"$input.body\"",
        " ",
        "\n",
        "\"a\":",
        "{\"a\":[",
        "]}",
        "99999999999999999999",
        "\"__proto__\"",
        "\"class\":",
        "\u2028",
        "'",
        "//"
    };

    private final Templates templates = new Templates(MappingLimits.DEFAULT);

    private final Template template = templates.parse("""
            $input.json('$')
            #set($root = $input.path('$'))
            #foreach($k in $root.keySet())"$k":"$util.escapeJavaScript($root.get($k))"#end
            #foreach($e in $root.a)$e.class.name $e.a.b#end
            $util.urlEncode($input.body) $input.path("$.a[?(@.a=='$root.a')]") $root.a[0] $root.class.name
            #foreach($i in [1..$root.a])x#end""", "T");

    private final SelectionExpression expression =
            SelectionExpression.parse("${request.body.a}-${request.body.a[0].a}-${request.body..a}", Use.ROUTE);

    private final MessageCheck check = check();

    private static MessageCheck check() {
        String schema = "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"array\",\"items\":{\"$ref\":\"#\"},"
                + "\"uniqueItems\":true}},\"patternProperties\":{\"^(a|aa)+\\\\1$\":{\"format\":\"email\"}}}";
        return MessageCheck.of(
                Events.api(Map.of("M", new Model("M", "application/json", schema)), Map.of()),
                new Route(
                        "join",
                        null,
                        new Authorization.Open(),
                        false,
                        "$default",
                        Map.of("$default", "M"),
                        Map.of(),
                        false));
    }

    @Test
    void eachMessageHasAnAnswer() {
        Random random = Seeds.random("hostile messages");
        int rendered = 0;
        for (int i = 0; i < 5_000; i++) {
            StringBuilder text = new StringBuilder(random.nextInt(4) == 0 ? "" : "{\"a\":");
            for (int pieces = random.nextInt(12); pieces > 0; pieces--) {
                text.append(PIECES[random.nextInt(PIECES.length)]);
            }
            text.append(random.nextInt(3) == 0 ? "" : "}");

            rendered += answers(text.toString()) ? 1 : 0;
        }
        // Were nearly all refused, the test would say little.
        assertThat(rendered).isGreaterThan(1_000);
    }

    @Test
    void theLargestMessagesHaveAnAnswer() {
        int size = 131_072;
        assertThat(answers("[".repeat(size))).isTrue();
        assertThat(answers("{\"a\":".repeat(390) + "1" + "}".repeat(390))).isTrue();
        // The path that the template puts together becomes too long.
        assertThat(answers("{\"a\":[" + "1,".repeat(size / 2 - 8) + "1]}")).isFalse();
        assertThat(answers("{\"a\":\"" + "a".repeat(size - 10) + "\"}")).isFalse();
        answers("{\"a\":[" + "{\"a\":[]},".repeat(size / 9 - 2) + "{}]}");
        answers("{\"a\":2000000000}");
    }

    /// Whether the template could be rendered; it is no fault if not.
    private boolean answers(String text) {
        GatewayEvent event = Events.message(text);
        assertThat(expression.evaluate(event.json())).isNotNull();
        String problem = check.problem(event.json());
        assertThat(event.json().isJson() || problem != null).isTrue();
        String result;
        try {
            result = templates.render(template, event, ContextVariables.of(event), event.json());
        } catch (TemplateFailure e) {
            assertThat(e.getMessage()).isNotEmpty();
            return false;
        }
        String first = result.substring(0, result.indexOf('\n'));
        assertThat(JsonBody.of(first).isJson()).isTrue();
        return true;
    }
}
