package io.topicstream.gateway.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.gateway.lambda.Functions.Invocation;
import io.topicstream.gateway.model.LocalFunction;
import io.topicstream.testkit.LogLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How many processes functions have, how they end, and what those can do that mean no good.
class FunctionProcessesTest {
    private static final String PID = "exports.handler = async () => process.pid";
    private static final String SLEEP = "const sleep = ms => new Promise(done => setTimeout(done, ms));\n";

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

    private static void soon(org.awaitility.core.ThrowingRunnable what) {
        Awaitility.await().atMost(30, TimeUnit.SECONDS).untilAsserted(what);
    }

    // How many

    @Test
    void aProcessIsUsedAgain() throws Exception {
        code.node("f", "index.js", PID);

        Set<String> pids = new HashSet<>();
        for (int n = 0; n < 20; n++) {
            pids.add(code.call("f", "{}"));
        }

        assertThat(pids).hasSize(1);
        assertThat(code.run().processes("f")).isEqualTo(1);
    }

    @Test
    void aThousandInvocationsAtOnceShareTheProcessesThereMayBe() throws Exception {
        code.settings = LocalCode.settings(4, LocalCode.LONG, LocalCode.LONG);
        code.node(
                "f",
                "index.js",
                SLEEP + "exports.handler = async e => { await sleep(2); return e.n + ' ' + process.pid }");

        List<String> all = code.callAll("f", 1_000);

        Set<String> pids = new HashSet<>();
        for (int n = 0; n < all.size(); n++) {
            String[] parts = all.get(n).replace("\"", "").split(" ", -1);
            assertThat(parts[0]).isEqualTo(String.valueOf(n));
            pids.add(parts[1]);
        }
        assertThat(pids).hasSizeBetween(2, 4);
        assertThat(code.run().processes("f")).isEqualTo(pids.size());
    }

    @Test
    void whatFindsNoProcessInTimeIsRefusedAsLambdaDoes() throws Exception {
        code.settings = LocalCode.settings(1, Duration.ofMinutes(1), Duration.ofMillis(300));
        code.node("f", "index.js", SLEEP + "exports.handler = async e => { await sleep(e.ms); return e.ms }");
        code.call("f", "{\"ms\":0}");

        CompletionStage<Invocation> first = code.begin("f", "{\"ms\":3000}");
        CompletionStage<Invocation> second = code.begin("f", "{\"ms\":0}");

        assertThatThrownBy(() -> LocalCode.text(second))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("429 TooManyRequestsException: Rate Exceeded");
        assertThat(LocalCode.text(first)).isEqualTo("3000");
        assertThat(code.call("f", "{\"ms\":1}")).isEqualTo("1");
    }

    @Test
    void whatAFunctionReservesCountsInPlaceOfTheSetting() throws Exception {
        code.node("f", "index.js", SLEEP + "exports.handler = async () => { await sleep(20); return process.pid }");
        LocalFunction given = code.function("f", "nodejs20.x", "index.handler");
        code.add(reserving(given, 1));

        assertThat(new HashSet<>(code.callAll("f", 20))).hasSize(1);
    }

    @Test
    void whoReservesNothingIsNeverRun() throws Exception {
        code.node("f", "index.js", PID);
        code.add(reserving(code.function("f", "nodejs20.x", "index.handler"), 0));

        assertThatThrownBy(() -> code.call("f", "{}")).hasMessageContaining("429 TooManyRequestsException");
        assertThat(code.run().processes("f")).isZero();
    }

    private static LocalFunction reserving(LocalFunction one, int concurrency) {
        return new LocalFunction(
                one.name(),
                one.runtime(),
                one.handler(),
                one.code(),
                one.inlineCode(),
                one.environment(),
                one.timeoutS(),
                one.memoryMb(),
                concurrency,
                one.layers());
    }

