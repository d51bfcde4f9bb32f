package io.topicstream.examples.chatworkflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.examples.backend.WebSocketClient;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Somebody who is in the chat. What is heard is read without its time, as `action|content|sender`.
final class Chatter extends WebSocketClient {
    private static final Pattern FRAME = Pattern.compile("\\{\"action\":\"([^\"]+)\",\"content\":\"(.*)\","
            + "\"sender\":\"([^\"]+)\",\"timestamp\":\"[0-9-]{10}T[0-9:]{8}\\.[0-9]{3}Z\"\\}");

    private final List<String> heard = new ArrayList<>();

    Chatter(String url) {
        super(url);
    }

    void sayInChat(String text) {
        say("{\"action\":\"sendMessage\",\"content\":\"" + text + "\"}");
    }

    /// Hears what comes next.
    String next() throws InterruptedException {
        String read = read(hear());
        heard.add(read);
        return read;
    }

    private static String read(String frame) {
        Matcher parts = FRAME.matcher(frame);
        assertThat(parts.matches()).as(frame).isTrue();
        return parts.group(1) + "|" + parts.group(2) + "|" + parts.group(3);
    }

    /// Hears what comes, until somebody has said a text.
    Chatter until(String text) throws InterruptedException {
        while (!next().startsWith("sendMessage|" + text + "|")) {
            // It is kept.
        }
        return this;
    }

    /// All that was heard.
    List<String> heard() {
        return List.copyOf(heard);
    }

    /// All that was heard since this was asked for the last time.
    List<String> heardSince() {
        List<String> all = heard();
        heard.clear();
        return all;
    }
}
