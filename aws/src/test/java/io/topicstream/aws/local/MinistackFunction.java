package io.topicstream.aws.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.topicstream.json.JsonWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.Runtime;

/// A function of a [Ministack] that runs in this process: what the stand-in starts hands over what it is called with,
/// since it runs no Java itself. A failure is told by the name of its class, as Lambda tells it.
public final class MinistackFunction implements AutoCloseable {
    private static final int LONGEST_SECONDS = 30;

    private final HttpServer server;
    private final String arn;

    private MinistackFunction(HttpServer server, String arn) {
        this.server = server;
        this.arn = arn;
    }

    /// Makes a function.
    ///
    /// @param handler what it does, called by many threads
    public static MinistackFunction create(Ministack of, String name, UnaryOperator<byte[]> handler)
            throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> handle(exchange, handler));
        server.start();
        try (LambdaClient lambda = LambdaClient.builder()
                .endpointOverride(of.endpoint())
                .region(Region.of(Ministack.REGION))
                .credentialsProvider(Ministack.CREDENTIALS)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build()) {
            String arn = lambda.createFunction(create -> create.functionName(name)
                            .runtime(Runtime.PROVIDED_AL2023)
                            .handler("none")
                            .role("arn:aws:iam::" + Ministack.ACCOUNT + ":role/function")
                            .timeout(LONGEST_SECONDS)
                            .environment(environment -> environment.variables(Map.of(
                                    "RELAY_TO",
                                    "127.0.0.1:" + server.getAddress().getPort())))
                            .code(code -> code.zipFile(SdkBytes.fromByteArrayUnsafe(archive()))))
                    .functionArn();
            return new MinistackFunction(server, arn);
        } catch (RuntimeException | Error e) {
            server.stop(0);
            throw e;
        }
    }

    private static byte[] archive() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes);
                InputStream relay =
                        Objects.requireNonNull(MinistackFunction.class.getResourceAsStream("ministack/relay.py"))) {
            zip.putNextEntry(new ZipEntry("relay.py"));
            zip.write(relay.readAllBytes());
            zip.putNextEntry(new ZipEntry("bootstrap"));
            zip.write("#!/bin/sh\nexec python3 -IS \"$LAMBDA_TASK_ROOT/relay.py\"\n".getBytes(UTF_8));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return bytes.toByteArray();
    }

    private static void handle(HttpExchange exchange, UnaryOperator<byte[]> handler) throws IOException {
        try (exchange) {
            byte[] event = exchange.getRequestBody().readAllBytes();
            byte[] answer;
            int status = 200;
            try {
                answer = handler.apply(event);
            } catch (RuntimeException e) {
                status = 500;
                JsonWriter json = new JsonWriter();
                json.raw('{').string("errorType").raw(':').string(e.getClass().getName());
                json.raw(',').string("errorMessage").raw(':').string(String.valueOf(e.getMessage()));
                answer = json.raw('}').toByteArray();
            }
            exchange.sendResponseHeaders(status, answer.length);
            exchange.getResponseBody().write(answer);
        }
    }

    public String arn() {
        return arn;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