    @Test
    void aProcessThatNobodyNeedsEnds() throws Exception {
        code.settings = LocalCode.settings(4, Duration.ofMillis(300), Duration.ofSeconds(30));
        code.node("f", "index.js", PID);
        long pid = Long.parseLong(code.call("f", "{}"));

        soon(() -> {
            assertThat(code.run().processes("f")).isZero();
            assertThat(LocalCode.lives(pid)).isFalse();
        });
        assertThat(code.call("f", "{}")).isNotEqualTo(String.valueOf(pid));
    }

    @Test
    void whoWaitsNoLongerTakesNoProcess() throws Exception {
        code.settings = LocalCode.settings(1, Duration.ofMinutes(1), Duration.ofSeconds(30));
        code.node("f", "index.js", SLEEP + "let n = 0; exports.handler = async e => { await sleep(e.ms); return ++n }");
        code.call("f", "{\"ms\":0}");

        CompletionStage<Invocation> first = code.begin("f", "{\"ms\":1500}");
        CompletionStage<Invocation> second = code.run().invoke("f", "{}".getBytes(UTF_8), Duration.ofMillis(100));

        assertThatThrownBy(() -> LocalCode.text(second)).isInstanceOf(TimeoutException.class);
        assertThat(LocalCode.text(first)).isEqualTo("2");
        assertThat(code.call("f", "{\"ms\":0}")).isEqualTo("3");
    }

    // How they end

    @Test
    void whoTakesTooLongIsEndedAndAnotherOneBegins() throws Exception {
        code.node("f", "index.js", SLEEP + "exports.handler = async e => { await sleep(e.ms); return process.pid }")
                .within(1);
        long pid = Long.parseLong(code.call("f", "{\"ms\":0}"));

        assertThat(code.call("f", "{\"ms\":60000}"))
                .matches("Unhandled \\{\"errorType\":\"Sandbox.Timedout\",\"errorMessage\":\"RequestId: [0-9a-f-]{36}"
                        + " Error: Task timed out after 1.00 seconds\"}");
        assertThat(code.call("f", "{\"ms\":0}")).isNotEqualTo(String.valueOf(pid));
        soon(() -> assertThat(LocalCode.lives(pid)).isFalse());
    }

    @Test
    void aLoopWithoutEndIsEndedToo() throws Exception {
        code.node("f", "index.js", "exports.handler = async e => { for (;;); }").within(1);
        code.python("g", "def handler(event, context):\n    while True:\n        pass\n")
                .within(1);

        CompletionStage<Invocation> other = code.begin("g", "{}");
        assertThat(code.call("f", "{}")).contains("Task timed out after 1.00 seconds");
        assertThat(LocalCode.text(other)).contains("Task timed out after 1.00 seconds");
    }

    @Test
    void whoBreaksIsAnError() throws Exception {
        code.node("f", "index.js", """
                exports.handler = async e => {
                  if (e.signal) process.kill(process.pid, e.signal);
                  if (e.exit !== undefined) process.exit(e.exit);
                  return new Promise(done => setTimeout(() => done('well'), 50));
                };
                """);

        assertThat(code.call("f", "{\"exit\":7}"))
                .startsWith("Unhandled {\"errorType\":\"Runtime.ExitError\"")
                .endsWith("Error: Runtime exited with error: exit status 7\"}");
        assertThat(code.call("f", "{\"exit\":0}")).endsWith("Error: Runtime exited without providing a reason\"}");
        assertThat(code.call("f", "{\"signal\":\"SIGKILL\"}")).endsWith("Runtime exited with error: signal: killed\"}");
        assertThat(code.call("f", "{}")).isEqualTo("\"well\"");
    }

    @Test
    void oneThatBreaksTakesNobodyWithIt() throws Exception {
        code.node("f", "index.js", SLEEP + """
                exports.handler = async e => {
                  await sleep(5);
                  if (e.n % 10 === 0) process.exit(1);
                  return e.n;
                };
                """);

        List<String> all = code.callAll("f", 60);

        for (int n = 0; n < 60; n++) {
            if (n % 10 == 0) {
                assertThat(all.get(n)).contains("Runtime.ExitError");
            } else {
                assertThat(all.get(n)).isEqualTo(String.valueOf(n));
            }
        }
    }

