package io.topicstream.server;

import io.topicstream.dialect.Dialects;
import io.topicstream.http.Route;
import io.topicstream.server.config.ServerConfig;
import io.topicstream.server.pages.ChatPage;
import io.topicstream.server.pages.PageFiles;
import io.topicstream.server.websocket.StageDefinition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Whether a server has a chat page, and for which of its stages.
///
/// @param path of the page; null: there is none
/// @param absence why there is none, where its operator did not turn it off
record ChatPageStart(
        List<Route> routes, @Nullable String path, @Nullable String absence) {
    /// The stage at which the page looks by itself.
    private static final String USUAL_STAGE = "v1";

    static ChatPageStart of(ServerConfig config) {
        if (!config.pages().enabled()) {
            return new ChatPageStart(List.of(), null, null);
        }
        List<String> stages = config.stages().stream()
                .filter(stage -> stage.dialect() == Dialects.Name.NATIVE)
                .map(StageDefinition::segment)
                .toList();
        if (config.stages().stream().anyMatch(stage -> stage.segment().equals(ChatPage.SEGMENT))) {
            return absent("a stage has the path /" + ChatPage.SEGMENT);
        }
        if (stages.isEmpty()) {
            return absent("it needs a stage of the native dialect");
        }
        ChatPage page =
                new ChatPage(PageFiles.ofChat(), stages.contains(USUAL_STAGE) ? null : "../" + stages.getFirst());
        return page.isBuilt()
                ? new ChatPageStart(page.routes(), ChatPage.PATH, null)
                : new ChatPageStart(
                        page.routes(),
                        null,
                        "there is no chat page: this build has none, for it was made without npm; its sources are in"
                                + " web/, and docs/chat-page.md says how it is built");
    }

    private static ChatPageStart absent(String why) {
        return new ChatPageStart(List.of(), null, "there is no chat page: " + why);
    }
}
