package io.topicstream.server.admin;

import io.topicstream.access.Identity;
import io.topicstream.http.Access;
import io.topicstream.http.Exchange;
import io.topicstream.http.Route;
import io.topicstream.http.StreamedAnswer;
import io.topicstream.people.Exports;
import io.topicstream.protocol.ErrorCode;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/// The route `/admin/users/{user}/data`, by which all that is kept of a user is exported. For the
/// administrator.
public final class AdminExports {
    private static final System.Logger LOGGER = System.getLogger(AdminExports.class.getName());
    private static final Map<String, String> FIELDS =
            Map.of("X-Content-Type-Options", "nosniff", "Cache-Control", "no-store");

    private final Exports exports;

    public AdminExports(Exports exports) {
        this.exports = exports;
    }

    /// The routes.
    public List<Route> routes() {
        return List.of(new Route("GET", "/admin/users/{user}/data", Access.ADMIN, this::export));
    }

    /// `GET /admin/users/{user}/data`
    private void export(Exchange exchange) {
        String user = exchange.parameter("user");
        if (exchange.refusesParametersBut()) {
            return;
        }
        if (!Identity.isValidId(user)) {
            exchange.refusePrivately(ErrorCode.BAD_FRAME, "a user's id is 1 to 96 characters of A-Z a-z 0-9 . _ @ + -");
            return;
        }
        Exports.Export export = exports.begin(user);
        if (export == null) {
            exchange.refusePrivately(
                    ErrorCode.LIMIT_EXCEEDED, Exports.MOST + " exports are being made already; ask again later");
            return;
        }
        LOGGER.log(
                System.Logger.Level.INFO,
                "data of a user is being exported, by the administrator from "
                        + exchange.credentials().address().getHostAddress());
        exchange.answerStream(
                200,
                "application/x-ndjson",
                FIELDS,
                new Answer(export, exchange.method().equals("HEAD")));
    }

    private record Answer(Exports.Export export, boolean withoutBody) implements StreamedAnswer {
        @Override
        public void onOpen(Pieces pieces) {
            if (withoutBody) {
                pieces.end();
                return;
            }
            var _ = export.run(pieces::write).whenComplete((_, failure) -> {
                if (failure == null) {
                    pieces.end();
                } else {
                    onFailure(failure);
                    pieces.abort();
                }
            });
        }

        private void onFailure(Throwable failure) {
            @Nullable Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
            if (!export.isOver() && !(cause instanceof CancellationException)) {
                LOGGER.log(System.Logger.Level.WARNING, "the export of a user's data was cut off", failure);
            }
        }

        @Override
        public void onClosed() {
            export.close();
        }
    }
}
