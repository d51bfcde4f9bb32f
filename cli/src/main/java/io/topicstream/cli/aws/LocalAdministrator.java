package io.topicstream.cli.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.aws.audience.FrontDoor;
import io.topicstream.aws.http.TokenHash;
import io.topicstream.events.Destinations;
import io.topicstream.events.admin.SinkParts;
import io.topicstream.events.admin.SinkRoutes;
import io.topicstream.http.Route;
import io.topicstream.http.admin.AdminKeys;
import io.topicstream.http.admin.AdminUsers;
import io.topicstream.settings.section.DestinationSection;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Who manages keys, users and sinks on this machine: by the token whose hash is in the settings, or by one that is
/// made once and told
/// at each start. That one is kept as it is, for a table on this machine to which all have access anyway. Thread-safe.
final class LocalAdministrator implements AutoCloseable {
    private static final String PARTITION = "dev-administrator";
    private static final String KEY = "token";
    private static final int RANDOM_BYTES = 32;

    private final TokenHash hash;
    private final @Nullable String token;
    private final Destinations destinations;
    private final Runnable onSinksChanged;

    private LocalAdministrator(
            TokenHash hash, @Nullable String token, Destinations destinations, Runnable onSinksChanged) {
        this.hash = hash;
        this.token = token;
        this.destinations = destinations;
        this.onSinksChanged = onSinksChanged;
    }

    /// Blocks where it looks for a token.
    ///
    /// @param state where a token is kept
    /// @param onSinksChanged tells those who post to them
    static LocalAdministrator of(LocalSettings settings, StateStore state, Runnable onSinksChanged) {
        TokenHash given = settings.adminHash();
        Destinations destinations = destinations(settings.destinations());
        if (given != null) {
            return new LocalAdministrator(given, null, destinations, onSinksChanged);
        }
        String token = kept(state);
        return new LocalAdministrator(TokenHash.ofToken(token), token, destinations, onSinksChanged);
    }

    private static String kept(StateStore state) {
        while (true) {
            StateRecord record = state.get(PARTITION, KEY).toCompletableFuture().join();
            if (record != null) {
                return new String(record.value(), UTF_8);
            }
            byte[] random = new byte[RANDOM_BYTES];
            new SecureRandom().nextBytes(random);
            String made = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
            if (state.put(PARTITION, KEY, made.getBytes(UTF_8), StateStore.ABSENT, StateStore.NEVER)
                            .toCompletableFuture()
                            .join()
                    != 0) {
                return made;
            }
        }
    }

    /// Where sinks may be: nobody else reaches what listens here, so this machine is one.
    static Destinations destinations(DestinationSection section) {
        return new Destinations(section.hosts(), address -> section.mayBeAt(address, true), InetAddress::getAllByName);
    }

    /// The token, where it was made here.
    @Nullable
    String token() {
        return token;
    }

    boolean isToken(String presented) {
        return hash.matches(presented);
    }

    /// His routes.
    List<List<Route>> routes(FrontDoor.Ports ports, FrontDoor door, InstantSource clock) {
        SinkParts sinks =
                new SinkParts(ports.log(), ports.state(), ports.stateOfNodes(), destinations, clock, Map.of(), () -> {
                    onSinksChanged.run();
                    return CompletableFuture.completedFuture(true);
                });
        return List.of(
                new AdminKeys(door.keys(), clock, () -> false).routes(),
                new AdminUsers(door.rights(), clock).routes(),
                new SinkRoutes(sinks).routes());
    }

    @Override
    public void close() {
        destinations.close();
    }
}
