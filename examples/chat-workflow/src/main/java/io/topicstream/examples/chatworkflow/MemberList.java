package io.topicstream.examples.chatworkflow;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// The connections, as the worker asks the back end for them. Thread-safe; waits for the answer.
final class MemberList implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();
    private final String connections;
    private final int pageSize;

    /// @param backEnd its URL
    /// @param pageSize how many connections are asked for at a time
    MemberList(URI backEnd, int pageSize) {
        this.connections = backEnd + "/connections";
        this.pageSize = pageSize;
    }

    /// The back end did not say who is connected.
    static final class Unknown extends Exception {
        private static final long serialVersionUID = 1;

        Unknown(String message) {
            super(message);
        }
    }

    /// Some connections.
    ///
    /// @param after the `next` of the page before; empty for the first one
    Connected.Page page(String after) throws Unknown {
        byte[] body = call(HttpRequest.newBuilder(URI.create(connections + "?limit=" + pageSize + "&after="
                        + URLEncoder.encode(after, StandardCharsets.UTF_8)))
                .GET());
        Connected.Page page = Connected.Page.of(body);
        if (page == null) {
            throw new Unknown("the back end sent no list of connections");
        }
        return page;
    }

    /// Has a connection forgotten.
    void remove(String connectionId) throws Unknown {
        call(HttpRequest.newBuilder(URI.create(connections + "/" + connectionId))
                .DELETE());
    }

    private byte[] call(HttpRequest.Builder request) throws Unknown {
        try {
            HttpResponse<byte[]> answer =
                    http.send(request.timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofByteArray());
            if (answer.statusCode() == 200) {
                return answer.body();
            }
            throw new Unknown("the back end answered with status " + answer.statusCode());
        } catch (IOException e) {
            throw new Unknown("the back end did not answer: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Unknown("the worker is ending");
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
