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

/// Functions in JavaScript, by the real `node`.
class NodeFunctionsTest {
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
            index.js      | exports.handler = async event => ({got: event.a})                             | {"got":1}
            index.mjs     | export const handler = async event => ({got: event.a})                        | {"got":1}
            index.cjs     | module.exports.handler = async event => event.a                               | 1
            index.js      | export const handler = async event => event.a                                 | 1
            src/deep/in.js| exports.handler = async () => require('path').basename(__filename)             | "in.js"
            index.js      | exports.handler = (event, context, callback) => callback(null, event.a)       | 1
            index.js      | exports.handler = (e, c, callback) => setTimeout(() => callback(null, 'late'), 20) | "late"
            index.js      | exports.handler = (event, context) => context.succeed('old')                  | "old"
            index.js      | exports.handler = async () => undefined                                       | null
            index.js      | exports.handler = () => 'not waited for'                                      | null
            index.js      | exports.handler = async () => new Promise(() => {})                           | null
            index.js      | exports.handler = async () => 'ü€😀'                                          | "ü€😀"
            index.js      | exports.handler = async () => process.cwd() === process.env.LAMBDA_TASK_ROOT  | true
            """)
    void aHandler(String file, String text, String result) throws Exception {
        code.node("f", file, text);

        assertThat(code.call("f", "{\"a\":1}")).isEqualTo(result);
        assertThat(code.call("f", "{\"a\":1}")).isEqualTo(result);
        assertThat(code.run().processes("f")).isEqualTo(1);
    }

    @Test
    void aModuleOfAPackageOfModules() throws Exception {
        code.file("f", "package.json", "{\"type\":\"module\"}");
        code.file("f", "other.js", "export const word = 'from the other';");
        code.node("f", "index.js", "import { word } from './other.js';\nexport const handler = async () => word;");

        assertThat(code.call("f", "{}")).isEqualTo("\"from the other\"");
    }

    @Test
    void theContextIsThatOfTheInvocation() throws Exception {
        code.node("f", "index.js", """
                const ids = new Set();
                exports.handler = async (event, context) => {
                  ids.add(context.awsRequestId);
                  const left = context.getRemainingTimeInMillis();
                  return {
                    ids: ids.size, name: context.functionName, version: context.functionVersion,
                    memory: context.memoryLimitInMB, arn: context.invokedFunctionArn, group: context.logGroupName,
                    stream: context.logStreamName.length > 0, left: left > 0 && left <= 20000,
                    id: /^[0-9a-f-]{36}$/.test(context.awsRequestId),
                    trace: process.env._X_AMZN_TRACE_ID.startsWith('Root=1-'),
                  };
                };
                """);

        code.call("f", "{}");

        assertThat(code.call("f", "{}"))
                .isEqualTo("{\"ids\":2,\"name\":\"f\",\"version\":\"$LATEST\",\"memory\":\"256\","
                        + "\"arn\":\"arn:aws:lambda:eu-west-1:123456789012:function:f\","
                        + "\"group\":\"/aws/lambda/f\",\"stream\":true,\"left\":true,\"id\":true,\"trace\":true}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            throw new TypeError('bad')                                   | TypeError | bad
            throw 'words'                                                | string    | words
            return Promise.reject(new Error('Unauthorized'))             | Error     | Unauthorized
            return {a: 1n}                                               | Runtime.MarshalError | Do not know how to serialize a BigInt
            context.fail(new Error('old')); return new Promise(() => {}) | Error     | old
            Promise.reject(new RangeError('lost')); return new Promise(r => setTimeout(r, 5000)) | Runtime.UnhandledPromiseRejection | RangeError: lost
            setTimeout(() => { throw new EvalError('later') }, 1); return new Promise(r => setTimeout(r, 5000)) | EvalError | later
            """)
    void anError(String body, String type, String message) throws Exception {
        code.node("f", "index.js", "exports.handler = async (event, context) => { " + body + " }");

        assertThat(code.call("f", "{}"))
                .startsWith("Unhandled {\"errorType\":\"" + type + "\",\"errorMessage\":\"" + message + "\"");
        assertThat(code.call("f", "{}")).contains(type);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            index.handler   | this is not JavaScript               | Runtime.UserCodeSyntaxError
            index.handler   | require('./missing')                 | Runtime.ImportModuleError
            other.handler   | exports.handler = async () => 1      | Runtime.ImportModuleError
            index.other     | exports.handler = async () => 1      | Runtime.HandlerNotFound
            index.handler   | exports.handler = 5                  | Runtime.HandlerNotFound
            index           | exports.handler = async () => 1      | Runtime.MalformedHandlerName
            index.handler   | throw new URIError('at once')        | URIError
            index.handler   | process.exit(3)                      | Runtime.ExitError
            """)
    void whatCannotBegin(String handler, String text, String type) throws Exception {
        code.file("f", "index.js", text);
        code.add(code.function("f", "nodejs20.x", handler));

        assertThat(code.call("f", "{}")).startsWith("Unhandled {\"errorType\":\"" + type + "\"");
        assertThat(code.call("f", "{}")).startsWith("Unhandled {\"errorType\":\"" + type + "\"");
    }

    @Test
    void codeOfTheDefinitionAndPackagesOfALayer() throws Exception {
        Path layer = code.folder("layer");
        code.file("layer", "nodejs/node_modules/greeting/index.js", "module.exports = 'hello from a layer';");
        code.add(new LocalFunction(
                "f",
                "nodejs20.x",
                "index.handler",
                folder,
                "const word = require('greeting'); exports.handler = async () => word;",
                Map.of(),
                20,
                128,
                null,
                List.of(layer)));

        assertThat(code.call("f", "{}")).isEqualTo("\"hello from a layer\"");
    }

    @Test
    void aForkedProcessRuns() throws Exception {
        code.file("f", "child.js", "process.on('message', m => { process.send(m + 1); process.exit(); });");
        code.node("f", "index.js", """
                const { fork } = require('child_process');
                exports.handler = event => new Promise(resolve => {
                  const child = fork('./child.js');
                  child.on('message', resolve);
                  child.send(event.a);
                });
                """);

        assertThat(code.call("f", "{\"a\":1}")).isEqualTo("2");
    }
}
