package io.topicstream.examples.directchat;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.examples.backend.WebSocketClient;

/// Somebody who is in the direct chat.
final class Client extends WebSocketClient {
    private static final String FORBIDDEN =
            "\\{\"message\": \"Forbidden\", \"connectionId\":\"[^\"]+\", \"requestId\":\"[^\"]+\"\\}";

    private Client(String url) {
        super(url);
    }

    /// Opens a connection.
    ///
    /// @throws java.util.concurrent.CompletionException if it is refused
    static Client open(String url) {
        return new Client(url);
    }

    /// Says something that is answered by the gateway alone, and hears that first.
    void assertNothingElseCame() throws InterruptedException {
        assertThat(ask("{\"action\":\"nothing else?\"}")).matches(FORBIDDEN);
    }

    /// Takes a name.
    ///
    /// @return the id of the connection
    String takeName(String username) throws InterruptedException {
        String said = ask("{\"action\":\"username\",\"username\":\"" + username + "\"}");
        String before = "assigned username: " + username + " to connection id: ";
        assertThat(said).startsWith(before).endsWith("\n");
        return said.substring(before.length()).strip();
    }
}
