package io.topicstream.gateway.lambda;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Lambda's runtime API for one process: on a port of its own of this machine, and below a path that only
/// the process knows, so that no other one can take its invocations or answer them.
///
/// Each connection has a virtual thread. Their number, their requests' sizes and the time until the first
/// one are bounded. Thread-safe.
final class RuntimeApi implements AutoCloseable {
    /// The largest answer of a function, in bytes: 6 MiB and what Lambda adds to it.
    static final int MAX_ANSWER_BYTES = (6 << 20) + 100;

    private static final String VERSION = "/2018-06-01/runtime";
    private static final String INVOCATION = VERSION + "/invocation/";
    private static final int MAX_CONNECTIONS = 16;
    private static final int FIRST_REQUEST_MS = 10_000;
    private static final long ACCEPT_AGAIN_NS = 20_000_000;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final ServerSocket listener;
    private final String secret;
    private final Desk desk;
    private final Executor threads;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    /// What the process says, and what it is given.
    interface Desk {
        /// The process wants an invocation.
        ///
        /// @return completes when there is one, and fails when the process is to end; null where it may
        ///     not ask, because it has not answered yet
        @Nullable
        CompletableFuture<Handed> next();

        /// The process answers an invocation.
        ///
        /// @param body null where it is larger than allowed
        /// @param bytes the size of the body where it is known, else -1
        /// @param failed whether it is an error
        Verdict answer(String requestId, byte @Nullable [] body, long bytes, boolean failed);

        /// The process could not begin.
        ///
        /// @return whether it may say so
        boolean initFailed(byte[] error);
    }

    /// An invocation for the process.
    ///
    /// @param deadlineMs when it must be done, in milliseconds since 1970
    record Handed(String requestId, byte[] payload, long deadlineMs, String functionArn) {}

    /// What becomes of an answer.
    enum Verdict {
        TAKEN,
        UNKNOWN_ID,
        NOT_NOW
    }

    /// Opens a port.
    ///
    /// @param isSecret whether the path is; clients that can have no path before that of the API need one
    ///     that is not
    /// @param threads runs what waits
    RuntimeApi(Desk desk, boolean isSecret, Executor threads) throws IOException {
        this.desk = desk;
        this.threads = threads;
        byte[] random = new byte[16];
        RANDOM.nextBytes(random);
        this.secret = isSecret ? "/" + HexFormat.of().formatHex(random) : "";
        this.listener = new ServerSocket(0, MAX_CONNECTIONS, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
        threads.execute(this::accept);
    }

    /// What the process is told as `AWS_LAMBDA_RUNTIME_API`.
    String address() {
        return "127.0.0.1:" + listener.getLocalPort() + secret;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                if (open.size() >= MAX_CONNECTIONS) {
                    socket.close();
                    continue;
                }
                open.add(socket);
                threads.execute(() -> serve(socket));
            } catch (RejectedExecutionException e) {
                // All ends.
                close();
            } catch (IOException e) {
                // Closed, or no file for one more.
                LockSupport.parkNanos(ACCEPT_AGAIN_NS);
            }
        }
        closeAll();
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(FIRST_REQUEST_MS);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            OutputStream out = new BufferedOutputStream(socket.getOutputStream());
            while (true) {
                @Nullable RuntimeRequest request = RuntimeRequest.read(in, out, MAX_ANSWER_BYTES);
                if (request == null || !answer(request, out)) {
                    return;
                }
                out.flush();
                socket.setSoTimeout(0);
            }
        } catch (IOException | ExecutionException | CancellationException e) {
            // The process went, or is to go: what it had is answered by whoever sees its end.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(socket);
        }
    }

    /// @return whether the connection may be used again
    private boolean answer(RuntimeRequest request, OutputStream out)
            throws IOException, InterruptedException, ExecutionException {
        if (!request.path().startsWith(secret + VERSION)) {
            write(out, 403, Map.of("Connection", "close"), bytes("Forbidden", "This is another process's"));
            out.flush();
            return false;
        }
        String path = request.path().substring(secret.length());
        if (request.method().equals("GET") && path.equals(INVOCATION + "next")) {
            next(out);
            return true;
        }
        if (request.method().equals("POST") && path.equals(VERSION + "/init/error")) {
            byte @Nullable [] body = request.body();
            if (desk.initFailed(body == null ? new byte[0] : body)) {
                write(out, 202, Map.of(), ok());
            } else {
                write(out, 403, Map.of(), notNow());
            }
            return true;
        }
        if (request.method().equals("POST") && path.startsWith(INVOCATION)) {
            String rest = path.substring(INVOCATION.length());
            int slash = rest.indexOf('/');
            String what = slash < 0 ? "" : rest.substring(slash);
            if (what.equals("/response") || what.equals("/error")) {
                take(request, rest.substring(0, slash), what.equals("/error"), out);
                return true;
            }
        }
        write(out, 404, Map.of(), bytes("NotFound", "There is no such path"));
        return true;
    }

    private void next(OutputStream out) throws IOException, InterruptedException, ExecutionException {
        @Nullable CompletableFuture<Handed> handing = desk.next();
        if (handing == null) {
            write(out, 403, Map.of(), notNow());
            return;
        }
        Handed handed = handing.get();
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("Lambda-Runtime-Aws-Request-Id", handed.requestId());
        fields.put("Lambda-Runtime-Deadline-Ms", String.valueOf(handed.deadlineMs()));
        fields.put("Lambda-Runtime-Invoked-Function-Arn", handed.functionArn());
        String hex = handed.requestId().replace("-", "");
        fields.put(
                "Lambda-Runtime-Trace-Id",
                "Root=1-" + hex.substring(0, 8) + "-" + hex.substring(8) + ";Parent=" + hex.substring(16)
                        + ";Sampled=0");
        write(out, 200, fields, handed.payload());
    }

    private void take(RuntimeRequest request, String requestId, boolean failed, OutputStream out) throws IOException {
        byte @Nullable [] body = request.body();
        switch (desk.answer(requestId, body, request.bodyBytes(), failed)) {
            case TAKEN -> {
                if (body == null) {
                    write(
                            out,
                            413,
                            Map.of(),
                            bytes(
                                    "RequestEntityTooLarge",
                                    "Exceeded maximum allowed payload size (" + MAX_ANSWER_BYTES + " bytes)."));
                } else {
                    write(out, 202, Map.of(), ok());
                }
            }
            case UNKNOWN_ID -> write(out, 400, Map.of(), bytes("InvalidRequestID", "Invalid request ID"));
            case NOT_NOW -> write(out, 403, Map.of(), notNow());
        }
    }

    private static byte[] ok() {
        return "{\"status\":\"OK\"}\n".getBytes(UTF_8);
    }

    private static byte[] notNow() {
        return bytes("InvalidStateTransition", "State transition is not allowed");
    }

    private static byte[] bytes(String type, String message) {
        return FunctionError.json(type, message).getBytes(UTF_8);
    }

    private static void write(OutputStream out, int status, Map<String, String> fields, byte[] body)
            throws IOException {
        StringBuilder head = new StringBuilder("HTTP/1.1 ").append(status).append(" -\r\n");
        head.append("Content-Type: application/json\r\nContent-Length: ")
                .append(body.length)
                .append("\r\n");
        fields.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        out.write(head.append("\r\n").toString().getBytes(ISO_8859_1));
        out.write(body);
    }

    /// Closes the port and all connections.
    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            // It is closed then.
        }
        closeAll();
    }

    private void closeAll() {
        for (Socket socket : open) {
            try {
                socket.close();
            } catch (IOException e) {
                // It is closed then.
            }
        }
    }
}
