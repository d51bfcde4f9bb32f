package io.topicstream.server;

import io.topicstream.access.Credentials;
import io.topicstream.access.EndedRights;
import io.topicstream.door.Doorman;
import io.topicstream.gateway.definition.DefinitionException;
import io.topicstream.gateway.definition.Definitions;
import io.topicstream.gateway.model.Definition;
import io.topicstream.http.Routes;
import io.topicstream.server.config.ServerConfig;
import io.topicstream.server.config.section.GatewaySection;
import io.topicstream.server.door.HeadCredentials;
import io.topicstream.server.gateway.ServedGateway;
import io.topicstream.server.websocket.LaneFronts;
import io.topicstream.server.websocket.StageTable;
import io.topicstream.topic.OutboundBudget;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The composition of the gateway in a server: its definition is read before anything is opened, and it is put
/// together when the lanes are there.
final class GatewayStart {
    private final ServerConfig config;
    private final GatewaySection section;
    private final Definition definition;

    private GatewayStart(ServerConfig config, GatewaySection section, Definition definition) {
        this.config = config;
        this.section = section;
        this.definition = definition;
    }

    /// Reads the definition of the configured gateway.
    ///
    /// @return null where there is no gateway
    /// @throws StartException where it cannot be run
    static @Nullable GatewayStart of(ServerConfig config) throws StartException {
        @Nullable GatewaySection section = config.gateway();
        if (section == null) {
            return null;
        }
        @Nullable String refusal = section.refusal(config.isLoopbackOnly());
        if (refusal != null) {
            throw new StartException(StartException.Cause.REFUSED, refusal);
        }
        try {
            return new GatewayStart(config, section, Definitions.read(section.definition(), section.parameters()));
        } catch (DefinitionException e) {
            throw new StartException(
                    StartException.Cause.REFUSED,
                    e.findings().stream().map(Object::toString).collect(Collectors.joining("; ")),
                    e);
        }
    }

    /// Puts the gateway together.
    ///
    /// @param rights whose have ended
    ServedGateway open(
            LaneFronts lanes,
            Doorman doorman,
            EndedRights rights,
            OutboundBudget budget,
            InstantSource clock,
            RandomGenerator random) {
        return new ServedGateway(
                section,
                definition,
                new ServedGateway.Node(
                        lanes.connections(),
                        lanes::connectionsOn,
                        lanes.fronts(),
                        doorman,
                        rights,
                        loop -> lanes.lane(loop).flush(),
                        budget,
                        config.webSocket(),
                        clock,
                        random,
                        System.getenv()));
    }

    /// What the server has of its own, in front of which the gateway stands.
    static ServedGateway.Own own(Routes routes, StageTable stages, Doorman doorman) {
        return new ServedGateway.Own(
                routes::isPath,
                path -> stages.at(path) != null,
                head -> doorman.turnsAway(
                                head.headers("Origin"),
                                head.host(),
                                Credentials.none(
                                        HeadCredentials.address(head),
                                        head.source().isLocal()))
                        != null);
    }
}
