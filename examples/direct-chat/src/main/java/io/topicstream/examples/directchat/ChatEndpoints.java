package io.topicstream.examples.directchat;

import io.topicstream.examples.backend.Endpoints;
import io.topicstream.examples.backend.Reply;
import java.util.function.Function;

/// The direct chat's endpoints: five that are posted to.
final class ChatEndpoints {
    private ChatEndpoints() {}

    /// Has a back end answer with what a chat does.
    static void add(Endpoints endpoints, Chat chat) {
        post(endpoints, "/connect", chat::connect);
        post(endpoints, "/disconnect", chat::disconnect);
        post(endpoints, "/username", chat::username);
        post(endpoints, "/online", chat::online);
        post(endpoints, "/message", chat::message);
    }

    private static void post(Endpoints endpoints, String path, Function<Request, Reply> work) {
        endpoints.at("POST", path, asked -> {
            Request request = Request.of(asked.body());
            return request == null
                    ? Reply.refused("could not decode input")
                    : work.apply(request).of(request.connectionId());
        });
    }
}
