package io.topicstream.server;

import io.topicstream.access.ApiKeys;
import io.topicstream.access.EndedRights;
import io.topicstream.http.Route;
import io.topicstream.log.Timers;
import io.topicstream.people.Erasures;
import io.topicstream.people.Exports;
import io.topicstream.people.People;
import io.topicstream.people.UserPlaces;
import io.topicstream.server.admin.AdminErasures;
import io.topicstream.server.admin.AdminExports;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;

/// What is done with all that a server keeps of one user: it is erased, or exported. Both know the same
/// places.
final class DataOfUsers {
    private final Erasures erasures;
    private final Exports exports;

    DataOfUsers(Engine engine, People people, ApiKeys keys, EndedRights rights, InstantSource clock, Timers timers) {
        UserPlaces places = new UserPlaces(engine.state(), people, keys);
        this.erasures = new Erasures(engine.state(), engine.log(), people.redactions(), places, clock, timers);
        this.exports = new Exports(engine.state(), engine.log(), places, rights, clock, timers);
    }

    List<Route> routes() {
        return Stream.of(new AdminErasures(erasures).routes(), new AdminExports(exports).routes())
                .flatMap(List::stream)
                .toList();
    }

    /// Takes up the erasures that a server left.
    void resume() {
        erasures.resume();
    }

    /// Begins no erasure more. Exports have ended with their connections.
    void stop() {
        erasures.stop();
    }
}
