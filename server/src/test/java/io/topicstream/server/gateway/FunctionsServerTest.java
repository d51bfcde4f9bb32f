package io.topicstream.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import io.topicstream.transport.RawClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A SAM template with three functions in JavaScript and one in Python, whose chat runs in a real server:
/// what stands for a table is a folder with a file for each connection. The numbers are those of the
/// specification's statements.
class FunctionsServerTest {
    private static final int PROCESSES = 3;

    @TempDir
    private Path directory;

    private TopicStreamServer server;

    @BeforeEach
    void start() throws Exception {
        Files.createDirectory(directory.resolve("table"));
        write("template.yaml", """
                Transform: AWS::Serverless-2016-10-31
                Globals:
                  Function:
                    Runtime: nodejs20.x
                    Timeout: 20
                    MemorySize: 256
                    Environment: {Variables: {TABLE: %s}}
                Resources:
                  Connect:
                    Type: AWS::Serverless::Function
                    Properties: {CodeUri: connect/, Handler: app.handler}
                  Disconnect:
                    Type: AWS::Serverless::Function
                    Properties: {CodeUri: disconnect/, Handler: app.handler}
                  Send:
                    Type: AWS::Serverless::Function
                    Properties: {CodeUri: send/, Handler: app.handler}
                  Count:
                    Type: AWS::Serverless::Function
                    Properties: {CodeUri: count/, Handler: app.handler, Runtime: python3.11}
                  Chat:
                    Type: AWS::Serverless::WebSocketApi
                    Properties:
                      RouteSelectionExpression: $request.body.action
                      StageName: dev
                      Routes:
                        $connect: {FunctionArn: !GetAtt Connect.Arn}
                        $disconnect: {FunctionArn: !GetAtt Disconnect.Arn}
                        send: {FunctionArn: !GetAtt Send.Arn}
                        count: {FunctionArn: !GetAtt Count.Arn, RouteResponseSelectionExpression: $default}
                """.formatted(directory.resolve("table")));
        write("connect/app.js", """
                const fs = require('fs');
                exports.handler = async event => {
                  const query = event.queryStringParameters || {};
                  if (query.fail) throw new Error('on purpose');
                  if (query.refuse) return { statusCode: 401, body: 'not you' };
                  fs.writeFileSync(process.env.TABLE + '/' + event.requestContext.connectionId, String(process.pid));
                  return { statusCode: 200 };
                };
                """);
        write("disconnect/app.js", """
                const fs = require('fs');
                exports.handler = async event => {
                  fs.unlinkSync(process.env.TABLE + '/' + event.requestContext.connectionId);
                };
                """);
        write("send/app.mjs", """
                import fs from 'node:fs';
                export const handler = async event => {
                  const { domainName, stage } = event.requestContext;
                  const { data } = JSON.parse(event.body);
                  const statuses = await Promise.all(fs.readdirSync(process.env.TABLE).map(async id => {
                    const url = `http://${domainName}/${stage}/@connections/${encodeURIComponent(id)}`;
                    return (await fetch(url, { method: 'POST', body: data })).status;
                  }));
                  if (statuses.some(status => status !== 200)) throw new Error('posted: ' + statuses);
                  return { statusCode: 200 };
                };
                """);
        write("count/app.py", """
                import json
                import os


                def handler(event, context):
                    print("counting for", event["requestContext"]["connectionId"])
                    return {"statusCode": 200, "body": json.dumps({"here": len(os.listdir(os.environ["TABLE"]))})}
                """);
        server = TopicStreamServer.start(TestServers.config(
                "server.run_dir",
                directory.resolve("run").toString(),
                "gateway.definition",
                directory.resolve("template.yaml").toString(),
                "gateway.function_processes",
                String.valueOf(PROCESSES),
                "gateway.function_wait",
                "60s"));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void write(String file, String text) throws IOException {
        Path path = directory.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private int port() {
        return server.address().getPort();
    }

    private GatewaySocket open() throws IOException {
        GatewaySocket client = GatewaySocket.open(port(), "/dev", "Host: 127.0.0.1:" + port());
        client.socket.setSoTimeout(60_000);
        return client;
    }

    private long rows() throws IOException {
        try (var files = Files.list(directory.resolve("table"))) {
            return files.count();
        }
    }

    @Test
    @DisplayName("1, 16, 52, 71, 114: a chat of functions in two languages")
    void aChat() throws Exception {
        try (GatewaySocket ada = open();
                GatewaySocket bob = open()) {
            assertThat(rows()).isEqualTo(2);

            ada.text("{\"action\":\"send\",\"data\":\"hello ü\"}");
            assertThat(ada.next().text()).isEqualTo("hello ü");
            assertThat(bob.next().text()).isEqualTo("hello ü");
            bob.text("{\"action\":\"count\"}");
            assertThat(bob.next().text()).isEqualTo("{\"here\": 2}");

            ada.closing(1000, "bye");
            Awaitility.await().atMost(30, TimeUnit.SECONDS).until(() -> rows() == 1);
            bob.text("{\"action\":\"send\",\"data\":\"alone\"}");
            assertThat(bob.next().text()).isEqualTo("alone");
        }
    }

    @Test
    @DisplayName("8, 10: a function of $connect that refuses, and one that throws")
    void whoIsNotLetIn() throws Exception {
        try (GatewaySocket refused = new GatewaySocket(port());
                GatewaySocket failed = new GatewaySocket(port())) {
            RawClient.Answer answer = refused.upgrade("/dev?refuse=1").answer();
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.text()).isEqualTo("not you");
            assertThat(failed.upgrade("/dev?fail=1").answer().status()).isEqualTo(502);
        }
    }

    @Test
    @DisplayName("73: a function that throws, and the next code, which does not")
    void codeIsTakenAnew() throws Exception {
        write("send/app.mjs", "export const handler = async () => { throw new Error('on purpose'); };");
        try (GatewaySocket client = open()) {
            client.text("{\"action\":\"send\"}");
            String frame = client.next().text();
            while (!frame.startsWith("{\"message\": \"Internal server error\"")) {
                // The watch has not seen the change yet: what was there before posted it.
                client.text("{\"action\":\"send\"}");
                frame = client.next().text();
            }

            write("count/app.py", "def handler(event, context):\n    return {'statusCode': 200, 'body': 'anew'}\n");
            String counted = "";
            for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
                    !counted.equals("anew") && System.nanoTime() < end; ) {
                client.text("{\"action\":\"count\"}");
                counted = client.next().text();
            }
            assertThat(counted).isEqualTo("anew");
        }
    }