    @Test
    void allEndWithTheServer() throws Exception {
        code.node("f", "index.js", SLEEP + "exports.handler = async e => { await sleep(e.ms); return process.pid }");
        long free = Long.parseLong(code.call("f", "{\"ms\":0}"));
        CompletionStage<Invocation> busy = code.begin("f", "{\"ms\":60000}");
        CompletionStage<Invocation> starting = code.begin("f", "{\"ms\":60000}");

        code.close();

        assertThatThrownBy(() -> LocalCode.text(busy)).hasMessageContaining("the server ends");
        assertThatThrownBy(() -> LocalCode.text(starting)).hasMessageContaining("the server ends");
        soon(() -> assertThat(LocalCode.lives(free)).isFalse());
    }

    @Test
    void aFunctionThatIsNotHereIsNotToBeHad() {
        assertThatThrownBy(() -> code.call("nobody", "{}"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("there is no code of the function nobody here");
    }

    @Test
    void aFunctionIsFoundByItsArnToo() throws Exception {
        code.node("f", "index.js", "exports.handler = async () => 1");

        assertThat(code.call("arn:aws:lambda:us-east-1:000000000000:function:f:live", "{}"))
                .isEqualTo("1");
    }

    @Test
    void anInvocationThatNobodyWaitsForRuns() throws Exception {
        code.node("f", "index.js", "exports.handler = async e => require('fs').writeFileSync(e.file, 'ran')");
        Path file = folder.resolve("ran.txt");

        code.run()
                .invokeLater("f", ("{\"file\":\"" + file + "\"}").getBytes(UTF_8))
                .toCompletableFuture()
                .get(5, TimeUnit.SECONDS);

        soon(() -> assertThat(file).hasContent("ran"));
    }

    // What they get

    @Test
    void theEnvironmentIsTheFunctionsAndNotTheServers() throws Exception {
        code.surroundings("AWS_SECRET_ACCESS_KEY", "of the server")
                .surroundings("AWS_ACCESS_KEY_ID", "of the server")
                .surroundings("TOPICSTREAM_TOKEN", "of the server")
                .surroundings("HOME", "/of/the/server")
                .surroundings("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:8000");
        code.node("f", "index.js", "exports.handler = async () => process.env");

        String all = code.call("f", "{}");

        assertThat(all)
                .contains(
                        "\"OWN\":\"of f\"",
                        "\"AWS_REGION\":\"eu-west-1\"",
                        "\"AWS_DEFAULT_REGION\":\"eu-west-1\"",
                        "\"AWS_LAMBDA_FUNCTION_NAME\":\"f\"",
                        "\"AWS_LAMBDA_FUNCTION_MEMORY_SIZE\":\"256\"",
                        "\"AWS_EXECUTION_ENV\":\"AWS_Lambda_nodejs20.x\"",
                        "\"_HANDLER\":\"index.handler\"",
                        "\"AWS_ACCESS_KEY_ID\":\"AKIA",
                        "\"AWS_SECRET_ACCESS_KEY\":\"local\"",
                        "\"AWS_ENDPOINT_URL_DYNAMODB\":\"http://127.0.0.1:8000\"")
                .doesNotContain("of the server", "/of/the/server", "TOPICSTREAM_");
    }

    @Test
    void settingsBeatTheTemplateAndCredentialsAreTheGivenOnes() throws Exception {
        code.settings = new LocalFunctionSettings(
                "eu-west-1",
                "123456789012",
                Map.of("OWN", "of the settings", "AWS_ACCESS_KEY_ID", "AKIAGIVEN", "AWS_SECRET_ACCESS_KEY", "given"),
                2,
                Duration.ofMinutes(1),
                Duration.ofSeconds(30),
                Duration.ofSeconds(60));
        code.node(
                "f",
                "index.js",
                "const e = process.env; exports.handler = async () =>"
                        + " [e.OWN, e.AWS_ACCESS_KEY_ID, e.AWS_SECRET_ACCESS_KEY, e.AWS_SESSION_TOKEN]");

        assertThat(code.call("f", "{}")).isEqualTo("[\"of the settings\",\"AKIAGIVEN\",\"given\",null]");
    }

    @Test
    void otherCodeHasNewProcesses() throws Exception {
        code.node("f", "index.js", "exports.handler = async () => 'one ' + process.pid");
        String before = code.call("f", "{}");
        code.run().lookAtCode();
        assertThat(code.call("f", "{}")).isEqualTo(before);

        code.file("f", "index.js", "exports.handler = async () => 'two, and longer ' + process.pid");
        code.run().lookAtCode();
        code.run().lookAtCode();

        assertThat(code.call("f", "{}")).startsWith("\"two, and longer ");
        long pid = Long.parseLong(before.replaceAll("[^0-9]", ""));
        soon(() -> assertThat(LocalCode.lives(pid)).isFalse());
    }

    @Test
    void whatIsUnderWayEndsAsItBegan() throws Exception {
        code.node("f", "index.js", SLEEP + "exports.handler = async () => { await sleep(1500); return 'old' }");
        CompletionStage<Invocation> old = code.begin("f", "{}");
        soon(() -> assertThat(code.run().processes("f")).isEqualTo(1));

        code.run().take(List.of());

        assertThatThrownBy(() -> code.call("f", "{}")).hasMessageContaining("there is no code");
        assertThat(LocalCode.text(old)).isEqualTo("\"old\"");
    }

    @Test
    void codeInAnArchive() throws Exception {
        Path archive = folder.resolve("f.zip");
        try (var out = new java.util.zip.ZipOutputStream(Files.newOutputStream(archive))) {
            out.putNextEntry(new java.util.zip.ZipEntry("src/index.js"));
            out.write("exports.handler = async () => __dirname".getBytes(UTF_8));
        }
        LocalFunction given = code.function("f", "nodejs20.x", "src/index.handler");
        code.add(new LocalFunction(
                "f", given.runtime(), given.handler(), archive, null, Map.of(), 20, 128, null, List.of()));

        Path unpacked = Path.of(code.call("f", "{}").replace("\"", ""));

        assertThat(unpacked).exists();
        code.close();
        assertThat(unpacked).doesNotExist();
    }

    @Test
    void aRuntimeOfItsOwn() throws Exception {
        Path bootstrap = code.file("f", "bootstrap", """
                #!/bin/sh
                exec python3 - <<'END'
                import http.client, os
                api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
                while True:
                    api.request("GET", "/2018-06-01/runtime/invocation/next")
                    response = api.getresponse()
                    event, request = response.read(), response.headers["Lambda-Runtime-Aws-Request-Id"]
                    api.request("POST", "/2018-06-01/runtime/invocation/%s/response" % request, iter([b"[", event, b"]"]))
                    api.getresponse().read()
                END
                """);
        assertThat(bootstrap.toFile().setExecutable(true)).isTrue();
        code.add(code.function("f", "provided.al2023", "anything"));

        assertThat(code.call("f", "{\"a\":1}")).isEqualTo("[{\"a\":1}]");
        assertThat(code.call("f", "{\"a\":2}")).isEqualTo("[{\"a\":2}]");
    }

    // Those that mean no good

    @Test
    void aFloodOnTheOutputHoldsUpNobody() throws Exception {
        try (LogLines lines = new LogLines()) {
            code.node("f", "index.js", """
                    exports.handler = async e => {
                      for (let n = 0; n < e.lines; n++) console.log('line ' + n);
                      process.stdout.write('x'.repeat(100000) + '\\n');
                      return 'done';
                    };
                    """);

            assertThat(code.call("f", "{\"lines\":50000}")).isEqualTo("\"done\"");
            assertThat(code.call("f", "{\"lines\":0}")).isEqualTo("\"done\"");

            soon(() -> assertThat(lines.with("")).anyMatch(line -> line.contains("further lines, which are left out")));
            assertThat(lines.with("")).contains("f line 0").allMatch(line -> line.length() < 5_000);
            assertThat(lines.with("").size()).isLessThan(20_000);
        }
    }

    @Test
    void whatIsPrintedIsLoggedAsLinesOfTheFunction() throws Exception {
        try (LogLines lines = new LogLines()) {
            code.node("f", "index.js", """
                    exports.handler = async () => {
                      console.log('out\\u001b[31m and\\rin');
                      console.error('err');
                      process.stdout.write('without an end');
                      process.exit();
                    };
                    """);
            code.python("g", """
                    import logging
                    logging.getLogger().setLevel(logging.INFO)

                    def handler(event, context):
                        logging.info("told")
                    """);

            code.call("f", "{}");
            code.call("g", "{}");

            soon(() -> assertThat(lines.with(""))
                    .contains("f out[31m and in", "f err", "f without an end")
                    .anyMatch(line -> line.matches("g \\[INFO] [0-9-]{10}T[0-9:.]{12}Z [0-9a-f-]{36} told")));
        }
    }

    @Test
    void aSecondAnswerAndThoseOfOthersAreRefused() throws Exception {
        code.node("f", "index.js", """
                const http = require('http');
                const api = process.env.AWS_LAMBDA_RUNTIME_API;
                const call = (method, path, body, base) => new Promise((done, fail) => {
                  const request = http.request('http://' + (base || api) + '/2018-06-01/runtime' + path, {method},
                    answer => { answer.resume(); answer.on('end', () => done(answer.statusCode)); });
                  request.on('error', fail);
                  request.end(body);
                });
                exports.handler = async (event, context) => {
                  if (event.report) return globalThis.statuses;
                  const post = (id, body) => call('POST', '/invocation/' + id + '/response', body);
                  globalThis.statuses = [
                    await post('00000000-0000-0000-0000-000000000000', '"forged"'),
                    await call('GET', '/invocation/next'),
                    await call('POST', '/init/error', '{}'),
                    await call('GET', '/elsewhere'),
                    await call('GET', '/invocation/next', undefined, api.replace(/\\/.*/, '')),
                    await call('GET', '/invocation/next', undefined, api.replace(/.$/, c => c === '0' ? '1' : '0')),
                    await post(context.awsRequestId, '"first"'),
                    await post(context.awsRequestId, '"second"'),
                  ];
                  return 'third';
                };
                """);

        assertThat(code.call("f", "{}")).isEqualTo("\"first\"");
        assertThat(code.call("f", "{\"report\":true}")).isEqualTo("[400,403,403,404,403,403,202,403]");
    }

    @Test
    void anAnswerHasSixMebibytesAtMost() throws Exception {
        code.node("f", "index.js", "exports.handler = async e => 'x'.repeat(e.chars)");
        code.python("g", "def handler(event, context):\n    return 'x' * event['chars']\n");
        int most = RuntimeApi.MAX_ANSWER_BYTES - 2;

        for (String name : List.of("f", "g")) {
            assertThat(code.call(name, "{\"chars\":" + most + "}")).hasSize(most + 2);
            assertThat(code.call(name, "{\"chars\":" + (most + 1) + "}"))
                    .isEqualTo("Unhandled {\"errorType\":\"Function.ResponseSizeTooLarge\",\"errorMessage\":"
                            + "\"Response payload size (6291557 bytes) exceeded maximum allowed payload size"
                            + " (6291556 bytes).\"}");
            assertThat(code.call(name, "{\"chars\":1}")).isEqualTo("\"x\"");
            assertThat(code.run().processes(name)).isEqualTo(1);
        }
    }

    @Test
    void aPayloadHasSixMebibytesAtMost() throws Exception {
        code.node("f", "index.js", "exports.handler = async e => e.length");
        String most = "\"" + "x".repeat((6 << 20) - 2) + "\"";

        assertThat(code.call("f", most)).isEqualTo(String.valueOf((6 << 20) - 2));
        assertThatThrownBy(() -> code.call("f", most + " ")).hasMessageContaining("more than 6291456");
    }

    @Test
    void aChildThatHoldsThePipesHoldsUpNobody() throws Exception {
        code.node("f", "index.js", """
                const { spawn } = require('child_process');
                exports.handler = async e => {
                  const child = spawn('sleep', ['600'], { stdio: 'inherit', detached: true });
                  if (e.wait) return new Promise(done => setTimeout(done, 60000));
                  child.unref();
                  if (e.exit) process.exit(2);
                  return child.pid;
                };
                """).within(2);

        long child = Long.parseLong(code.call("f", "{}"));
        assertThat(code.call("f", "{\"exit\":true}")).contains("exit status 2");
        assertThat(code.call("f", "{\"wait\":true}")).contains("timed out");
        long another = Long.parseLong(code.call("f", "{}"));

        code.close();
        soon(() -> assertThat(LocalCode.lives(another)).isFalse());
        ProcessHandle.of(child).ifPresent(ProcessHandle::destroyForcibly);
    }

    @Test
    void oneThatIsLeftAndGoesOnPrintingIsCutOff() throws Exception {
        Path pid = folder.resolve("pid");
        code.node("f", "index.js", """
                const { spawn } = require('child_process');
                exports.handler = async e => {
                  if (e.again) return 'well';
                  const child = spawn('yes', { stdio: 'inherit', detached: true });
                  require('fs').writeFileSync(e.file, String(child.pid));
                  process.exit(2);
                };
                """);

        assertThat(code.call("f", "{\"file\":\"" + pid + "\"}")).contains("exit status 2");

        assertThat(code.call("f", "{\"again\":true}")).isEqualTo("\"well\"");
        long printing = Long.parseLong(Files.readString(pid));
        soon(() -> assertThat(LocalCode.lives(printing)).isFalse());
    }

    @Test
    void processesEndThoughTheServerIsKilled() throws Exception {
        code.node("f", "index.js", "exports.handler = async e => { if (e.spin) for (;;); return process.pid }");
        Path pids = folder.resolve("pids");
        Process server = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledServer.class.getName(),
                        code.folder("f").toString(),
                        pids.toString())
                .inheritIO()
                .start();
        try {
            Awaitility.await().atMost(60, TimeUnit.SECONDS).until(() -> Files.exists(pids));
            List<Long> all =
                    Files.readAllLines(pids).stream().map(Long::valueOf).toList();
            assertThat(all).hasSize(2).allMatch(LocalCode::lives);

            server.destroyForcibly().waitFor();

            soon(() -> assertThat(all).noneMatch(LocalCode::lives));
        } finally {
            server.destroyForcibly();
        }
    }

    /// A process with one free process of a function, and one that turns round and round.
    static final class KilledServer {
        public static void main(String[] args) throws Exception {
            Path folder = Path.of(args[0]);
            LocalCode code = new LocalCode(folder.getParent());
            code.settings = LocalCode.settings(4, LocalCode.LONG, LocalCode.LONG);
            code.add(code.function("f", "nodejs20.x", "index.handler"));
            code.call("f", "{}");
            var _ = code.begin("f", "{\"spin\":true}");
            String free = code.call("f", "{}");
            Set<Long> busy = new HashSet<>();
            ProcessHandle.current()
                    .descendants()
                    .filter(one -> one.info().command().orElse("").endsWith("node"))
                    .forEach(one -> busy.add(one.pid()));
            busy.remove(Long.parseLong(free));
            Path file = Path.of(args[1]);
            Path whole = Files.writeString(
                    file.resolveSibling("whole"), free + "\n" + busy.iterator().next() + "\n");
            Files.move(whole, file);
            Thread.sleep(60_000);
        }
    }
}
