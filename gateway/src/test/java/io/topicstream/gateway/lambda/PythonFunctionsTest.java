package io.topicstream.gateway.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.gateway.model.LocalFunction;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Functions in Python, by the real `python3`.
class PythonFunctionsTest {
    @TempDir
    private Path folder;

    private LocalCode code;

    @BeforeEach
    void begin() {
        code = new LocalCode(folder);
    }

    @AfterEach
    void end() {
        code.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            return {'got': event['a']}                                       | {"got": 1}
            return None                                                      | null
            return 'ü€😀'                                                    | "\\u00fc\\u20ac\\ud83d\\ude00"
            import os; return os.getcwd() == os.environ['LAMBDA_TASK_ROOT']  | true
            from decimal import Decimal; return [Decimal('1'), Decimal('1.5')] | [1, 1.5]
            import other; return other.word                                  | "from the other"
            """)
    void aHandler(String body, String result) throws Exception {
        code.file("f", "other.py", "word = 'from the other'");
        code.python("f", "def handler(event, context):\n    " + body + "\n");

        assertThat(code.call("f", "{\"a\":1}")).isEqualTo(result);
        assertThat(code.call("f", "{\"a\":1}")).isEqualTo(result);
        assertThat(code.run().processes("f")).isEqualTo(1);
        assertThat(folder.resolve("f/__pycache__")).doesNotExist();
    }

    @Test
    void theContextIsThatOfTheInvocation() throws Exception {
        code.python("f", """
                ids = set()

                def handler(event, context):
                    ids.add(context.aws_request_id)
                    left = context.get_remaining_time_in_millis()
                    return [len(ids), context.function_name, context.function_version, context.memory_limit_in_mb,
                            context.invoked_function_arn, context.log_group_name, 0 < left <= 20000]
                """);

        code.call("f", "{}");

        assertThat(code.call("f", "{}"))
                .isEqualTo("[2, \"f\", \"$LATEST\", \"256\","
                        + " \"arn:aws:lambda:eu-west-1:123456789012:function:f\", \"/aws/lambda/f\", true]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            raise ValueError('bad')         | {"errorMessage": "bad", "errorType": "ValueError"
            raise Exception('Unauthorized') | {"errorMessage": "Unauthorized", "errorType": "Exception"
            return {1, 2}                   | {"errorMessage": "Unable to marshal response: Object of type set is not JSON serializable", "errorType": "Runtime.MarshalError"
            """)
    void anError(String body, String error) throws Exception {
        code.python("f", "def handler(event, context):\n    " + body + "\n");

        assertThat(code.call("f", "{}")).startsWith("Unhandled " + error);
        assertThat(code.call("f", "{}")).startsWith("Unhandled " + error);
        assertThat(code.run().processes("f")).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            app.handler   | def (                            | Runtime.UserCodeSyntaxError
            app.handler   | import missing_module            | Runtime.ImportModuleError
            other.handler | handler = 1                      | Runtime.ImportModuleError
            app.other     | handler = 1                      | Runtime.HandlerNotFound
            app           | handler = 1                      | Runtime.MalformedHandlerName
            app.handler   | raise KeyError('at once')        | KeyError
            """)
    void whatCannotBegin(String handler, String text, String type) throws Exception {
        code.file("f", "app.py", text);
        code.add(code.function("f", "python3.11", handler));

        assertThat(code.call("f", "{}")).startsWith("Unhandled ").contains("\"errorType\": \"" + type + "\"");
    }

    @Test
    void whatExitsIsAnError() throws Exception {
        code.python("f", "import sys\n\ndef handler(event, context):\n    sys.exit(4)\n");

        assertThat(code.call("f", "{}"))
                .startsWith("Unhandled {\"errorType\":\"Runtime.ExitError\"")
                .contains("Error: Runtime exited with error: exit status 4");
    }

    @Test
    void codeOfTheDefinitionAndPackagesOfALayer() throws Exception {
        Path layer = code.folder("layer");
        code.file("layer", "python/greeting.py", "word = 'hello from a layer'");
        code.add(new LocalFunction(
                "f",
                "python3.11",
                "index.handler",
                folder,
                "import greeting\ndef handler(event, context):\n    return greeting.word\n",
                Map.of(),
                20,
                128,
                null,
                List.of(layer)));

        assertThat(code.call("f", "{}")).isEqualTo("\"hello from a layer\"");
    }
}