    @Test
    @DisplayName("a thousand connections, and no process for each")
    void aThousandConnections() throws Exception {
        int count = 1_000;
        List<GatewaySocket> clients = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<GatewaySocket>> opening = new ArrayList<>();
            for (int n = 0; n < count; n++) {
                opening.add(threads.submit(this::open));
            }
            for (Future<GatewaySocket> one : opening) {
                clients.add(one.get());
            }
        }
        try {
            assertThat(rows()).isEqualTo(count);
            clients.getFirst().text("{\"action\":\"send\",\"data\":\"to all\"}");
            for (GatewaySocket client : clients) {
                assertThat(client.next().text()).isEqualTo("to all");
            }
            for (int n = 0; n < count; n += 20) {
                clients.get(n).text("{\"action\":\"count\"}");
            }
            for (int n = 0; n < count; n += 20) {
                assertThat(clients.get(n).next().text()).isEqualTo("{\"here\": 1000}");
            }
            // Three functions ran, each in so many processes at most.
            assertThat(processes("node") + processes("python")).isBetween(3L, 3L * PROCESSES);
            try (var files = Files.list(directory.resolve("table"))) {
                assertThat(files.map(FunctionsServerTest::read).distinct().count())
                        .isBetween(1L, (long) PROCESSES);
            }
        } finally {
            for (GatewaySocket client : clients) {
                client.close();
            }
        }
        Awaitility.await().atMost(60, TimeUnit.SECONDS).until(() -> rows() == 0);
        assertThat(processes("node") + processes("python")).isBetween(3L, 4L * PROCESSES);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /// How many processes of this one run a program.
    private static long processes(String program) {
        return ProcessHandle.current()
                .descendants()
                .filter(one ->
                        one.info().command().orElse("").toLowerCase(Locale.ROOT).matches(".*/" + program + "[0-9.]*"))
                .count();
    }
}
