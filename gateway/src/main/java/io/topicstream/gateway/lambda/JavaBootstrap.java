package io.topicstream.gateway.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// Runs a Java function, in a process of its own: asks the runtime API for invocations, hands them to the
/// handler, and returns what it answers. It ends when the server does.
///
/// Nothing else of the server is in that process, and of this the function sees nothing: its classes have
/// the platform's loader for a parent.
final class JavaBootstrap {
    private static final int MAX_TRACE = 64;

    private final String base;
    private final JsonMapper mapper = JavaHandler.mapper();

    private JavaBootstrap(String base) {
        this.base = base;
    }

    private record Answer(HttpURLConnection about, int status, byte[] body) {}

    /// Runs the function that the environment names.
    ///
    /// @param args none; all is in the environment
    public static void main(String[] args) {
        JavaBootstrap bootstrap =
                new JavaBootstrap("http://" + System.getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime");
        try {
            bootstrap.run();
        } catch (IOException e) {
            // Without the server there is nothing to do.
            System.exit(1);
        }
    }

    @SuppressWarnings("CatchingUnchecked") // Whatever a function throws is its answer.
    private void run() throws IOException {
        JavaHandler handler;
        try {
            handler = JavaHandler.load(
                    Objects.requireNonNull(System.getenv("_HANDLER")),
                    Objects.requireNonNull(System.getenv("LAMBDA_TASK_ROOT")),
                    mapper);
        } catch (Throwable e) {
            call("POST", "/init/error", error(e));
            System.exit(1);
            return;
        }
        while (true) {
            Answer next = call("GET", "/invocation/next", null);
            if (next.status() != 200) {
                throw new IOException("no invocation");
            }
            String requestId = next.about().getHeaderField("Lambda-Runtime-Aws-Request-Id");
            System.setProperty(
                    "com.amazonaws.xray.traceHeader", next.about().getHeaderField("Lambda-Runtime-Trace-Id"));
            JavaContext context = new JavaContext(
                    requestId,
                    next.about().getHeaderField("Lambda-Runtime-Invoked-Function-Arn"),
                    Long.parseLong(next.about().getHeaderField("Lambda-Runtime-Deadline-Ms")));
            byte[] told;
            String kind;
            try {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                handler.handle(new ByteArrayInputStream(next.body()), out, context);
                told = out.toByteArray();
                kind = "/response";
            } catch (Throwable e) {
                told = error(e);
                kind = "/error";
            }
            System.out.flush();
            call("POST", "/invocation/" + requestId + kind, told);
        }
    }

    private byte[] error(Throwable thrown) {
        Throwable cause = thrown instanceof InvocationTargetException wrapped && wrapped.getCause() != null
                ? wrapped.getCause()
                : thrown;
        StringBuilder printed = new StringBuilder(String.valueOf(cause)).append('\n');
        String[] trace = new String[Math.min(MAX_TRACE, cause.getStackTrace().length)];
        for (int n = 0; n < trace.length; n++) {
            trace[n] = String.valueOf(cause.getStackTrace()[n]);
            printed.append("    at ").append(trace[n]).append('\n');
        }
        System.out.print(printed);
        System.out.flush();
        String message = cause.getMessage();
        return mapper.writeValueAsBytes(Map.of(
                "errorMessage",
                message == null ? "" : message,
                "errorType",
                cause.getClass().getName(),
                "stackTrace",
                trace));
    }

    private Answer call(String method, String path, byte @Nullable [] body) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(base + path).toURL().openConnection();
        connection.setRequestMethod(method);
        if (body != null) {
            connection.setDoOutput(true);
            connection.setRequestProperty("Content-Type", "application/json");
            connection.setFixedLengthStreamingMode(body.length);
            try (OutputStream out = connection.getOutputStream()) {
                out.write(body);
            }
        }
        int status = connection.getResponseCode();
        InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream();
        if (in == null) {
            return new Answer(connection, status, "".getBytes(UTF_8));
        }
        try (in) {
            return new Answer(connection, status, in.readAllBytes());
        }
    }
}
