package io.topicstream.server.crash;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads topics over HTTP: page by page to the end, or a step further at each turn as a follower.
final class HttpReader {
    private static final Pattern MESSAGE =
            Pattern.compile("\\{\"offset\":(\\d+),\"payload\":\"([^\"]*)\",\"timestamp\"");
    private static final int PAGE = 100;

    private HttpReader() {}

    record Page(long epoch, List<Oracle.Stored> messages) {}

    private static Page page(URI base, String topic, long from) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(
                        base.resolve("/topics/" + topic + "/consume?limit=" + PAGE + "&offset=" + from))
                .timeout(Duration.ofSeconds(30))
                .build();
        HttpResponse<String> answer;
        try {
            answer = FrameSocket.HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        if (answer.statusCode() != 200) {
            throw new IOException("consume was answered with " + answer.statusCode() + " " + answer.body());
        }
        List<Oracle.Stored> messages = new ArrayList<>();
        Matcher matcher = MESSAGE.matcher(answer.body());
        while (matcher.find()) {
            messages.add(new Oracle.Stored(Long.parseLong(matcher.group(1)), matcher.group(2)));
        }
        return new Page(
                Long.parseLong(answer.headers().firstValue("Topic-Epoch").orElseThrow()), messages);
    }

    /// Reads from an offset to the end.
    static Page toTheEnd(URI base, String topic, long from) throws IOException {
        List<Oracle.Stored> all = new ArrayList<>();
        long next = from;
        while (true) {
            Page page = page(base, topic, next);
            if (page.messages.isEmpty()) {
                return new Page(page.epoch, all);
            }
            all.addAll(page.messages);
            next = page.messages.getLast().offset() + 1;
        }
    }

    /// Asks once for what a follower has not seen.
    ///
    /// @return how many messages came
    static int follow(Oracle oracle, String name, URI base, String topic) throws IOException {
        Page page = page(base, topic, oracle.nextOf(name, topic));
        for (Oracle.Stored message : page.messages) {
            oracle.seen(name, new Place(topic, page.epoch, message.offset()), message.text());
        }
        return page.messages.size();
    }
}
